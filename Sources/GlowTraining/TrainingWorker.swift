import GlowModel
import KernelInterface

/// Scratch of one worker: what a group needs between the phases of a step, and a panel of its pixels between products.
final class TrainingWorker {
    /// (9 O, pixels) or (9 C/2, pixels) of a group: what the last product of a network gives.
    private let tapPlanes: AlignedBuffer<Float>
    /// Affine coupling: cotangents that enter the network (O, pixels), log s (C/2, pixels).
    private let networkPlanes, logScalePlanes: AlignedBuffer<Float>

    /// Panels: gathered patches (9 C/2), gathered cotangents (9 O), cotangents of the hidden layers (h), shifts (O).
    let patches, gathered, firstCotangent, secondCotangent, shifts: AlignedBuffer<Float>
    /// Panels transposed into weights: patches, first hidden layer, gathered cotangents, cotangent of the state.
    let transposedPatches, transposedFirst, transposedGathered, transposedState: AlignedBuffer<Float>
    /// Panels transposed into inputs: cotangents of the hidden layers, second hidden layer, state.
    let inputFirstCotangent, inputSecondCotangent, inputSecond, inputState: AlignedBuffer<Float>

    /// Words from pixel to pixel of a panel transposed into an input: an odd number of cache lines.
    let inputStride: Int

    init(levels: [TrainingLevel], panelPixels: Int, lanes: Int) {
        func widest(_ size: (TrainingLevel) -> Int) -> Int { levels.map(size).max() ?? 0 }
        func panel(_ rows: Int) -> AlignedBuffer<Float> { AlignedBuffer(count: paddedToTile(rows) * panelPixels) }
        func planes(_ rows: (TrainingLevel) -> Int) -> AlignedBuffer<Float> {
            AlignedBuffer(count: widest { paddedToTile(rows($0)) * $0.grid.stride + 2 * $0.grid.guardCount })
        }
        let patchRows = widest { 9 * ($0.shape.channels / 2) }
        let gatheredRows = widest { 9 * $0.shape.outputs }
        let channels = widest { $0.shape.channels }
        let hidden = widest { $0.shape.hidden }
        tapPlanes = planes { 9 * max($0.shape.outputs, $0.shape.channels / 2) }
        networkPlanes = planes { $0.isAffine ? $0.shape.outputs : 0 }
        logScalePlanes = planes { $0.isAffine ? $0.shape.channels / 2 : 0 }
        patches = panel(patchRows)
        gathered = panel(gatheredRows)
        firstCotangent = panel(hidden)
        secondCotangent = panel(hidden)
        shifts = panel(channels)
        transposedPatches = panel(patchRows)
        transposedFirst = panel(hidden)
        transposedGathered = panel(gatheredRows)
        transposedState = panel(channels)
        inputStride = StepSums.padded(max(hidden, channels), 2 * lanes) + 16
        let inputWords = panelPixels * inputStride
        (inputFirstCotangent, inputSecondCotangent) = (AlignedBuffer(count: inputWords), AlignedBuffer(count: inputWords))
        (inputSecond, inputState) = (AlignedBuffer(count: inputWords), AlignedBuffer(count: inputWords))
    }

    func taps(_ grid: PixelGrid) -> UnsafeMutablePointer<Float> { tapPlanes.base + grid.guardCount }
    func network(_ grid: PixelGrid) -> UnsafeMutablePointer<Float> { networkPlanes.base + grid.guardCount }
    func logScale(_ grid: PixelGrid) -> UnsafeMutablePointer<Float> { logScalePlanes.base + grid.guardCount }

    var bytes: Int {
        [
            tapPlanes, networkPlanes, logScalePlanes, patches, gathered, firstCotangent, secondCotangent, shifts, transposedPatches,
            transposedFirst, transposedGathered, transposedState, inputFirstCotangent, inputSecondCotangent, inputSecond, inputState,
        ].reduce(0) { $0 + $1.bytes }
    }
}
