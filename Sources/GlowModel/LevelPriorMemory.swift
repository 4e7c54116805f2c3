import KernelInterface

/// The planes and records of the learned prior of one level.
final class LevelPriorMemory {
    /// Z
    let channels: Int
    private let grid: PixelGrid
    /// (t, r), their tangents or cotangents (2 Z, padded to whole tiles), then log s, s and its slope (Z each).
    private let planes: AlignedBuffer<Float>

    init(_ shape: LevelPriorShape, grid: PixelGrid) {
        channels = shape.channels
        self.grid = grid
        planes = grid.makePlanes(Self.planes(shape))
    }

    /// How many planes there are.
    static func planes(_ shape: LevelPriorShape) -> Int { paddedToTile(2 * shape.channels) + 3 * shape.channels }

    var network: UnsafeMutablePointer<Float> { planes.base + grid.guardCount }
    var logScale: UnsafeMutablePointer<Float> { network + paddedToTile(2 * channels) * grid.stride }
    var scale: UnsafeMutablePointer<Float> { logScale + channels * grid.stride }
    var slope: UnsafeMutablePointer<Float> { scale + channels * grid.stride }

    /// Sum of log s over the channels and pixels of one image.
    func logScaleSum(image: Int) -> Double { grid.sum(of: logScale, channels: channels, image: image) }

    /// The same by the record of s.
    func recordedLogScaleSum(image: Int) -> Double { grid.sumOfLogarithms(of: scale, channels: channels, image: image) }

    var bytes: Int { planes.bytes }
}
