import KernelInterface
import TestSupport
import Testing

/// A call of `reglow_restore` as a caller sets it up.
struct RestoreCall {
    var options = reglow_restore_options()
    var measurements = reglow_measurements()
    var values: [Float]
    var trusted: [UInt8]?
    var start: [Float]?

    init(_ values: [Float], shape: ImageShape, count: Int = 1, noise: Double = 0.05, evaluations: Int = 20) {
        self.values = values
        expectOK(reglow_restore_options_init(&options, MemoryLayout<reglow_restore_options>.size))
        expectOK(reglow_measurements_init(&measurements, MemoryLayout<reglow_measurements>.size))
        (options.noise, options.max_evaluations, options.threads) = (noise, evaluations, 1)
        measurements.count = count
        measurements.shape = reglow_shape(channels: shape.channels, height: shape.height, width: shape.width)
    }

    /// Calls `body` with the measurements whose pointers are those of the arrays.
    func withMeasurements<Result>(_ body: (UnsafePointer<reglow_measurements>) -> Result) -> Result {
        values.withUnsafeBufferPointer { values in
            (trusted ?? []).withUnsafeBufferPointer { trusted in
                (start ?? []).withUnsafeBufferPointer { start in
                    var filled = measurements
                    filled.values = values.baseAddress
                    if self.trusted != nil { filled.trusted = trusted.baseAddress }
                    if self.start != nil { filled.start = start.baseAddress }
                    return withUnsafePointer(to: filled, body)
                }
            }
        }
    }

    func run(_ loaded: LoadedModel, _ problem: OpaquePointer?) -> (status: reglow_status, result: OpaquePointer?) {
        var result: OpaquePointer?
        let status = withMeasurements { measurements in
            withUnsafePointer(to: options) { reglow_restore(loaded.handle, problem, measurements, $0, &result) }
        }
        return (status, result)
    }

    /// A call that is expected to be refused before anything begins.
    func expectRefused(
        _ loaded: LoadedModel, _ problem: OpaquePointer?, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (status, result) = run(loaded, problem)
        #expect(status == REGLOW_BAD_ARGUMENT && result == nil, "\(lastError())", sourceLocation: sourceLocation)
        #expect(lastError().contains(words), "\(lastError())", sourceLocation: sourceLocation)
        reglow_result_free(result)
    }
}

/// The image of a result.
func image(_ index: Int, of result: OpaquePointer?) -> [Float] {
    let facts = facts(index, of: result)
    guard let pixels = reglow_result_image(result, index) else { return [] }
    return Array(UnsafeBufferPointer(start: pixels, count: facts.shape.channels * facts.shape.height * facts.shape.width))
}

/// How an image of a result was restored.
func facts(_ index: Int, of result: OpaquePointer?, sourceLocation: SourceLocation = #_sourceLocation) -> reglow_result_facts {
    var facts = reglow_result_facts()
    facts.size = MemoryLayout<reglow_result_facts>.size
    expectOK(reglow_result_describe(result, index, &facts), sourceLocation: sourceLocation)
    return facts
}

/// The sentences of a result, with the index of their image; -1 for all.
func notes(of result: OpaquePointer?) -> [(image: Int, text: String)] {
    var notes: [(image: Int, text: String)] = []
    var image = 0
    while let note = reglow_result_note(result, notes.count, &image) { notes.append((image, String(cString: note))) }
    return notes
}
