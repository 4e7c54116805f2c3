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
        let loop = ChannelLoop(forwardOperator: self, isAdjoint: false, from: image, to: measurement)
        parallelism.forEach(imageShape.channels, .loop, loop)
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        let loop = ChannelLoop(forwardOperator: self, isAdjoint: true, from: measurement, to: image)
        parallelism.forEach(imageShape.channels, .loop, loop)
    }
}

private struct ChannelLoop<Operator: ChannelwiseOperator>: LoopBody {
    let forwardOperator: Operator
    let isAdjoint: Bool
    let from: UnsafePointer<Float>
    let to: UnsafeMutablePointer<Float>

    func run(task channel: Int, worker: Int) {
        if isAdjoint {
            forwardOperator.adjoint(from, into: to, channel: channel)
        } else {
            forwardOperator.apply(from, into: to, channel: channel)
        }
    }
}
