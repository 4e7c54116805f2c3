import KernelInterface

/// What a model must compute, `reglow-golden/1`: images with their latents, and products with the Jacobians, in double precision.
package struct GoldenFile: Sendable {
    /// The tensors, named as in the file. `inverse...` are taken at `latent`.
    package enum Tensor: String, Sendable, CaseIterable {
        case image, latent
        case logDeterminant = "log_determinant"
        case imageTangent = "image_tangent"
        case forwardJVP = "forward_jvp"
        case latentCotangent = "latent_cotangent"
        case forwardVJP = "forward_vjp"
        case latentTangent = "latent_tangent"
        case inverseJVP = "inverse_jvp"
        case imageCotangent = "image_cotangent"
        case inverseVJP = "inverse_vjp"
        case logDeterminantGradient = "log_determinant_gradient"

        /// The vector that a product is taken with.
        var factor: Tensor? {
            switch self {
            case .forwardJVP: .imageTangent
            case .forwardVJP: .latentCotangent
            case .inverseJVP: .latentTangent
            case .inverseVJP: .imageCotangent
            default: nil
            }
        }

        /// (N, channels, H, W) for images, (N, n) for latents with n = channels H W, (N) for the log-determinant.
        func dimensions(count: Int, image: ImageShape) -> [Int] {
            switch self {
            case .logDeterminant: [count]
            case .latent, .forwardJVP, .latentCotangent, .latentTangent, .inverseVJP: [count, image.count]
            case .image, .imageTangent, .forwardVJP, .inverseJVP, .imageCotangent, .logDeterminantGradient:
                [count, image.channels, image.height, image.width]
            }
        }
    }

    /// File name of the model that the values belong to, where the file says it.
    package let model: String?
    /// N, at least 1.
    package let count: Int
    package let imageShape: ImageShape
    private let values: [Tensor: [Double]]

    static let format = "reglow-golden/1"

    init(model: String?, count: Int, imageShape: ImageShape, values: [Tensor: [Double]]) {
        self.model = model
        self.count = count
        self.imageShape = imageShape
        self.values = values
    }

    /// - Throws: `ModelFileError` when the file is not a golden file for this architecture: images of another form, no latent, a
    ///   tensor that the format does not know, a product without its factor, a wrong shape, a value that is not finite.
    package init(path: String, architecture: GlowArchitecture) throws {
        let file = try SafetensorsFile(path: path)
        func fault(_ tensor: Tensor, _ text: String) -> ModelFileError {
            ModelFileError(path: path, .tensor(name: tensor.rawValue), text)
        }
        guard let format = file.metadata["format"], format == Self.format else {
            let stated = file.metadata["format"].map { "is \(ModelFileError.quoted($0))" } ?? "is missing"
            throw ModelFileError(path: path, .metadata(key: "format"), "\(stated), expected \"\(Self.format)\"")
        }

        let images = try file.shape(Tensor.image.rawValue)
        guard images.count == 4, images[0] > 0, images[1] == architecture.imageChannels,
            architecture.isValid(height: images[2], width: images[3])
        else {
            let expected = "(N, \(architecture.imageChannels), H, W), H and W multiples of \(architecture.sizeMultiple)"
            throw fault(.image, "shape \(ModelFileError.written(images)), expected \(expected)")
        }
        count = images[0]
        imageShape = ImageShape(channels: images[1], height: images[2], width: images[3])
        model = file.metadata["model"]

        var values = [Tensor: [Double]]()
        for name in file.tensorNames {
            guard let tensor = Tensor(rawValue: name) else {
                throw ModelFileError(path: path, .tensor(name: name), "is not part of a golden file")
            }
            values[tensor] = try file.float64(name, shape: tensor.dimensions(count: count, image: imageShape))
        }
        guard values[.latent] != nil else { throw fault(.latent, "is missing") }
        for tensor in Tensor.allCases {
            if let factor = tensor.factor, (values[tensor] == nil) != (values[factor] == nil) {
                throw fault(values[tensor] == nil ? tensor : factor, "is missing")
            }
        }
        self.values = values
    }

    /// Row-major values; `nil` where the file has no such tensor. `image` and `latent` are always there.
    package subscript(tensor: Tensor) -> [Double]? { values[tensor] }
}
