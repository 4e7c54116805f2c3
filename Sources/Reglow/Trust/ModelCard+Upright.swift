import GlowModel

extension ModelCard {
    /// The size of the pictures of a prior that are all upright and aligned, such as faces: the entry `upright` has it as height and width, `64x64`, and of
    /// shipped priors it is known by their name. Nil for all others.
    var uprightSize: Problem.ImageSize? {
        guard let text = entries["upright"] else { return name.flatMap { Self.shipped[$0] } }
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let height = sides[0], let width = sides[1] else { return nil }
        return Problem.ImageSize(height: height, width: width)
    }

    private static let shipped: [String: Problem.ImageSize] = [
        "faces64": Problem.ImageSize(height: 64, width: 64), "faces64-bootstrap": Problem.ImageSize(height: 64, width: 64),
    ]
}
