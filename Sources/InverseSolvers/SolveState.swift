import Files

/// The whole state of a solve between two evaluations: what a process leaves for another one, which goes on to the same last bit.
///
/// It holds no operator, measurement or prior. Whoever resumes brings the same ones, and the same instruction set.
///
/// A state that a solver hands out holds its vectors as they are, without copies, and is to be written before the call that brought it returns;
/// `detached` has copies.
package struct SolveState: @unchecked Sendable {
    /// Counts, values and choices by name; each exact in a Double.
    package var numbers: [String: [Double]] = [:]
    /// Points, gradients and images by name.
    package var vectors: [String: [Float]] = [:]
    /// The same where they are a solver's own, and go on to change.
    package private(set) var liveVectors: [String: Vector] = [:]

    package init() {}

    /// The same with copies of all vectors.
    package var detached: SolveState {
        var state = self
        for (name, vector) in liveVectors { state.vectors[name] = vector.array }
        state.liveVectors = [:]
        return state
    }

    /// The part whose names begin with `name` and a point, without these.
    package func part(_ name: String) -> SolveState? {
        let prefix = name + "."
        var part = SolveState()
        for (key, value) in numbers where key.hasPrefix(prefix) { part.numbers[String(key.dropFirst(prefix.count))] = value }
        for (key, value) in vectors where key.hasPrefix(prefix) { part.vectors[String(key.dropFirst(prefix.count))] = value }
        for (key, value) in liveVectors where key.hasPrefix(prefix) { part.liveVectors[String(key.dropFirst(prefix.count))] = value }
        return part.numbers.isEmpty && part.vectors.isEmpty && part.liveVectors.isEmpty ? nil : part
    }

    /// Takes another state in as a part, under names that begin with `name` and a point.
    package mutating func add(_ part: SolveState, as name: String) {
        for (key, value) in part.numbers { numbers["\(name).\(key)"] = value }
        for (key, value) in part.vectors { vectors["\(name).\(key)"] = value }
        for (key, value) in part.liveVectors { liveVectors["\(name).\(key)"] = value }
    }

    package mutating func set(_ name: String, _ values: Double...) { numbers[name] = values }
    package mutating func set(_ name: String, _ vector: Vector) { liveVectors[name] = vector }

    /// - Throws: `SolveStateError` where there are no such numbers, or not so many.
    package func numbers(_ name: String, count: Int? = nil) throws(SolveStateError) -> [Double] {
        guard let values = numbers[name], count == nil || values.count == count else { throw SolveStateError(name: name) }
        return values
    }

    /// - Throws: `SolveStateError` where there is no such number.
    package func number(_ name: String) throws(SolveStateError) -> Double { try numbers(name, count: 1)[0] }

    /// - Throws: `SolveStateError` where there is no such number, or it is no count.
    package func count(_ name: String) throws(SolveStateError) -> Int {
        guard let value = Int(exactly: try number(name)), value >= 0 else { throw SolveStateError(name: name) }
        return value
    }

    /// - Throws: `SolveStateError` where there is no such number, or it is neither 0 nor 1.
    package func flag(_ name: String) throws(SolveStateError) -> Bool {
        switch try number(name) {
        case 0: false
        case 1: true
        default: throw SolveStateError(name: name)
        }
    }

    /// - Throws: `SolveStateError` where there is no such vector, or it has another count.
    package func vector(_ name: String, count: Int) throws(SolveStateError) -> [Float] {
        guard let values = vectors[name], values.count == count else { throw SolveStateError(name: name) }
        return values
    }

    /// Writes a vector into one that has its count.
    ///
    /// - Throws: `SolveStateError` where there is no such vector, or it has another count.
    package func copy(_ name: String, into vector: Vector) throws(SolveStateError) {
        let values = try self.vector(name, count: vector.count)
        values.withUnsafeBufferPointer { if let base = $0.baseAddress { vector.set(from: base) } }
    }
}

/// A state that is not one of the solve that is to go on.
public struct SolveStateError: ReglowError, Equatable {
    /// What is missing, or has another size.
    package let name: String

    package init(name: String) { self.name = name }

    public var category: ReglowErrorCategory { .problem }

    public var description: String { "the state of a solve has no \(name) that fits this one" }
}

extension Bool {
    /// 1 or 0, as a state has it.
    var asNumber: Double { self ? 1 : 0 }
}
