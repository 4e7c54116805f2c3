/// start + W X with plain loops in double precision, and the size of what was added up, |start| + |W| |X|.
struct ReferenceProduct {
    let pixels: Int
    private(set) var values: [Double]
    private(set) var magnitudes: [Double]

    /// `weight(row, k)` is W, `input(k, pixel)` is X.
    init(
        rows: Int, depth: Int, pixels: Int, start: [Float], weight: (Int, Int) -> Float, input: (Int, Int) -> Float
    ) {
        self.pixels = pixels
        values = []
        magnitudes = []
        let x = (0 ..< depth).map { k in (0 ..< pixels).map { Double(input(k, $0)) } }
        for row in 0 ..< rows {
            var sums = [Double](repeating: Double(start[row]), count: pixels)
            var sizes = [Double](repeating: abs(Double(start[row])), count: pixels)
            for k in 0 ..< depth {
                let w = Double(weight(row, k))
                for pixel in 0 ..< pixels {
                    sums[pixel] += w * x[k][pixel]
                    sizes[pixel] += abs(w * x[k][pixel])
                }
            }
            values += sums
            magnitudes += sizes
        }
    }

    subscript(row: Int, pixel: Int) -> (value: Double, magnitude: Double) {
        (values[row * pixels + pixel], magnitudes[row * pixels + pixel])
    }
}
