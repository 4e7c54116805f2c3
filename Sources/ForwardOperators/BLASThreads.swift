import COpenBLAS

/// The threads that OpenBLAS starts as soon as it is loaded, one for each further core. Nothing here has work for them.
package enum BLASThreads {
    /// Takes OpenBLAS to one thread, for the whole process.
    static let single: Void = openblas_set_num_threads(1)

    /// Ends them, in a process that has no other use for OpenBLAS: before they sleep they wait busily for some milliseconds, which the first
    /// work of the process would have to share the cores with.
    package static func end() { reglow_end_blas_threads() }
}
