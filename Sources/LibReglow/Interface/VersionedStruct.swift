import CReglow

/// A struct of the interface whose first field is its size, so that later versions can add fields at its end.
///
/// The size is the caller's. Fields that a shorter struct lacks have their default; a longer one must have zeros in what is not known here.
protocol VersionedStruct {
    var size: Int { get set }
    /// What the fields are that a caller does not set.
    static var defaults: Self { get }
    /// The name of the type.
    static var name: String { get }
    /// The size of its first version.
    static var leastSize: Int { get }
}

extension VersionedStruct {
    /// The size of a struct that has not grown yet.
    static var leastSize: Int { MemoryLayout<Self>.size }
    private static var mostSize: Int { 1 << 16 }

    private static func requireSize(_ size: Int) throws(Fault) {
        try require(
            (leastSize ... mostSize).contains(size),
            "the size of \(name) is \(UInt(bitPattern: size)), but must be its sizeof, here \(MemoryLayout<Self>.size)")
    }

    /// The struct that a caller filled.
    static func read(_ pointer: UnsafePointer<Self>?, _ argument: String) throws(Fault) -> Self {
        let source = UnsafeRawPointer(try given(pointer, argument))
        let size = source.load(as: Int.self)
        try requireSize(size)
        var result = defaults
        withUnsafeMutableBytes(of: &result) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: min(size, MemoryLayout<Self>.size)))
        }
        let rest = UnsafeRawBufferPointer(start: source, count: size).dropFirst(MemoryLayout<Self>.size)
        try require(rest.allSatisfy { $0 == 0 }, "\(name) has fields that this version of the library does not know")
        return result
    }

    /// Checks a struct that is to be filled for its caller, before the work.
    static func requireRoom(_ pointer: UnsafeMutablePointer<Self>?, _ argument: String) throws(Fault) {
        try requireSize(UnsafeRawPointer(try given(pointer, argument)).load(as: Int.self))
    }

    /// Fills the part that the caller knows; the size stays, and what is not known here becomes 0.
    func write(to pointer: UnsafeMutablePointer<Self>?, _ argument: String) throws(Fault) {
        try Self.requireRoom(pointer, argument)
        let target = UnsafeMutableRawPointer(try given(pointer, argument))
        let size = target.load(as: Int.self)
        var copy = self
        copy.size = size
        withUnsafeBytes(of: &copy) { target.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: min(size, $0.count)) }
        let rest = UnsafeMutableRawBufferPointer(start: target, count: size).dropFirst(MemoryLayout<Self>.size)
        for index in rest.indices { target.storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
    }

    /// Fills a struct of `size` bytes with the defaults.
    static func initialize(_ pointer: UnsafeMutablePointer<Self>?, _ argument: String, size: Int) throws(Fault) {
        try requireSize(size)
        UnsafeMutableRawPointer(try given(pointer, argument)).storeBytes(of: size, as: Int.self)
        try defaults.write(to: pointer, argument)
    }
}

/// What is not known, in a field of a struct.
let unknown = Double.nan
