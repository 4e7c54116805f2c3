import Glibc

// Paths are strings as `PathName` makes them of any bytes. They are taken apart at the bytes of slashes and dots, because in Swift a
// slash and an accent behind it are one character.

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// What follows the last slash; slashes at the end do not count.
package func fileName(of path: String) -> String {
    path.utf8.split(separator: slash).last.map { String(Substring($0)) } ?? ""
}

/// What stands before the file name: `in` for `in/face.png`, `.` for `face.png`, `/` for `/face.png`.
package func folder(of path: String) -> String {
    var rest = path.utf8[...]
    while rest.last == slash { rest.removeLast() }
    guard let place = rest.lastIndex(of: slash) else { return path.utf8.first == slash ? "/" : "." }
    rest = rest[..<place]
    while rest.last == slash { rest.removeLast() }
    return rest.isEmpty ? "/" : String(Substring(rest))
}

/// The name without its last extension: `face` for `in/face.png`.
package func baseName(of path: String) -> String {
    let name = fileName(of: path)
    return name.utf8.lastIndex(of: dot).map { String(name[..<$0]) } ?? name
}

/// The last extension in lower case, without its dot: `png` for `in/face.PNG`.
package func fileExtension(of path: String) -> String {
    let name = fileName(of: path)
    return name.utf8.lastIndex(of: dot).map { String(name[name.utf8.index(after: $0)...]).lowercased() } ?? ""
}

/// The path free of symbolic links, `.` and `..`; nil when nothing is there.
package func realPath(_ path: String) -> String? {
    guard let real = PathName.withSystemPath(path, { realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return PathName.decode(cString: real)
}
