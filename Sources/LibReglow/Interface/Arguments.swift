import CReglow
import KernelDispatch
import KernelInterface
import Reglow

// What is asked of arguments. All throw `Fault`s that name the argument as the header does.

/// The pointer, unless it is NULL or not at a multiple of what its elements need.
func given<Element>(_ pointer: UnsafePointer<Element>?, _ name: String) throws(Fault) -> UnsafePointer<Element> {
    guard let pointer else { throw Fault.argument("\(name) is NULL") }
    try require(isAligned(UInt(bitPattern: pointer), Element.self), "\(name) is not aligned to its numbers")
    return pointer
}

/// The pointer, unless it is NULL or not at a multiple of what its elements need.
func given<Element>(_ pointer: UnsafeMutablePointer<Element>?, _ name: String) throws(Fault) -> UnsafeMutablePointer<Element> {
    guard let pointer else { throw Fault.argument("\(name) is NULL") }
    try require(isAligned(UInt(bitPattern: pointer), Element.self), "\(name) is not aligned to its numbers")
    return pointer
}

private func isAligned<Element>(_ address: UInt, _ type: Element.Type) -> Bool {
    address.isMultiple(of: UInt(MemoryLayout<Element>.alignment))
}

/// The text, unless it is NULL or no UTF-8.
func givenText(_ text: UnsafePointer<CChar>?, _ name: String) throws(Fault) -> String {
    let text = try given(text, name)
    guard let string = String(validatingCString: text) else { throw Fault.argument("\(name) is not UTF-8") }
    return string
}

/// A count within bounds. A number of more than 63 bits arrives negative.
func requireCount(_ count: Int, _ name: String, _ bounds: ClosedRange<Int>) throws(Fault) {
    try require(
        bounds.contains(count), "\(name) is \(UInt(bitPattern: count)), but must be from \(bounds.lowerBound) to \(bounds.upperBound)")
}

/// A number within bounds; NaN is in none.
func requireNumber(_ number: Double, _ name: String, _ bounds: ClosedRange<Double>) throws(Fault) {
    try require(bounds.contains(number), "\(name) is \(number), but must be from \(bounds.lowerBound) to \(bounds.upperBound)")
}

/// What a choice stands for.
func choice<Choice>(_ number: UInt32, _ name: String, _ all: [Choice]) throws(Fault) -> Choice {
    try require(number < all.count, "\(name) is \(number), which is none of its values")
    return all[Int(number)]
}

/// How many threads work; 0 is all.
func threadCount(_ threads: Int) throws(Fault) -> Int {
    try requireCount(threads, "threads", 0 ... Int(REGLOW_MOST_THREADS))
    return threads == 0 ? ThreadCount.available() : threads
}

/// Numbers that one array may have.
let mostNumbers = 1 << 40

/// A shape whose count does not overflow, and `count` of which fit into an array.
func givenShape(_ shape: UnsafePointer<reglow_shape>?, _ name: String, count: Int = 1) throws(Fault) -> ImageShape {
    try givenShape(try given(shape, name).pointee, name, count: count)
}

/// A shape whose count does not overflow, and `count` of which fit into an array.
func givenShape(_ shape: reglow_shape, _ name: String, count: Int = 1) throws(Fault) -> ImageShape {
    let most = Int(Int32.max)
    for (side, part) in [(shape.channels, "channels"), (shape.height, "height"), (shape.width, "width")] {
        try requireCount(side, "the \(part) of \(name)", 1 ... most)
    }
    let (pixels, overflow) = shape.height.multipliedReportingOverflow(by: shape.width)
    let (numbers, tooMany) = pixels.multipliedReportingOverflow(by: shape.channels)
    let result = ImageShape(channels: shape.channels, height: shape.height, width: shape.width)
    try require(!overflow && !tooMany && numbers <= most, "\(name) is \(result), which is more than \(most) numbers")
    try requireCount(count, "count", 1 ... mostNumbers / numbers)
    return result
}

/// Two arrays that are not to overlap.
func requireApart(_ a: UnsafePointer<Float>, _ aCount: Int, _ b: UnsafePointer<Float>, _ bCount: Int, _ names: String) throws(Fault) {
    let (a, b) = (UInt(bitPattern: a), UInt(bitPattern: b))
    let (aEnd, bEnd) = (a &+ 4 &* UInt(aCount), b &+ 4 &* UInt(bCount))
    try require(aEnd <= b || bEnd <= a, "\(names) overlap")
}

extension reglow_shape {
    init(_ shape: ImageShape) { self.init(channels: shape.channels, height: shape.height, width: shape.width) }
}

/// Throws where the process may not take so many bytes more. Without it an allocation that fails would end the process.
func requireMemory(_ bytes: Int) throws {
    guard bytes > freeOfQuestion else { return }
    let resident = AvailableMemory.resident().now
    guard let limit = MemoryLimit.bytes(asked: nil, threads: 0) else { return }
    let (needed, overflow) = resident.addingReportingOverflow(bytes)
    if overflow || needed > limit { throw MemoryShortage(needed: overflow ? .max / 2 : needed, limit: limit) }
}

/// Bytes that are taken without asking: asking reads files.
private let freeOfQuestion = 1 << 22
