import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct WeakPatchesTests {
    static let shape = ImageShape(channels: 1, height: 60, width: 60)

    /// The rows of each basis are orthonormal, and see nothing of a constant or, of sides above 2, of a ramp.
    @Test func theBasesAreOrthonormal() {
        for basis in PatchBasis.all {
            let size = basis.side * basis.side
            let rows = (0 ..< basis.count).map { Array(basis.rows[$0 * size ..< ($0 + 1) * size]) }
            for (i, a) in rows.enumerated() {
                #expect(abs(a.reduce(0, +)) < 1e-12)
                for (j, b) in rows.enumerated() {
                    #expect(abs(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } - (i == j ? 1 : 0)) < 1e-12)
                }
            }
        }
    }

    /// The left half is a coarse texture, the right half is smooth, with the same noise.
    @Test func smoothPatchesComeFirst() throws {
        let noise = normalNumbers(Self.shape.count, seed: 1)
        let image = (0 ..< Self.shape.count).map { pixel -> Float in
            let stripe: Float = pixel / 60 / 3 % 2 == 0 ? 0.3 : 0.7
            let ground: Float = pixel % 60 < 30 ? stripe : 0.5
            return ground + 0.01 * noise[pixel]
        }
        let patches = try WeakPatches(image, Self.shape, [Bool](repeating: true, count: Self.shape.pixels))
        #expect(patches.basis.side == 5 && patches.step == 1)
        #expect(patches.count == 56 * 56)
        // The first third lies in the smooth half, so that all its details are noise.
        let first = patches.details.prefix(patches.count / 3 * patches.basis.count)
        let variance = first.reduce(0) { $0 + $1 * $1 } / Double(first.count)
        #expect(abs(variance.squareRoot() / 0.01 - 1) < 0.1)
    }

    @Test func aLargePictureIsSampled() throws {
        let shape = ImageShape(channels: 1, height: 700, width: 900)
        let image = normalNumbers(shape.count, seed: 2)
        let patches = try WeakPatches(image, shape, [Bool](repeating: true, count: shape.pixels))
        #expect(patches.step % 2 == 1 && patches.step > 1)
        #expect((WeakPatches.most / 4 ... WeakPatches.most).contains(patches.count))
    }

    /// A few patches at the rim of a thing on constant ground say nothing of the picture.
    @Test func aSmallThingOnConstantGroundIsTooLittle() {
        let noise = normalNumbers(Self.shape.count, seed: 3)
        let thing = 20 ..< 28
        let image = (0 ..< Self.shape.count).map { pixel -> Float in
            thing.contains(pixel % 60) && thing.contains(pixel / 60) ? 0.5 + 0.1 * noise[pixel] : 0
        }
        #expect(throws: WeakPatches.TooFew.self) {
            try WeakPatches(image, Self.shape, [Bool](repeating: true, count: Self.shape.pixels))
        }
    }
}
