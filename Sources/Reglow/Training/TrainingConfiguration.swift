import Files
import GlowModel
import GlowTraining
import KernelInterface
import TrainingImages

extension Training {
    /// What is trained, on what, and when it reports.
    public struct Configuration: Sendable {
        /// The folder of images; those of the folders in it count too.
        public var images: String
        /// The model file, with the ending safetensors; the other files stand beside it.
        public var model: String
        /// The flow that is trained.
        public var start: Start
        /// A folder of images to measure the model on, never trained with.
        public var validation: String?
        /// How images become batches.
        public var crops = Crops()
        /// How the parameters are moved.
        public var optimizer = TrainingOptions()
        /// When the training reports, keeps what it has, and ends.
        public var reports = Reports()
        /// The seed of the first weights, the order of the images, crops and noise.
        public var seed: UInt64 = 0
        /// The arithmetic of the coupling networks.
        public var precision = Precision.fp32
        /// How many threads work at once; nil is what the machine and its cgroup offer.
        public var threads: Int?
        /// Bytes for what a step keeps of its forward pass; where that is too little, it is computed again.
        public var activationMemory = 4 << 30
        /// Bytes for decoded images; those beyond it are decoded again at each use, with the same result.
        public var imageMemory = ImageCorpus.defaultMemoryLimit
        /// Terms of use for the model's card.
        public var license: String?

        /// - Parameters:
        ///   - images: the folder of images.
        ///   - model: the model file.
        ///   - start: the flow that is trained.
        public init(images: String, model: String, start: Start) {
            self.images = images
            self.model = model
            self.start = start
        }
    }

    /// How images become batches.
    public struct Crops: Sendable {
        /// The side of the square crops in pixels, a multiple of 2 to the power of the levels.
        public var size = 64
        /// The crops of a step.
        public var batch = 32
        /// Whether half of the crops are mirrored left to right.
        public var flips = true
        /// A crop is shrunk by a random factor from 1 to this.
        public var largestShrink = 1.0
        /// The part of the crops that is given fine colour, in which brightness has detail: for files whose chroma was subsampled.
        public var chromaDetail = 0.0
        /// The quality with which the JPEG files of the folder were saved, to take away the noise that it made; nil leaves them.
        public var jpegQuality: Int?
        /// Bits of an image whose steps are as wide as the noise that is added: 5 gives noise of width 1/32.
        public var noiseBits = 5
        /// The most crops of the validation images, taken at even distances.
        public var validationLimit = 300

        /// Makes the standard values.
        public init() {}

        var samplerOptions: BatchSampler.Options {
            var options = BatchSampler.Options()
            options.cropSize = size
            options.batch = batch
            options.flips = flips
            options.largestShrink = largestShrink
            options.chromaDetail = chromaDetail
            return options
        }
    }

    /// When a training reports, keeps what it has, and ends. Steps count from 1.
    public struct Reports: Sendable {
        /// A record of the log every so many steps, at least 1.
        public var recordEvery = 100
        /// A measurement on the validation images every so many steps, at least 1.
        public var validateEvery = 500
        /// A picture of samples every so many steps; 0 draws none.
        public var samplesEvery = 1000
        /// A checkpoint every so many steps, at least 1, and at the end.
        public var checkpointEvery = 500
        /// Measurements in a row that were no better than the best after which the training ends; nil goes on.
        public var patience: Int?
        /// How long a run may take; nil is as long as it takes.
        public var stopAfter: Duration?

        /// Makes the standard values.
        public init() {}
    }

    /// The flow that is trained.
    public enum Start: Sendable {
        /// A new flow, whose actnorm layers the first batch sets.
        case new(GlowArchitecture)
        /// The flow of a model file, of colour images. With `stepsPerLevel` it is given more steps, and with `coupling` affine coupling, both
        /// of which change nothing at first.
        case model(path: String, stepsPerLevel: Int? = nil, coupling: GlowArchitecture.Coupling? = nil)

        /// - Throws: `ModelFileError` for a file that is no model, `TrainingError` or `GlowArchitectureError` for what it cannot become.
        package func architecture() throws -> GlowArchitecture {
            switch self {
            case .new(let architecture): return architecture
            case .model(_, let stepsPerLevel, _):
                let architecture = try source().architecture
                return try stepsPerLevel.map { try architecture.deepened(stepsPerLevel: $0) } ?? architecture
            }
        }

        /// The parameters to start from, and whether the first batch sets the actnorm layers.
        func parameters(seed: UInt64) throws -> (TrainingParameters, startsActnorm: Bool) {
            switch self {
            case .new(let architecture): return (try .random(architecture: architecture, seed: seed), true)
            case .model(_, let stepsPerLevel, _):
                let parameters = try TrainingParameters.starting(from: source())
                return (try stepsPerLevel.map { try parameters.deepened(stepsPerLevel: $0, seed: seed) } ?? parameters, false)
            }
        }

        /// What is kept of it in a checkpoint.
        var name: String {
            if case .model(let path, _, _) = self { baseName(of: path) } else { "none" }
        }

        private func source() throws -> any GlowParameterSource {
            guard case .model(let path, _, let coupling) = self else { throw TrainingError("a new flow has no model file") }
            let file = try ModelFile(path: path)
            guard file.architecture.imageChannels == 3 else {
                throw TrainingError("\(path) is a model of grey images; training is for colour images")
            }
            try file.architecture.requireTrainable()
            guard let coupling, coupling != file.architecture.coupling else { return file }
            guard coupling == .affine else { throw TrainingError("\(path) has affine coupling, which cannot be taken away") }
            return try AffineEquivalent(file)
        }
    }
}
