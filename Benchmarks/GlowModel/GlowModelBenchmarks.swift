import Benchmark
import Measuring
import Reglow

/// GlowModel/MODEL/batch B/THREADS/MAP, for images of 64x64 on the instruction set that a flow takes.
let benchmarks: @Sendable () -> Void = {
    let side = 64
    for prior in Prior.allCases {
        for batch in [1, prior == .paper ? 6 : 8] {
            for threads in 1 ... 2 where threads <= ThreadCount.available() {
                for map in FlowMap.allCases {
                    let isShort = batch == 1 && threads == min(2, ThreadCount.available())
                        && (prior == .bootstrap || map == .forward || map == .forwardVJP)
                    measureMap(map, of: prior, side: side, batch: batch, threads: threads, set: isShort ? .short : .all)
                }
            }
        }
    }
}

private func measureMap(_ map: FlowMap, of prior: Prior, side: Int, batch: Int, threads: Int, set: BenchmarkSet) {
    let name = "GlowModel/\(prior.rawValue)/batch \(batch)/threads \(threads)/\(map.rawValue)"
    measure(name, set: set) {
        let flow = try prior.load()
        let point = try FlowPoint(flow, height: side, width: side, count: batch, threads: threads)
        try point.check()
        return try Series(
            operations: Double(batch) * prior.operations(height: side, width: side), kernels: flow.kernels, threads: threads,
            sample: timed { point.run(map) })
    }
}
