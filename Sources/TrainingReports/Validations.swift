extension Sequence where Element == TrainingRecord {
    /// The lowest bits per dimension of validation images, nil where they were never measured.
    package var lowestValidation: Double? { compactMap(\.validationBitsPerDimension).min() }

    /// How many measurements on validation images came after the first of the lowest; 0 where there were none.
    package var validationsSinceLowest: Int {
        let values = compactMap(\.validationBitsPerDimension)
        guard let lowest = values.min(), let first = values.firstIndex(of: lowest) else { return 0 }
        return values.count - 1 - first
    }
}
