import Synchronization

/// Scratch memory of one operator for any number of calls at once.
///
/// A call borrows an idle scratch and gives it back; a new one is made only when all are in use, so there are in the end as
/// many as calls ever ran together. What a borrowed scratch contains is undefined.
package final class ScratchPool<Scratch: AnyObject & Sendable>: Sendable {
    private let idle = Mutex<[Scratch]>([])
    private let make: @Sendable () -> Scratch

    package init(making make: @escaping @Sendable () -> Scratch) {
        self.make = make
    }

    package func borrow(_ body: (Scratch) -> Void) {
        let scratch = idle.withLock { $0.popLast() } ?? make()
        body(scratch)
        idle.withLock { $0.append(scratch) }
    }
}
