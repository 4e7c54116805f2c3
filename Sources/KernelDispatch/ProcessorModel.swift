import CPUFeatures

/// Which kind of processor this is, as cpuid numbers them.
public struct ProcessorModel: Hashable, Sendable, CustomStringConvertible {
    /// `AuthenticAMD` or `GenuineIntel`, for example; empty where it is not known.
    public let vendor: String
    /// Family and model, with their extended parts.
    public let family, model: Int

    /// Takes the numbers as they are.
    public init(vendor: String, family: Int, model: Int) {
        (self.vendor, self.family, self.model) = (vendor, family, model)
    }

    /// The processor that runs this.
    public static let current: ProcessorModel = {
        var identity = reglow_identify_cpu()
        let vendor = withUnsafeBytes(of: &identity.vendor) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return ProcessorModel(vendor: vendor, family: Int(identity.family), model: Int(identity.model))
    }()

    public var description: String { vendor.isEmpty ? "an unknown processor" : "\(vendor) family \(family) model \(model)" }
}
