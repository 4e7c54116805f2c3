import Benchmark
import Measuring
import Reglow

/// GlowModel/MODEL/PRECISION/batch B/threads T/MAP, for images of 64x64 on the instruction set that a flow takes.
let benchmarks: @Sendable () -> Void = {
    let mostThreads = min(2, ThreadCount.available())
    for prior in Prior.allCases {
        for precision in Precision.allCases {
            for batch in [1, prior == .paper ? 6 : 8] {
                for threads in 1 ... mostThreads {
                    for map in FlowMap.allCases {
                        let isShort = batch == 1 && threads == mostThreads && isInShortSet(map, prior, precision)
                        measureMap(map, of: prior, precision, batch: batch, threads: threads, set: isShort ? .short : .all)
                    }
                }
            }
        }
    }
}

/// All of the shipped prior; of the others what a step of analysis consists of, affine coupling in fp32.
private func isInShortSet(_ map: FlowMap, _ prior: Prior, _ precision: Precision) -> Bool {
    let isOfAnalysis = map == .forward || map == .forwardVJP
    return switch prior {
    case .bootstrap: true
    case .paper: isOfAnalysis
    case .affine, .borders: isOfAnalysis && precision == .fp32
    }
}

private func measureMap(
    _ map: FlowMap, of prior: Prior, _ precision: Precision, batch: Int, threads: Int, set: BenchmarkSet
) {
    let side = 64
    let name = "GlowModel/\(prior.rawValue)/\(precision.rawValue)/batch \(batch)/threads \(threads)/\(map.rawValue)"
    measure(name, set: set) {
        func point(_ precision: Precision) throws -> FlowPoint {
            try FlowPoint(try prior.load(precision), height: side, width: side, count: batch, threads: threads)
        }
        let measured = try point(precision)
        try measured.check()
        if precision != .fp32 { try measured.check(near: try point(.fp32)) }
        return try Series(
            operations: Double(batch) * prior.operations(height: side, width: side), kernels: measured.kernels,
            precision: precision, threads: threads, sample: timed { measured.run(map) })
    }
}
