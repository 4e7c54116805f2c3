/// An array of a batch: vectors of equal length one behind the other.
extension [Float] {
    /// Writes `vector` from element `start` on; the array must reach that far.
    mutating func replace(at start: Int, with vector: Vector) {
        withUnsafeMutableBufferPointer { array in
            array.baseAddress?.advanced(by: start).update(from: vector.elements, count: vector.count)
        }
    }

    /// Calls `body` with the elements from `start` on. The array must not be empty.
    func withElements<Result>(at start: Int, _ body: (UnsafePointer<Float>) -> Result) -> Result {
        withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped + start) }
    }
}
