import KernelInterface
import Testing

/// The numbers pinned here come from a separate program of the documented algorithm. They must never change: every seed that
/// a user wrote down depends on them.
@Suite struct SeededGeneratorTests {
    /// The numbers 1, 2 and 1000 of each stream.
    @Test(
        arguments: [
            (SeededGenerator.Stream.mask, 0, [0xb844_c28a_cf3e_2f56, 0xa94f_e8c6_1129_2fa6, 0x2c2f_90d4_f31e_65e6]),
            (.noise, 0, [0xff01_f299_3a11_8f93, 0x8600_fb3c_8d2d_70df, 0x94a9_22af_7f78_f48f]),
            (.matrix, 0, [0xdcb7_fd5a_6599_2f39, 0x495b_7fde_1dfd_d11b, 0x3551_94d4_d611_6e4a]),
            (.matrix, 5, [0xe835_1737_8d2d_9fbb, 0xc603_89f7_7bca_bcc4, 0x5f4c_fab4_889f_2be9]),
            (.powerIteration, 0, [0xff06_0465_adb7_333d, 0x7335_460a_2503_4cad, 0x53fc_d79b_384c_3382]),
        ] as [(SeededGenerator.Stream, UInt64, [UInt64])])
    func streamsNeverChange(stream: SeededGenerator.Stream, index: UInt64, expected: [UInt64]) {
        var generator = SeededGenerator(seed: 7, stream: stream, index: index)
        let numbers = (0 ..< 1000).map { _ in generator.next() }
        #expect([numbers[0], numbers[1], numbers[999]] == expected)
    }

    /// Two purposes of one stream would have the same numbers for the same seed. The values are published.
    @Test func everyPurposeHasAStreamOfItsOwn() {
        let values = SeededGenerator.Stream.allCases.map(\.rawValue)
        #expect(values == [1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64])
        let firstNumbers = SeededGenerator.Stream.allCases.map { stream in
            var generator = SeededGenerator(seed: 0, stream: stream)
            return generator.next()
        }
        #expect(Set(firstNumbers).count == values.count)
    }

    @Test func normalsNeverChange() {
        var generator = SeededGenerator(seed: 7, stream: .noise)
        let expected = [-3.2963955065622645, -0.48929106912073766, 2.3783929653775626, -0.600953448526927]
        for value in expected { #expect(abs(generator.nextNormal() - value) < 1e-14) }
    }

    /// Moments of 200000 normals; five deviations of the mean of z, z^2, z^4: sqrt(1, 2, 96) / sqrt(200000).
    @Test func signsAreTheBitsOfTheNumbers() {
        var (signs, numbers) = (SeededGenerator(seed: 3, stream: .mask), SeededGenerator(seed: 3, stream: .mask))
        let drawn = signs.nextSigns(100)
        let words = [numbers.next(), numbers.next()]
        #expect(drawn == (0 ..< 100).map { words[$0 / 64] >> UInt64($0 % 64) & 1 == 0 ? 1 : -1 })
        #expect(signs.next() == numbers.next())
        #expect(signs.nextSigns(0).isEmpty)
        #expect(abs(signs.nextSigns(10_000).reduce(0, +)) < 400)
    }

    @Test func normalsHaveTheirMoments() {
        var generator = SeededGenerator(seed: 1, stream: .noise)
        var sums = (0.0, 0.0, 0.0)
        for _ in 0 ..< 200_000 {
            let z = generator.nextNormal()
            sums.0 += z
            sums.1 += z * z
            sums.2 += z * z * z * z
        }
        #expect(abs(sums.0 / 200_000) < 0.0112)
        #expect(abs(sums.1 / 200_000 - 1) < 0.0159)
        #expect(abs(sums.2 / 200_000 - 3) < 0.11)
    }

    @Test func uniformsAndIndicesStayInRange() {
        var generator = SeededGenerator(seed: 2, stream: .mask)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0 ..< 70_000 {
            let uniform = generator.nextUniform()
            #expect(uniform >= 0 && uniform < 1)
            counts[generator.nextIndex(below: 7)] += 1
        }
        // Deviation sqrt(70000 * 1/7 * 6/7) = 93.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
        #expect(generator.nextIndex(below: 0) == 0 && generator.nextIndex(below: -3) == 0)
    }
}
