import KernelInterface

/// Says where the channels that a level sends away lie in a latent: z = [z_0, ..., z_(L-1)], finest level first, each
/// (channel, row, column).
///
/// A level keeps one half of its channels for the next one and sends the other; the last level sends all.
struct LatentLayout {
    private let architecture: GlowArchitecture
    private let imageShape: ImageShape

    init(_ architecture: GlowArchitecture, _ imageShape: ImageShape) {
        self.architecture = architecture
        self.imageShape = imageShape
    }

    /// The channels that a level keeps, and those that it sends.
    func parts(level: Int) -> (kept: Range<Int>, sent: Range<Int>) { architecture.parts(level: level) }

    /// Index of the first number that a level sends: after the n/2, n/4, ... numbers of the finer levels.
    private func offset(level: Int) -> Int { imageShape.count - imageShape.count >> level }

    /// Copies a channel of a level's planes into the latents.
    func write(_ planes: Planes, channel: Int, level: Int, to latents: UnsafeMutablePointer<Float>, images: Int) {
        for image in 0 ..< images {
            place(latents, planes, channel, level, image).update(
                from: planes.row(image: image, channel: channel, row: 0), count: planes.height * planes.width)
        }
    }

    /// Copies a channel from the latents into a level's planes.
    func read(_ latents: UnsafePointer<Float>, channel: Int, level: Int, into planes: Planes, images: Int) {
        for image in 0 ..< images {
            planes.row(image: image, channel: channel, row: 0).update(
                from: place(UnsafeMutablePointer(mutating: latents), planes, channel, level, image),
                count: planes.height * planes.width)
        }
    }

    private func place(
        _ latents: UnsafeMutablePointer<Float>, _ planes: Planes, _ channel: Int, _ level: Int, _ image: Int
    ) -> UnsafeMutablePointer<Float> {
        let index = (channel - parts(level: level).sent.lowerBound) * planes.height * planes.width
        return latents + image * imageShape.count + offset(level: level) + index
    }
}
