import CReglow
import Files
import Reglow

/// A checkpoint that was read, with what callers are told of it.
final class ImportObject: HandleObject {
    static let kind = "imported checkpoint"

    let imported: ImportedGlow
    let report: CText

    /// - Throws: a `Fault` that names the option at fault; `CheckpointError`, `FileError` and `ImportSettingError` as `ImportedGlow` does.
    init(checkpoint: String, _ options: reglow_import_options) throws {
        var settings = ImportSettings()
        if options.settings != nil {
            let text = try givenText(options.settings, "settings")
            do {
                settings = try ImportSettings(text)
            } catch {
                throw Fault.argument("settings: \(error)")
            }
        }
        try requireCount(options.noise_levels, "noise_levels", 0 ... 8)
        let levels = options.noise_levels == 0 ? nil : options.noise_levels
        let threads = try threadCount(options.threads)
        let configuration = try options.config.map { try ImportConfiguration(path: PathName.decode(cString: given($0, "config"))) }
        let notes = Notes()
        let probe = try options.probe.map {
            try ImportProbe(folder: PathName.decode(cString: given($0, "probe")), noiseLevels: levels, notes: notes)
        }
        imported = try ImportedGlow(
            checkpoint: checkpoint, settings: settings, configuration: configuration ?? ImportConfiguration(), probe: probe,
            threads: threads)
        report = CText(try JSONText.encode(ImportReport(imported, output: nil, check: nil)))
        let told = notes.all.map { "\($0.about): \($0.text)" } + imported.notes
        for note in told { PathName.shown(inText: note).withCString { options.on_note?($0, options.context) } }
    }
}

extension reglow_import_options: VersionedStruct {
    static var name: String { "reglow_import_options" }
    static var defaults: reglow_import_options { reglow_import_options() }
}
