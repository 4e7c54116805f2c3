/// The shape of one planar image: index (channel, row, column), row-major.
public struct ImageShape: Hashable, Sendable, CustomStringConvertible {
    /// Channels.
    public var channels: Int
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int

    /// Makes a shape of so many channels, rows and columns.
    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Pixels of one channel: `height * width`.
    public var pixels: Int { height * width }

    /// Numbers in one image: `channels * height * width`.
    public var count: Int { channels * pixels }

    public var description: String { "\(channels)x\(height)x\(width)" }
}
