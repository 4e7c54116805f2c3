extension Parallelism {
    /// The calling thread alone.
    package static var serial: Parallelism { Parallelism(threads: 1) }

    /// What `body` makes of each of `0 ..< tasks`, in their order. All are done, whichever fails.
    ///
    /// - Throws: the error of the first task, in their order, that has one.
    package func map<Output>(_ tasks: Int, _ phase: Phase = .loop, _ body: (_ task: Int) throws -> Output) throws -> [Output] {
        var results = [Result<Output, any Error>?](repeating: nil, count: max(0, tasks))
        results.withUnsafeMutableBufferPointer { results in
            forEach(results.count, phase) { task, _ in results[task] = Result { try body(task) } }
        }
        return try results.compactMap { try $0?.get() }
    }
}
