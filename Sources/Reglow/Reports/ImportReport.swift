import CheckpointImport
import GlowModel

/// What `reglow import` and the functions for C and Python say of a checkpoint.
package struct ImportReport: Encodable {
    package let checkpoint: String
    package let family: String
    package let container: String
    /// The keys of the dictionaries around the state dict.
    package let place: String
    package let prefix: String
    package let sha256: String
    package let architecture: Architecture
    package let decisions: [ImportDecision]
    /// By the probe.
    package let bitsPerDimension: JSONNumber?
    package let noiseLevels: Int
    package let probeImages: Int
    /// Null where nothing was written.
    package let output: String?
    package let format: String
    package let check: Check?

    package struct Architecture: Encodable {
        package let imageChannels: Int
        package let levels: Int
        package let steps: [Int]
        package let hidden: Int
        package let coupling: String
        /// Height and width of the only images that it takes, null for any.
        package let imageSize: [Int]?
    }

    package struct Check: Encodable {
        package let images: Int
        package let bitsBefore: JSONNumber
        package let bitsAfter: JSONNumber
        package let largestDifference: JSONNumber
    }

    package init(_ imported: ImportedGlow, output: String?, check: ImportCheck?) {
        checkpoint = imported.path
        family = imported.family.rawValue
        container = imported.container
        place = imported.place
        prefix = imported.prefix
        sha256 = imported.digest
        let model = imported.architecture
        architecture = Architecture(
            imageChannels: model.imageChannels, levels: model.levels, steps: model.steps, hidden: model.hidden,
            coupling: model.coupling.rawValue, imageSize: imported.imageSize.map { [$0.height, $0.width] })
        decisions = imported.decisions
        bitsPerDimension = imported.bitsPerDimension.map { JSONNumber($0) }
        noiseLevels = imported.noiseLevels
        probeImages = imported.probeImages
        self.output = output
        format = imported.modelFormat
        self.check = check.map {
            Check(
                images: $0.images, bitsBefore: JSONNumber($0.bitsBefore), bitsAfter: JSONNumber($0.bitsAfter),
                largestDifference: JSONNumber($0.largestDifference))
        }
    }
}
