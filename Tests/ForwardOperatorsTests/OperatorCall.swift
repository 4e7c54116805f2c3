import ForwardOperators
import KernelInterface

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
