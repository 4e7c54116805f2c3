import KernelInterface

extension ForwardOperator {
    /// The operator with a mask after it, for a measurement of which some entries are not to be trusted: dead or clipped pixels.
    ///
    ///     M A,    M = 1 at trusted entries, else 0
    ///
    /// After the identity and after another mask it is one mask, which has what both have.
    ///
    /// - Parameter trusted: height * width entries of the measurement, for all channels alike, or one for each number of it; nil trusts all.
    /// - Throws: `OperatorError` when `trusted` has another length, or nothing is left that is measured.
    package func trusting(_ trusted: [Bool]?) throws -> any ForwardOperator {
        guard let trusted else { return self }
        let mask = try Mask(imageShape: measurementShape, keep: trusted)
        switch self {
        case is Identity: return mask
        case let inner as Mask: return try inner.intersection(mask)
        default: return try Composition(mask, after: self)
        }
    }
}

extension Mask {
    /// The mask that keeps what both keep.
    ///
    /// - Throws: `OperatorError.maskKeepsNothing`.
    fileprivate func intersection(_ other: Mask) throws -> Mask {
        let count = max(keep.count, other.keep.count)
        return try Mask(
            imageShape: imageShape, keep: (0 ..< count).map { keep[$0 % keep.count] && other.keep[$0 % other.keep.count] })
    }
}
