import KernelInterface

/// What is known of a prior on the canvases that were solved last.
final class StationaryPriorCache {
    /// Pixels of the canvases that are kept, unless one alone has more.
    private static let keptPixels = 1 << 22

    /// The latest last.
    private var kept: [(canvas: ImageShape, prior: StationaryPrior)] = []

    subscript(canvas: ImageShape) -> StationaryPrior? {
        get { kept.last { $0.canvas == canvas }?.prior }
        set {
            kept.removeAll { $0.canvas == canvas }
            guard let newValue else { return }
            kept.append((canvas, newValue))
            while kept.count > 1, kept.reduce(0, { $0 + $1.canvas.pixels }) > Self.keptPixels { kept.removeFirst() }
        }
    }
}
