import AllocationCounter
import Reglow

/// Counts heap allocations in a process of its own, where no other test allocates.
///
/// Prints one line for each case, for the tests to judge: name, allocations by the program, for threads
/// and by FFTW, between tabs. Threads come last: so nothing of libdispatch is there before.
@main
struct AllocationProbe {
    static func main() throws {
        Control.countOnOneThread()
        for threads in [1, 2] {
            if threads == 2 { Control.countOnTwoThreads() }
            for coupling in GlowArchitecture.Coupling.allCases {
                for precision in Precision.allCases {
                    try MapCase(coupling: coupling, precision: precision, threads: threads).run()
                }
            }
            for minimizer in [MinimizerChoice.gradientDescent, .adam(), .lbfgs(memory: 4)] {
                for formulation in Formulation.allCases {
                    try SolveCase(minimizer: minimizer, formulation: formulation, threads: threads).run()
                }
            }
            try SolveCase(minimizer: .auto, formulation: nil, threads: threads).run()
        }
    }

    /// Counts while `work` runs.
    static func report(_ name: String, _ work: () -> Void) {
        startCountingAllocations()
        work()
        report(name, stopCountingAllocations())
    }

    static func report(_ name: String, _ counts: AllocationCounts) {
        print(name, counts.program, counts.threads, counts.fftw, separator: "\t")
    }

    /// A random prior that is quick to run.
    static func prior(_ coupling: GlowArchitecture.Coupling, _ precision: Precision = .fp32) throws -> Glow {
        let architecture = try GlowArchitecture(levels: 2, steps: 6, hidden: 16, coupling: coupling)
        return try Glow(RandomGlow(architecture: architecture, seed: 1), precision: precision)
    }
}
