import Glibc
import Synchronization

/// An interrupt (control-C) or a request to terminate, as a wish that a long work looks at between its steps.
///
/// The first signal is taken; a second one of the same kind ends the process at once, as it would without this.
enum StopSignal {
    private static let wasReceived = Atomic<Bool>(false)

    static var isReceived: Bool { wasReceived.load(ordering: .relaxed) }

    /// From now on signals are taken, also where the parent process had them blocked.
    static func listen() {
        // The first use of a static value initializes it, which a signal handler must not do.
        wasReceived.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in StopSignal.wasReceived.store(true, ordering: .relaxed) }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] {
            sigaction(signal, &action, nil)
            sigaddset(&signals, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
