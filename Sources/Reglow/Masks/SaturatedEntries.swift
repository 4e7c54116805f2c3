import Imaging

extension Image {
    /// Says for each number whether it is below a level: where a sensor clips, the numbers at the level say only that the light was at least
    /// that, in each channel by itself.
    package func entries(below level: Float) -> [Bool] { pixels.map { $0 < level } }

    /// Which numbers are trusted that are below a level, and what is to be told of the others.
    ///
    /// - Parameter trusted: which are trusted besides, of each pixel or of each number; nil trusts all.
    package func trusting(below level: Float, _ trusted: [Bool]?) -> (entries: [Bool], remark: String) {
        let below = entries(below: level)
        let clipped = below.count { !$0 }
        let remark =
            clipped == 0
            ? "no value is at or above \(level): nothing is taken as saturated"
            : "\(clipped) of \(below.count) values are at or above \(level) and taken as saturated"
        guard let trusted else { return (below, remark) }
        return (below.indices.map { below[$0] && trusted[$0 % trusted.count] }, remark)
    }
}
