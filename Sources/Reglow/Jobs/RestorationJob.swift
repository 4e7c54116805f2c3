/// One image of a job: which file is restored into which.
public struct RestorationJob: Sendable, Hashable {
    /// The measurement's file.
    public var input: String
    /// The restored image: a path, or for `JobRunner` a name within the folder of its outputs.
    public var output: String
    /// The truth, which the result is compared with.
    public var truth: String?
    /// A mask of this measurement, in place of that of the settings.
    public var mask: String?
    /// The seed of a random operator, in place of that of the settings.
    public var seed: UInt64?

    /// Makes a job of one image.
    public init(input: String, output: String, truth: String? = nil, mask: String? = nil, seed: UInt64? = nil) {
        (self.input, self.output, self.truth, self.mask, self.seed) = (input, output, truth, mask, seed)
    }
}
