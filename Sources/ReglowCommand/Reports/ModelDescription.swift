import Reglow
import TrainingReports

/// What `reglow info MODEL` says.
struct ModelDescription: Encodable {
    let path: String
    /// The size of the file.
    let bytes: Int
    let parameters: Int
    let architecture: Architecture
    let card: [String: String]
    let cost: Cost

    struct Architecture: Encodable {
        let imageChannels: Int
        let levels: Int
        let steps: [Int]
        let hidden: Int
        let coupling: String
        let pixelShift: Float
        /// Height and width of the canvas are multiples of it.
        let sizeMultiple: Int
        /// The version of the model file.
        let format: String
        /// What is otherwise than in version 1, by the names of the model file.
        let differences: [String]
        /// Height and width of the only canvas that the model takes, where there is one.
        let fixedSize: [Int]?
    }

    /// Multiply-accumulates of one pass over one image: `forward`, `inverse` or a product with a Jacobian. A gradient is two passes.
    struct Cost: Encodable {
        /// Height and width of the canvas.
        let size: [Int]
        let macsPerPass: Double
        let macsOfCouplings: Double
        let macsOfMixings: Double
    }

    /// - Parameter size: image size for the cost; it is rounded up to one that the model takes.
    init(_ file: ModelFile, size: Problem.ImageSize) throws {
        let model = file.architecture
        path = file.path
        bytes = file.bytes
        parameters = model.parameterCount
        card = file.card.entries
        architecture = Architecture(
            imageChannels: model.imageChannels, levels: model.levels, steps: model.steps, hidden: model.hidden,
            coupling: model.coupling.rawValue, pixelShift: model.pixelShift, sizeMultiple: model.sizeMultiple,
            format: model.format, differences: model.variant.differences(levels: model.levels),
            fixedSize: model.fixedImageSize.map { [$0.height, $0.width] })
        let shape = ImageShape(channels: model.imageChannels, height: size.height, width: size.width)
        let padded = try Cropping.padding(shape, toMultipleOf: model.sizeMultiple).imageShape
        let canvas = model.fixedImageSize ?? (padded.height, padded.width)
        let macs = model.multiplyAccumulates(height: canvas.height, width: canvas.width)
        cost = Cost(
            size: [canvas.height, canvas.width], macsPerPass: macs.couplings + macs.mixings, macsOfCouplings: macs.couplings,
            macsOfMixings: macs.mixings)
    }

    var text: String {
        let steps = architecture.steps.map(String.init).joined(separator: ", ")
        var lines = [
            path,
            "architecture     Glow, \(architecture.coupling) coupling, \(architecture.levels) levels of \(steps) steps, "
                + "\(architecture.hidden) hidden channels",
            "images           \(architecture.imageChannels) channels, canvas "
                + (architecture.fixedSize.map { "of \($0[0])x\($0[1]) pixels only" }
                    ?? "in multiples of \(architecture.sizeMultiple) pixels"),
            "size             \(parameters) parameters, \((Double(bytes) / 1e6).fixed(1)) MB",
            Columns.line([("cost at \(cost.size[0])x\(cost.size[1])", -15)])
                + "  \((cost.macsPerPass / 1e9).fixed(3)) GMAC per pass; a gradient is two passes",
        ]
        if !architecture.differences.isEmpty {
            lines.append("format           \(architecture.format): \(architecture.differences.joined(separator: ", "))")
        }
        if !card.isEmpty { lines.append("card") }
        lines += card.sorted { $0.key < $1.key }.map { "  \(escaped($0.key)): \(escaped($0.value))" }
        return lines.joined(separator: "\n")
    }
}

/// Text from a file, fit for a terminal: control characters written as escapes.
func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }.joined()
}
