import Reglow
import Testing

/// How a side is cut into windows.
@Suite struct WindowAxisTests {
    @Test(arguments: [
        (1024, 256, 64, 8, 1, 0), (1000, 256, 72, 8, 1, 0), (6000, 2048, 64, 16, 1, 0), (129, 128, 64, 8, 1, 0), (500, 128, 32, 4, 2, 0),
        (1024, 256, 64, 8, 1, 32), (100, 4096, 64, 8, 1, 0),
    ])
    func windowsCoverTheSideAndTheirWeightsAddUpToOne(
        length: Int, window: Int, overlap: Int, multiple: Int, scale: Int, added: Int
    ) {
        let axis = WindowAxis(
            length: length, extension: added, window: window, overlap: overlap, multiple: multiple, scale: scale, fade: 32)
        #expect(axis.spans.first?.lowerBound == -added && axis.spans.last?.upperBound == length + added)
        #expect(axis.longest <= max(window, added == 0 && length <= window ? length : 0))
        for (index, span) in axis.spans.enumerated() {
            #expect((span.lowerBound + added) % multiple == 0)
            if index > 0 { #expect(axis.spans[index - 1].upperBound - span.lowerBound >= overlap - multiple, "\(axis.spans)") }
        }
        for pixel in 0 ..< length * scale {
            let weights = axis.spans.indices.map { axis.weight($0, at: pixel) }
            #expect(abs(weights.reduce(0, +) - 1) < 1e-6)
            for (index, weight) in weights.enumerated() where weight > 0 {
                #expect(axis.spans[index].contains(pixel / scale), "\(index) at \(pixel)")
            }
        }
    }
}
