import Glibc

/// What follows the last slash; slashes at the end do not count.
func fileName(of path: String) -> String {
    String(path.split(separator: "/").last ?? "")
}

/// What stands before the file name: `in` for `in/face.png`, `.` for `face.png`, `/` for `/face.png`.
func folder(of path: String) -> String {
    var rest = Substring(path)
    while rest.last == "/" { rest.removeLast() }
    guard let slash = rest.lastIndex(of: "/") else { return path.hasPrefix("/") ? "/" : "." }
    rest = rest[..<slash]
    while rest.last == "/" { rest.removeLast() }
    return rest.isEmpty ? "/" : String(rest)
}

/// The name without its last extension: `face` for `in/face.png`.
func baseName(of path: String) -> String {
    let name = fileName(of: path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
}

/// The last extension in lower case, without its dot: `png` for `in/face.PNG`.
func fileExtension(of path: String) -> String {
    let name = fileName(of: path)
    return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
}

/// The path free of symbolic links, `.` and `..`; nil when nothing is there.
func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}
