import KernelInterface

/// An operator that makes each channel of the measurement from that channel of the image alone, so that threads may share the channels.
package protocol ChannelwiseOperator: RawForwardOperator {
    /// Computes one channel of y = A x; the pointers are to all channels.
    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int)

    /// Computes one channel of x = A' y; the pointers are to all channels.
    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int)
}

extension ChannelwiseOperator {
    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        for channel in 0 ..< imageShape.channels { apply(image, into: measurement, channel: channel) }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        for channel in 0 ..< imageShape.channels { adjoint(measurement, into: image, channel: channel) }
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        let addresses = Addresses(from: image, to: measurement)
        parallelism.forEach(imageShape.channels) { channel, _ in apply(addresses.from, into: addresses.to, channel: channel) }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        let addresses = Addresses(from: measurement, to: image)
        parallelism.forEach(imageShape.channels) { channel, _ in adjoint(addresses.from, into: addresses.to, channel: channel) }
    }
}

private struct Addresses {
    let from: UnsafePointer<Float>
    let to: UnsafeMutablePointer<Float>
}
