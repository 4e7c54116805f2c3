import CheckpointSupport
import Foundation
import TestSupport
import Testing

/// Imports and exports through the interface: the files of the library, byte for byte.
@Suite struct CheckpointFunctionsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func checkpoint(_ family: CheckpointFamily, isAffine: Bool = true) throws -> String {
        try folder.file("c.pt", holding: MadeFile.bytes(FamilyTwin(family, isAffine: isAffine).state, .zip))
    }

    private func options() -> reglow_import_options {
        var options = reglow_import_options()
        expectOK(reglow_import_options_init(&options, MemoryLayout<reglow_import_options>.size))
        return options
    }

    private func report(_ imported: OpaquePointer) throws -> [String: Any] {
        let text = String(cString: try #require(reglow_import_report(imported)))
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(arguments: CheckpointFamily.allCases) func theModelIsThatOfTheLibrary(family: CheckpointFamily) throws {
        let path = try checkpoint(family)
        var options = options()
        let text = family == .glowip ? "squeeze=contiguous, last-offset=1" : ""
        let imported = try LoadedModel.made { place in
            text.withCString {
                options.settings = $0
                return reglow_import_checkpoint(path, &options, place)
            }
        }
        expectOK(reglow_import_write(imported, folder.file("m.safetensors")))
        let twin = try ImportedGlow(checkpoint: path, settings: ImportSettings(text))
        try folder.makeFolder("twin")
        try twin.write(to: folder.file("twin/m.safetensors"))
        let written = try ["m.safetensors", "twin/m.safetensors"].map { try Data(contentsOf: URL(fileURLWithPath: folder.file($0))) }
        #expect(written[0] == written[1] && !written[0].isEmpty)

        let report = try report(imported)
        #expect(report["family"] as? String == family.rawValue && report["sha256"] as? String == twin.digest)
        #expect(report["format"] as? String == "reglow-glow/2" && report["output"] == nil)
        let architecture = try #require(report["architecture"] as? [String: Any])
        #expect(architecture["steps"] as? [Int] == twin.architecture.steps && architecture["hidden"] as? Int == twin.architecture.hidden)
        expectOK(reglow_import_free(imported))
        expectRefused(reglow_import_write(imported, folder.file("m.safetensors")), REGLOW_BAD_HANDLE, "imported checkpoint")
    }

    /// The probe's images measure the model, and one that does not fit is told of.
    @Test func aProbeMeasures() throws {
        let path = try checkpoint(.kamen)
        try folder.makeFolder("images")
        try ImageFile.write(try picture(height: 4, width: 4), to: folder.file("images/a.png"))
        try ImageFile.write(try picture(height: 6, width: 6), to: folder.file("images/b.png"))
        final class Heard { var notes: [String] = [] }
        let heard = Heard()
        var options = options()
        options.context = Unmanaged.passUnretained(heard).toOpaque()
        options.on_note = { note, context in
            Unmanaged<Heard>.fromOpaque(context!).takeUnretainedValue().notes.append(String(cString: note!))
        }
        options.noise_levels = 8
        options.threads = 1
        let imported = try LoadedModel.made { place in
            folder.file("images").withCString {
                options.probe = $0
                return reglow_import_checkpoint(path, &options, place)
            }
        }
        defer { reglow_import_free(imported) }
        let report = try report(imported)
        #expect(report["probe_images"] as? Int == 1 && report["noise_levels"] as? Int == 8)
        #expect((report["bits_per_dimension"] as? Double)?.isFinite == true)
        #expect(heard.notes.count == 1 && heard.notes[0].contains("left out"))
    }

    @Test func badArgumentsAreNamed() throws {
        let path = try checkpoint(.glowip)
        var imported: OpaquePointer?
        func refused(
            _ status: reglow_status, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout reglow_import_options) -> Void
        ) {
            var options = options()
            change(&options)
            let found = reglow_import_checkpoint(path, &options, &imported)
            #expect(found == status, "\(lastError())", sourceLocation: sourceLocation)
            for word in words { #expect(lastError().contains(word), "\(lastError())", sourceLocation: sourceLocation) }
        }
        func set(_ text: String, _ status: reglow_status, _ words: String...) {
            text.withCString { text in
                for word in words { refused(status, word) { $0.settings = text } }
            }
        }
        refused(REGLOW_FILE_ERROR, "does not say squeeze", "last-offset") { _ in }
        set("squeeze=sideways", REGLOW_BAD_ARGUMENT, "settings: squeeze", "interleaved")
        set("squeeze=contiguous,squeeze=contiguous", REGLOW_BAD_ARGUMENT, "set twice")
        set("squeeze=contiguous,", REGLOW_BAD_ARGUMENT, "KEY=VALUE")
        set("sqeeze=contiguous", REGLOW_BAD_ARGUMENT, "Did you mean 'squeeze'")
        set("\u{1F600}", REGLOW_BAD_ARGUMENT, "KEY=VALUE")
        set("class=1", REGLOW_FILE_ERROR, "has no class")
        refused(REGLOW_BAD_ARGUMENT, "noise_levels is 9") { $0.noise_levels = 9 }
        refused(REGLOW_BAD_ARGUMENT, "noise_levels") { $0.noise_levels = -1 }
        refused(REGLOW_BAD_ARGUMENT, "threads") { $0.threads = 5000 }
        refused(REGLOW_BAD_ARGUMENT, "size of reglow_import_options") { $0.size = 3 }
        folder.file("nowhere").withCString { nowhere in
            refused(REGLOW_FILE_ERROR, "nowhere") { $0.config = nowhere }
            refused(REGLOW_FILE_ERROR, "nowhere") { $0.probe = nowhere }
            expectRefused(reglow_import_checkpoint(nowhere, nil, &imported), REGLOW_FILE_ERROR, "nowhere")
        }
        let damaged = try folder.file("damaged.pt", holding: [0x50, 0x4B, 3, 4, 1, 2])
        expectRefused(reglow_import_checkpoint(damaged, nil, &imported), REGLOW_FILE_ERROR, "damaged.pt", "zip archive")
        expectRefused(reglow_import_checkpoint(nil, nil, &imported), REGLOW_BAD_ARGUMENT, "checkpoint is NULL")
        expectRefused(reglow_import_checkpoint(path, nil, nil), REGLOW_BAD_ARGUMENT, "imported is NULL")
        expectRefused(reglow_import_write(nil, "m.safetensors"), REGLOW_BAD_ARGUMENT, "imported checkpoint is NULL")
        #expect(imported == nil && reglow_import_report(nil) == nil)

        let other = try checkpoint(.kamen)
        let read = try LoadedModel.made { reglow_import_checkpoint(other, nil, $0) }
        defer { reglow_import_free(read) }
        expectRefused(reglow_import_write(read, folder.file("m.pt")), REGLOW_BAD_ARGUMENT, "must end in .safetensors")
        expectRefused(reglow_import_write(read, nil), REGLOW_BAD_ARGUMENT, "model is NULL")
        expectRefused(reglow_import_write(read, folder.file("lost/m.safetensors")), REGLOW_FILE_ERROR, "lost/m.safetensors")
    }

    /// What is exported imports again to the same model.
    @Test func aModelIsExported() throws {
        let loaded = try LoadedModel(coupling: .affine)
        var hidden = 0
        expectOK(reglow_export_model(loaded.path, "rosinality", 11, folder.file("e.pt"), &hidden))
        #expect(hidden == 11)
        let back = try LoadedModel.made { reglow_import_checkpoint(folder.file("e.pt"), nil, $0) }
        defer { reglow_import_free(back) }
        let report = try report(back)
        #expect(report["family"] as? String == "rosinality" && report["format"] as? String == "reglow-glow/1")

        expectRefused(reglow_export_model(loaded.path, "openai", 0, folder.file("x.pt"), nil), REGLOW_BAD_ARGUMENT, "family is 'openai'")
        expectRefused(reglow_export_model(loaded.path, "rosinality", 3, folder.file("x.pt"), nil), REGLOW_FILE_ERROR, "not 3")
        expectRefused(reglow_export_model(loaded.path, "rosinality", -1, folder.file("x.pt"), nil), REGLOW_BAD_ARGUMENT, "hidden")
        expectRefused(reglow_export_model(loaded.path, "rosinality", 0, folder.file("x.zip"), nil), REGLOW_BAD_ARGUMENT, ".pth")
        expectRefused(reglow_export_model("faces46", "rosinality", 0, folder.file("x.pt"), nil), REGLOW_FILE_ERROR, "faces64")
        expectRefused(reglow_export_model(nil, nil, 0, nil, nil), REGLOW_BAD_ARGUMENT, "name_or_path is NULL")
        #expect(try folder.names == ["e.pt"])
    }
}
