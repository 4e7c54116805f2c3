import ForwardOperators
import KernelInterface
import Testing

/// Repeatable numbers for tests, from Knuth's linear congruential generator, so that the module's own generator is not needed.
func testNumbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0 ..< count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24)
    }
}

/// The single precision numbers as bits, for comparisons that tell -0 from 0 and accept no last-bit difference.
func bits(_ numbers: [Float]) -> [UInt32] {
    numbers.map(\.bitPattern)
}

func pointSpread(_ height: Int, _ width: Int, _ values: [Float]) throws -> PointSpread {
    try PointSpread(height: height, width: width, values: values)
}

func shape(_ channels: Int, _ height: Int, _ width: Int) -> ImageShape {
    ImageShape(channels: channels, height: height, width: width)
}

/// Runs a pointer call on outputs that hold NaN at first, so that an entry which is not written shows.
func written(_ count: Int, by body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void, from input: [Float]) -> [Float] {
    var output = [Float](repeating: .nan, count: count)
    input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            guard let input = input.baseAddress, let output = output.baseAddress else { return }
            body(input, output)
        }
    }
    return output
}
