import ForwardOperators

/// Where a border sends an index of a line, found step by step; nil where there is darkness or nothing.
func borderSource(_ index: Int, _ length: Int, _ border: Border) -> Int? {
    var index = index
    while index < 0 || index >= length {
        switch border {
        case .periodic: index += index < 0 ? length : -length
        case .reflect: index = index < 0 ? -1 - index : 2 * length - 1 - index
        case .replicate: index = index < 0 ? 0 : length - 1
        case .zero, .unknown: return nil
        }
    }
    return index
}
