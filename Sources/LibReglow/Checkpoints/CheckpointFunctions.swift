import CReglow
import Files
import Reglow

@c @implementation
public func reglow_import_options_init(_ options: UnsafeMutablePointer<reglow_import_options>?, _ size: Int) -> reglow_status {
    answer { try reglow_import_options.initialize(options, "options", size: size) }
}

@c @implementation
public func reglow_import_checkpoint(
    _ checkpoint: UnsafePointer<CChar>?, _ options: UnsafePointer<reglow_import_options>?,
    _ imported: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let path = PathName.decode(cString: try given(checkpoint, "checkpoint"))
        let place = try given(imported, "imported")
        let options = try options.map { (given) throws(Fault) in try reglow_import_options.read(given, "options") }
        give(try ImportObject(checkpoint: path, options ?? .defaults), to: place)
    }
}

@c @implementation
public func reglow_import_free(_ imported: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(imported, as: ImportObject.self) }
}

@c @implementation
public func reglow_import_report(_ imported: OpaquePointer?) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) { try HandleTable.shared.object(imported, as: ImportObject.self).report.pointer }
}

@c @implementation
public func reglow_import_write(_ imported: OpaquePointer?, _ model: UnsafePointer<CChar>?) -> reglow_status {
    answer {
        let read: ImportObject = try object(imported)
        let path = PathName.decode(cString: try given(model, "model"))
        try requireEnding(path, "model", [TrainingFiles.modelExtension])
        try read.imported.write(to: path)
    }
}

@c @implementation
public func reglow_export_model(
    _ name_or_path: UnsafePointer<CChar>?, _ family: UnsafePointer<CChar>?, _ hidden: Int, _ output: UnsafePointer<CChar>?,
    _ built_hidden: UnsafeMutablePointer<Int>?
) -> reglow_status {
    answer {
        let name = PathName.decode(cString: try given(name_or_path, "name_or_path"))
        let family = try givenText(family, "family")
        try require(family == "rosinality", "family is '\(family)', but must be rosinality")
        try requireCount(hidden, "hidden", 0 ... 65536)
        let path = PathName.decode(cString: try given(output, "output"))
        try requireEnding(path, "output", ["pt", "pth", TrainingFiles.modelExtension])
        let built = try built_hidden.map { (place) throws(Fault) in try given(place, "built_hidden") }
        let export = try GlowExport(model: ShippedFiles.priorPath(name), hidden: hidden == 0 ? nil : hidden)
        try export.write(to: path)
        built?.pointee = export.hidden
    }
}

/// A path whose ending says what is written.
private func requireEnding(_ path: String, _ name: String, _ endings: [String]) throws(Fault) {
    let list = endings.map { "." + $0 }.joined(separator: ", ")
    try require(endings.contains(fileExtension(of: path)), "\(name) is '\(path)', but must end in \(list)")
}
