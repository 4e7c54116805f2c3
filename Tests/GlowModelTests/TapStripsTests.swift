import GlowModel
import KernelDispatch
import KernelInterface
import Testing

@Suite struct TapStripsTests {
    /// Strips of a level that is too large for one.
    private func strips(_ set: InstructionSet, width: Int, height: Int, threads: Int = 1) -> (TapStrips, vectors: Int) {
        let kernels = set.table
        let vectors = (width * height + kernels.lanes - 1) / kernels.lanes
        return (TapStrips(width: width, vectors: vectors, planes: 54, kernels: kernels, threads: threads), vectors)
    }

    /// Every vector is made once and combined once, in order, and when it is, all pixels up to a row and a pixel behind it are made.
    @Test(arguments: InstructionSet.supported, [1, 2, 5]) func everyVectorIsCombinedAfterItsNeighbours(set: InstructionSet, threads: Int) {
        for (width, height) in [(97, 400), (300, 130), (1500, 64), (7, 4000)] {
            let (strips, vectors) = strips(set, width: width, height: height, threads: threads)
            var (made, combined) = (0, 0)
            for strip in 0 ..< strips.count(of: vectors) {
                let (new, done) = (strips.vectors(of: strip, vectors), strips.combined(with: strip, vectors))
                #expect(new.lowerBound == made && done.lowerBound == combined)
                (made, combined) = (new.upperBound, done.upperBound)
                let lanes = set.table.lanes
                #expect(made == vectors || made * lanes >= combined * lanes + width + 1)
                // The first of them look back a row and a pixel.
                #expect(strip == 0 || strips.front >= (new.lowerBound - done.lowerBound) * lanes + width + 1)
            }
            #expect(made == vectors && combined == vectors)
        }
    }

    @Test(arguments: InstructionSet.supported) func aSmallLevelIsWhole(set: InstructionSet) {
        let (small, few) = strips(set, width: 32, height: 32)
        #expect(small.isWhole && small.count(of: few) == 1 && small.combined(with: 0, few) == 0 ..< few)
        let (large, many) = strips(set, width: 384, height: 256)
        #expect(!large.isWhole && large.count(of: many) > 2)
        #expect(large.bytes < 54 * 4 * 384 * 256)
        // Many threads have room for more.
        #expect(strips(set, width: 384, height: 256, threads: 64).0.isWhole)
    }

    /// What was last written into a strip stands before the next one.
    @Test(arguments: InstructionSet.supported) func theLastTapsAreTakenAlong(set: InstructionSet) {
        let (strips, _) = strips(set, width: 200, height: 300)
        let planes = strips.makePlanes()
        for strip in 0 ..< 3 {
            let (here, stride) = planes.taps(of: strip)
            let end = (strip + 1) * strips.length * set.table.lanes
            for plane in 0 ..< 54 {
                for pixel in end - strips.front ..< end { here[plane * stride + pixel] = Float(1000 * strip + plane) + Float(pixel % 500) }
            }
            for task in 0 ..< 3 { planes.takeAlong(from: strip, task: task, of: 3) }
            let (next, _) = planes.taps(of: strip + 1)
            for plane in 0 ..< 54 {
                for pixel in end - strips.front ..< end {
                    #expect(next[plane * stride + pixel] == Float(1000 * strip + plane) + Float(pixel % 500))
                }
            }
        }
    }
}
