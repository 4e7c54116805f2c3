import GlowModel

/// A checkpoint of one of the known families, opened, its model found in it; no weight has been read.
package struct GlowCheckpoint: Sendable {
    package let path: String
    package let family: CheckpointFamily
    package let format: CheckpointContainer.Format
    /// Where the model stands in the file: the keys of the dictionaries around its state dict, and what all of its keys begin with.
    package let place: String
    package let prefix: String
    private let container: CheckpointContainer
    private let table: TensorTable

    /// - Throws: `CheckpointError` for a file that is none, is damaged, or holds no model or several.
    package init(path: String) throws {
        container = try CheckpointContainer(path: path)
        self.path = path
        format = container.format
        do {
            (family, table, prefix) = try CheckpointFamily.find(in: container.tables)
        } catch let error as Fault {
            throw CheckpointError(path: path, reason: error.reason)
        }
        place = table.place
    }

    /// The SHA-256 hash of the file, in hexadecimal digits.
    package func digest() -> String { container.digest() }

    /// The model with everything set that the file or the settings say. What stays open has its first value.
    ///
    /// - Throws: `CheckpointError` that names the key at fault, and for a setting that the family does not have.
    package func folded(_ settings: ImportSettings, _ configuration: ImportConfiguration = ImportConfiguration()) throws -> FoldedFlow {
        do {
            for (key, _) in settings.assigned where !key.families.contains(family) {
                throw Fault("is of the family \(family.rawValue), which has no \(key.rawValue) to be set")
            }
            let state = StateDict(container, table, prefix: prefix)
            let offset = settings.inputOffset ?? family.inputOffset
            let folded =
                switch family {
                case .glowip: try GlowIPReader.fold(state, inputOffset: offset)
                case .rosinality, .dajin: try BlocksReader.fold(state, family, inputOffset: offset)
                case .y0ast, .chaiyujin, .pclucas: try FlatFlowReader.fold(state, family, settings, configuration, inputOffset: offset)
                case .normflows: try NormflowsReader.fold(state, settings, inputOffset: offset)
                case .kamen: try KamenReader.fold(state, inputOffset: offset)
                case .openai: try OpenAIReader.fold(state, settings, inputOffset: offset)
                }
            container.evict()
            return folded
        } catch let error as Fault {
            throw CheckpointError(path: path, reason: error.reason)
        }
    }
}
