import Imaging

extension Image {
    /// Says for each number whether it is below a level: where a sensor clips, the numbers at the level say only that the light was at least
    /// that, in each channel by itself.
    package func entries(below level: Float) -> [Bool] { pixels.map { $0 < level } }
}
