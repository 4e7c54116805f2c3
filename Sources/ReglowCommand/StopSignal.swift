import Glibc
import Synchronization

/// An interrupt (control-C) or a request to terminate, as a wish that a long work looks at between its steps.
///
/// The first signal is taken; a second one, of either kind, ends the process at once, as it would without this.
enum StopSignal {
    private static let first = Atomic<Int32>(0)

    static var isReceived: Bool { received != nil }

    /// The first signal that came; nil before it.
    static var received: Int32? {
        let number = first.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    static func name(of signal: Int32) -> String {
        switch signal {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGUSR1: "SIGUSR1"
        default: "signal \(signal)"
        }
    }

    /// From now on signals are taken, also where the parent process had them blocked.
    ///
    /// - Parameter others: that are taken beside SIGINT and SIGTERM.
    static func listen(also others: [Int32] = []) {
        // The first use of a static value initializes it, which a signal handler must not do.
        first.store(0, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let isFirst = StopSignal.first.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
            if isFirst { return }
            signal(number, SIG_DFL)
            raise(number)
        }
        action.sa_flags = SA_RESTART
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] + others {
            sigaction(signal, &action, nil)
            sigaddset(&signals, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
