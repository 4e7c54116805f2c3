import CDispatch

/// A program and the place where its workers meet. It lies on the stack of the thread that opens the region.
///
/// `DispatchQueue.concurrentPerform` would copy its closure to the heap in each call; the function below it takes a pointer.
struct Region: ~Copyable {
    private let program: any RegionProgram
    private let group: Phase?
    private let recorder: PhaseRecorder?
    private let meeting = Meeting()

    /// - Parameter group: the name of the whole in the record, where there is one.
    init(program: Borrowed<some RegionProgram>, group: Phase?, recorder: PhaseRecorder?) {
        self.program = program
        self.group = group
        self.recorder = recorder
    }

    /// Runs the program as worker 0, 1, ... on so many threads, and returns when all have.
    func run(threads: Int) {
        withUnsafePointer(to: self) { region in
            dispatch_apply_f(threads, nil, UnsafeMutableRawPointer(mutating: region)) { region, worker in
                region?.assumingMemoryBound(to: Region.self).pointee.run(worker: worker)
            }
        }
    }

    private func run(worker: Int) {
        withUnsafePointer(to: meeting) { meeting in
            var team = Team(worker: worker, meeting: meeting, recorder: recorder)
            // The opening thread's part is recorded with the region.
            let part = worker == 0 ? nil : group.flatMap { recorder?.begin($0, worker: worker) }
            program.run(&team)
            part?.end()
        }
    }
}

/// A program that lies elsewhere: one word, which an existential holds in place.
struct Borrowed<Program: RegionProgram>: RegionProgram {
    let program: UnsafePointer<Program>

    func run(_ team: inout Team) { program.pointee.run(&team) }
}
