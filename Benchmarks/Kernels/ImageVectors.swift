import Measuring
import Reglow

/// Vectors with as many numbers as an image has, for the kernels that the solvers work with.
final class ImageVectors {
    private let kernels: KernelTable
    private let a, b, result: AlignedBuffer<Float>
    private let scale: Float = 0.5
    /// What `dot` gave last.
    private var product = 0.0

    init(count: Int, kernels: KernelTable) {
        self.kernels = kernels
        a = AlignedBuffer(count: count)
        b = AlignedBuffer(count: count)
        result = AlignedBuffer(count: count)
        for (index, number) in normalNumbers(count, seed: 1).enumerated() { a.base[index] = number }
        for (index, number) in normalNumbers(count, seed: 2).enumerated() { b.base[index] = number }
    }

    func dot() { product = kernels.dot(a.base, b.base, a.count) }

    func addScaled() { kernels.addScaled(a.base, scale, b.base, result.base, a.count) }

    func checkDot() throws {
        dot()
        var (exact, magnitude) = (0.0, 0.0)
        for index in 0 ..< a.count {
            let term = Double(a.base[index]) * Double(b.base[index])
            exact += term
            magnitude += abs(term)
        }
        guard abs(product - exact) <= 1e-12 * magnitude else {
            throw WrongResult("the inner product is \(product), a plain loop gives \(exact)")
        }
    }

    func checkAddScaled() throws {
        addScaled()
        let found = UnsafeBufferPointer(start: result.base, count: a.count)
        let expected = (0 ..< a.count).map { Double(a.base[$0]) + Double(scale) * Double(b.base[$0]) }
        try requireAgreement("a + scale b", found, expected, tolerance: 1e-7)
    }
}
