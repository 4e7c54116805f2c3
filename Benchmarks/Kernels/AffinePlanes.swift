import Foundation
import Measuring
import Reglow

/// The planes of one level of one image, for the pixelwise part of an affine coupling.
final class AffinePlanes {
    private let kernels: KernelTable
    private let map: FlowMap
    private let channels: Int
    private let vectors: Int
    private let stride: Int
    /// b, s, its slope and log s (channels, pixels), t above r (2 channels, pixels): see `AffineCoupling`.
    private let transformed, scale, slope, logScale, network: AlignedBuffer<Float>
    private let logDeterminantWeight: Float = -1

    /// The half of the channels that the network of this layer, a `first` one, transforms.
    init(_ layer: Layer, map: FlowMap, kernels: KernelTable) {
        self.kernels = kernels
        self.map = map
        channels = layer.depth / 9
        vectors = layer.vectors(lanes: kernels.lanes)
        stride = planeStride(vectors: vectors, lanes: kernels.lanes)
        transformed = AlignedBuffer(count: channels * stride)
        scale = AlignedBuffer(count: channels * stride)
        slope = AlignedBuffer(count: channels * stride)
        logScale = AlignedBuffer(count: channels * stride)
        network = AlignedBuffer(count: 2 * channels * stride)
    }

    /// Nominal operations of a number of b: those of the formula; a sigmoid counts 25, its logarithm 20.
    var operations: Double {
        let operationsOfOne =
            switch map {
            case .forward: 49
            case .inverse: 29
            case .forwardJVP, .inverseJVP: 4
            case .forwardVJP: 5
            case .inverseVJP: 2
            }
        return Double(operationsOfOne * channels * vectors * kernels.lanes)
    }

    func run() {
        let arguments = AffineCoupling(
            channels: channels, transformed: transformed.base, transformedStride: stride, network: network.base,
            networkStride: stride, scale: scale.base, slope: slope.base, recordStride: stride, logScale: logScale.base,
            logScaleStride: stride, logDeterminantWeight: logDeterminantWeight)
        switch map {
        case .forward: kernels.affineForward(arguments, vectors)
        case .inverse: kernels.affineInverse(arguments, vectors)
        case .forwardJVP: kernels.affineForwardJVP(arguments, vectors)
        case .forwardVJP: kernels.affineForwardVJP(arguments, vectors)
        case .inverseJVP: kernels.affineInverseJVP(arguments, vectors)
        case .inverseVJP: kernels.affineInverseVJP(arguments, vectors)
        }
    }

    /// Numbers with which a map can run again and again in place: s = 1, so that they neither explode nor vanish.
    func makeRepeatable() {
        fill(transformed, seed: 1)
        fill(network, seed: 2)
        (network.base + channels * stride).update(repeating: 30, count: channels * stride)
        scale.base.update(repeating: 1, count: scale.count)
        slope.base.update(repeating: 1e-13, count: slope.count)
    }

    /// Holds every plane that the map writes against the formula in Double.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        fill(transformed, seed: 1)
        fill(network, seed: 2)
        fill(slope, seed: 3)
        for (index, number) in normalNumbers(scale.count, seed: 4).enumerated() { scale.base[index] = 1 / (1 + exp(-number)) }
        var expected = [[[Double]]](repeating: [], count: channels)
        for channel in 0 ..< channels {
            expected[channel] = columns.map { reference(channel * stride + $0) }
        }
        run()
        for (plane, written) in writtenPlanes.enumerated() {
            for channel in 0 ..< channels {
                let found = UnsafeBufferPointer(start: written + channel * stride, count: columns.count)
                try requireAgreement(
                    "plane \(plane), channel \(channel)", found, expected[channel].map { $0[plane] }, tolerance: 2e-6)
            }
        }
    }

    private var columns: Range<Int> { 0 ..< vectors * kernels.lanes }

    private func fill(_ buffer: AlignedBuffer<Float>, seed: UInt64) {
        for (index, number) in normalNumbers(buffer.count, seed: seed).enumerated() { buffer.base[index] = number }
    }

    private var writtenPlanes: [UnsafeMutablePointer<Float>] {
        switch map {
        case .forward: [transformed.base, scale.base, slope.base, logScale.base]
        case .inverse: [transformed.base, scale.base, slope.base]
        case .forwardJVP, .inverseJVP: [transformed.base]
        case .forwardVJP, .inverseVJP: [transformed.base, network.base, network.base + channels * stride]
        }
    }

    /// What the map writes for number `index` of b, plane by plane as in `writtenPlanes`.
    private func reference(_ index: Int) -> [Double] {
        let b = Double(transformed.base[index])
        let t = Double(network.base[index])
        let r = Double(network.base[channels * stride + index])
        let (s, slope) = (Double(scale.base[index]), Double(slope.base[index]))
        let sigmoid = 1 / (1 + exp(-(r + 2)))
        switch map {
        case .forward:
            let result = (b + t) * sigmoid
            return [result, sigmoid, result * (1 - sigmoid), log(sigmoid)]
        case .inverse: return [b / sigmoid - t, sigmoid, b * (1 - sigmoid)]
        case .forwardJVP: return [s * (b + t) + slope * r]
        case .forwardVJP: return [s * b, s * b, slope * b + Double(logDeterminantWeight) * (1 - s)]
        case .inverseJVP: return [(b - slope * r) / s - t]
        case .inverseVJP: return [b / s, -b, -slope * b / s]
        }
    }
}
