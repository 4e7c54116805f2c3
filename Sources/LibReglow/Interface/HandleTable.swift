import CReglow
import Synchronization

/// What a handle can stand for.
protocol HandleObject: AnyObject, Sendable {
    /// What errors call it.
    static var kind: String { get }
}

/// All handles that are alive, each with its object.
///
/// A handle is a number that is given once. It lies where no pointer of this processor does, so that neither a pointer to something else nor a
/// handle that was released can be taken for one, and nothing is read through it. An object lives on while a call uses it.
final class HandleTable: Sendable {
    static let shared = HandleTable()

    private struct State {
        var last: UInt = 0
        var objects: [UInt: any HandleObject] = [:]
    }

    /// Addresses of a process have their highest 16 bits all alike.
    private static let mark: UInt = 0x5247 << 48

    private let state = Mutex(State())

    /// A new handle for an object.
    func add(_ object: any HandleObject) -> OpaquePointer? {
        state.withLock { state in
            state.last += 1
            let number = Self.mark | state.last
            state.objects[number] = object
            return OpaquePointer(bitPattern: number)
        }
    }

    /// The object of a handle.
    ///
    /// - Throws: `Fault` for NULL, and for what is no handle of this kind, or none any more.
    func object<Object: HandleObject>(_ handle: OpaquePointer?, as type: Object.Type = Object.self) throws(Fault) -> Object {
        guard let handle else { throw Fault.argument("the \(Object.kind) is NULL") }
        let found = state.withLock { $0.objects[UInt(bitPattern: handle)] }
        if let object = found as? Object { return object }
        throw Self.fault(found, wanted: Object.kind)
    }

    /// Forgets a handle of this kind; NULL is none.
    ///
    /// - Throws: as `object`.
    func remove<Object: HandleObject>(_ handle: OpaquePointer?, as type: Object.Type) throws(Fault) {
        guard let handle else { return }
        // The object goes after the lock is open: what its end calls may ask for handles.
        let removed = state.withLock { state -> (any HandleObject)? in
            let number = UInt(bitPattern: handle)
            guard state.objects[number] is Object else { return state.objects[number] }
            return state.objects.removeValue(forKey: number)
        }
        guard removed is Object else { throw Self.fault(removed, wanted: Object.kind) }
    }

    private static func fault(_ found: (any HandleObject)?, wanted: String) -> Fault {
        let reason = found.map { "it is the handle of a \(type(of: $0).kind)" } ?? "it was released, or never was one"
        return Fault(REGLOW_BAD_HANDLE, "not the handle of a \(wanted): \(reason)")
    }

    /// How many handles are alive.
    var count: Int { state.withLock { $0.objects.count } }
}

/// The object of a handle.
///
/// - Throws: `Fault` for NULL, and for what is no handle of this kind, or none any more.
func object<Object: HandleObject>(_ handle: OpaquePointer?) throws(Fault) -> Object { try HandleTable.shared.object(handle) }

/// Writes a new handle of an object.
func give(_ object: any HandleObject, to place: UnsafeMutablePointer<OpaquePointer?>) { place.pointee = HandleTable.shared.add(object) }
