import ForwardOperators
import GlowModel
import KernelInterface

extension Problem {
    /// What a measurement depends on, and the part of it that is restored.
    ///
    /// Where the border is unknown, the scene is the image with its surroundings, as far as the operator reaches from the image. The
    /// surroundings are unknowns of the solve like the image itself, which the prior fills, and the result loses them. Elsewhere the scene
    /// is the image.
    public struct Scene: Hashable, Sendable {
        /// Height and width of the scene.
        public let size: ImageSize
        /// Row and column of the scene at which the image begins.
        public let top, left: Int
        /// Height and width of the image.
        public let image: ImageSize
    }

    /// The scene of a measurement of this size.
    ///
    /// - Throws: `ProblemError` or `OperatorError` when that would be too large.
    public func scene(ofMeasurement size: ImageSize) throws -> Scene {
        try scene(around: imageSize(ofMeasurement: size))
    }

    /// The scene of the measurements from which an image of this size is restored.
    ///
    /// - Throws: as `scene(ofMeasurement:)`.
    public func scene(around image: ImageSize) throws -> Scene {
        let surroundings = try surroundings
        let (height, tooHigh) = image.height.addingReportingOverflow(surroundings.height)
        let (width, tooWide) = image.width.addingReportingOverflow(surroundings.width)
        guard !tooHigh, !tooWide else { throw ProblemError.sceneSize(image) }
        return Scene(image, middleOf: ImageSize(height: height, width: width))
    }

    /// Returns where in a truth the image lies that is restored from a measurement: the truth is the image itself, or the scene that the
    /// measurement was made from, of which the image is the middle. Nil for a truth of any other size.
    ///
    /// - Throws: as `scene(ofMeasurement:)`.
    public func scene(ofMeasurement size: ImageSize, inTruth truth: ImageSize) throws -> Scene? {
        let smallest = try scene(ofMeasurement: size)
        if truth == smallest.image { return Scene(truth, middleOf: truth) }
        // Of a scene that has room for no further measured pixel some rows and columns may be left over.
        let spare = 0 ..< max(1, step)
        guard isWindow, spare.contains(truth.height - smallest.size.height), spare.contains(truth.width - smallest.size.width) else {
            return nil
        }
        return Scene(smallest.image, middleOf: truth)
    }

    /// Whether the measurement is a window of a scene that is larger than the image.
    var isWindow: Bool {
        switch self {
        case .deblur(_, .unknown): true
        case .superresolve(_, let filter, .unknown): filter != .mean
        default: false
        }
    }

    /// Rows and columns by which the scene is larger than the image.
    private var surroundings: ImageSize {
        get throws {
            switch self {
            case .deblur(let pointSpread, .unknown):
                return ImageSize(height: pointSpread.height - 1, width: pointSpread.width - 1)
            case .superresolve(let scale, let filter, .unknown):
                let reach = try filter.extent(factor: scale) - scale
                return ImageSize(height: reach, width: reach)
            default:
                return ImageSize(height: 0, width: 0)
            }
        }
    }

    /// The distance from one measured pixel to the next, in pixels of the image.
    private var step: Int { if case .superresolve(let scale, _, _) = self { scale } else { 1 } }
}

extension Problem.Scene {
    /// Where the surroundings are of unequal width, because their sum is odd, those above and to the left are less by one: so a point
    /// spread of even size reaches.
    public init(_ image: Problem.ImageSize, middleOf scene: Problem.ImageSize) {
        self.init(size: scene, top: (scene.height - image.height) / 2, left: (scene.width - image.width) / 2, image: image)
    }
}

/// The smallest image around a scene that a flow takes. Its surplus is shared evenly by opposite sides.
package struct SceneCanvas: Sendable {
    /// The operator from the canvas to the scene.
    package let scene: Cropping
    /// The operator from the canvas to the image that is restored.
    package let image: Cropping

    /// - Throws: `OperatorError` when the canvas is too large, `GlowShapeError` when the flow takes images of one size alone and the scene is
    ///   larger.
    package init(_ scene: Problem.Scene, prior: Glow) throws {
        let shape = ImageShape(channels: prior.imageChannels, height: scene.size.height, width: scene.size.width)
        if let only = prior.architecture.fixedImageSize {
            if shape.height > only.height || shape.width > only.width { try prior.requireTaken(imageShape: shape, capacity: 1) }
            self.scene = try Cropping(
                canvas: ImageShape(channels: shape.channels, height: only.height, width: only.width),
                top: (only.height - shape.height) / 2, left: (only.width - shape.width) / 2, height: shape.height, width: shape.width)
        } else {
            self.scene = try Cropping.padding(shape, toMultipleOf: prior.sizeMultiple)
        }
        image = try Cropping(
            canvas: self.scene.imageShape, top: self.scene.top + scene.top, left: self.scene.left + scene.left,
            height: scene.image.height, width: scene.image.width)
    }

    /// Channels, height and width of the canvas.
    package var shape: ImageShape { scene.imageShape }

    /// The canvas with this image in its place, whose outermost pixels go on around it.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func extending(_ pixels: [Float]) throws -> [Float] {
        var canvas = try image.adjoint(pixels)
        let (size, place) = (image.imageShape, image.measurementShape)
        for plane in 0 ..< size.channels {
            for row in 0 ..< size.height {
                let nearestRow = min(max(row, image.top), image.top + place.height - 1)
                for column in 0 ..< size.width where row != nearestRow || column < image.left || column >= image.left + place.width {
                    let nearest = min(max(column, image.left), image.left + place.width - 1)
                    canvas[plane * size.pixels + row * size.width + column] =
                        canvas[plane * size.pixels + nearestRow * size.width + nearest]
                }
            }
        }
        return canvas
    }
}

extension Problem.ImageSize {
    /// The size of an image where none is asked for: 64x64, or the only one that the model takes.
    package static func usual(of prior: Glow) -> Problem.ImageSize {
        let (height, width) = prior.architecture.fixedImageSize ?? (64, 64)
        return Problem.ImageSize(height: height, width: width)
    }
}
