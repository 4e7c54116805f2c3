extension Sequence where Element == TrainingRecord {
    /// The lowest bits per dimension of held-out images, nil where they were never measured.
    public var lowestHeldOut: Double? { compactMap(\.heldOutBitsPerDimension).min() }

    /// How many measurements on held-out images came after the first of the lowest; 0 where there were none.
    public var validationsSinceLowest: Int {
        let values = compactMap(\.heldOutBitsPerDimension)
        guard let lowest = values.min(), let first = values.firstIndex(of: lowest) else { return 0 }
        return values.count - 1 - first
    }
}
