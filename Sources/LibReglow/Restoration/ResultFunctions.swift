import CReglow

@c @implementation
public func reglow_result_count(_ result: OpaquePointer?) -> Int {
    answer(otherwise: 0) { try HandleTable.shared.object(result, as: ResultObject.self).outcomes.count }
}

@c @implementation
public func reglow_result_describe(
    _ result: OpaquePointer?, _ index: Int, _ facts: UnsafeMutablePointer<reglow_result_facts>?
) -> reglow_status {
    answer {
        let result: ResultObject = try object(result)
        try result.outcome(index).facts.write(to: facts, "facts")
    }
}

@c @implementation
public func reglow_result_image(_ result: OpaquePointer?, _ index: Int) -> UnsafePointer<Float>? {
    answer(otherwise: nil) {
        let result: ResultObject = try object(result)
        return try result.outcome(index).image.map { UnsafePointer($0.base) }
    }
}

@c @implementation
public func reglow_result_copy_image(
    _ result: OpaquePointer?, _ index: Int, _ image: UnsafeMutablePointer<Float>?, _ count: Int
) -> reglow_status {
    answer {
        let (result, place): (ResultObject, _) = (try object(result), try given(image, "image"))
        let outcome = try result.outcome(index)
        guard let found = outcome.image else {
            throw Fault(outcome.facts.status, "image \(index) is not there: \(outcome.message.map { String(cString: $0.pointer) } ?? "")")
        }
        try require(count == found.count, "count is \(UInt(bitPattern: count)), but image \(index) has \(found.count) numbers")
        place.update(from: found.base, count: count)
    }
}

@c @implementation
public func reglow_result_message(_ result: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) {
        let result: ResultObject = try object(result)
        return try result.outcome(index).message?.pointer
    }
}

@c @implementation
public func reglow_result_trust(
    _ result: OpaquePointer?, _ index: Int, _ verdict: UnsafeMutablePointer<reglow_verdict>?
) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) {
        let result: ResultObject = try object(result)
        let outcome = try result.outcome(index)
        verdict?.pointee = outcome.verdict
        return outcome.reasons?.pointer
    }
}

@c @implementation
public func reglow_result_iterate(
    _ result: OpaquePointer?, _ index: Int, _ number: Int, _ iterate: UnsafeMutablePointer<reglow_iterate>?
) -> reglow_status {
    answer {
        let result: ResultObject = try object(result)
        let iterates = try result.outcome(index).iterates
        try requireNumber(number, of: iterates, "iterate")
        try iterates[number].write(to: iterate, "iterate")
    }
}

@c @implementation
public func reglow_result_path_step(
    _ result: OpaquePointer?, _ index: Int, _ number: Int, _ step: UnsafeMutablePointer<reglow_path_step>?
) -> reglow_status {
    answer {
        let result: ResultObject = try object(result)
        let path = try result.outcome(index).path
        try requireNumber(number, of: path, "step")
        try path[number].write(to: step, "step")
    }
}

private func requireNumber<Element>(_ number: Int, of elements: [Element], _ name: String) throws(Fault) {
    try require(
        elements.indices.contains(number), "\(name) \(UInt(bitPattern: number)) is asked for, but there are \(elements.count)")
}

@c @implementation
public func reglow_result_note(_ result: OpaquePointer?, _ number: Int, _ image: UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) {
        let notes = try HandleTable.shared.object(result, as: ResultObject.self).notes
        guard notes.indices.contains(number) else { return nil }
        if let image { try given(image, "image").pointee = notes[number].index }
        return notes[number].text.pointer
    }
}

@c @implementation
public func reglow_result_free(_ result: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(result, as: ResultObject.self) }
}
