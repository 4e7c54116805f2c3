import Files
import Imaging
import KernelInterface
import TestSupport
import Testing

/// What a file says about its pixels goes over to the file that is made of them.
@Suite struct ImageMetadataTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func copied(_ name: String, to ending: String) throws -> (from: DecodedImage, to: DecodedImage, notes: [String]) {
        let decoded = try ImageFile.read(Fixture.path(name))
        let notes = try ImageFile.write(decoded, to: folder.file("copy." + ending))
        return (decoded, try ImageFile.read(folder.file("copy." + ending)), notes)
    }

    @Test func aPNGKeepsAll() throws {
        let (from, to, notes) = try copied("all-metadata16.png", to: "png")
        #expect(notes.isEmpty && from.notes.isEmpty)
        #expect(to.metadata == from.metadata)
        #expect(to.metadata.profile.count == 132 && !to.metadata.exif.isEmpty)
        #expect(to.metadata.depth == .sixteen && to.metadata.quantization == 1 / 65535)
        #expect(to.metadata.resolution == ImageMetadata.Resolution(horizontal: 11811, vertical: 5906, unit: .metre))
        #expect(to.metadata.colour.codingPoints == [9, 16, 0, 1])
        #expect(largestDifference(to.image, from.image) == 0)
    }

    @Test func aPNGKeepsItsColourSpace() throws {
        let (from, to, notes) = try copied("colour-space.png", to: "png")
        #expect(notes.isEmpty)
        #expect(from.metadata.colour.gamma == 1)
        #expect(try #require(from.metadata.colour.chromaticities).count == 8)
        #expect(to.metadata.colour == from.metadata.colour)
        let (srgb, copy, _) = try copied("srgb.png", to: "png")
        #expect(srgb.metadata.colour.renderingIntent == 1 && copy.metadata.colour.renderingIntent == 1)
    }

    @Test func aJPEGsProfileAndResolutionGoIntoAPNG() throws {
        let (from, to, notes) = try copied("profile.jpg", to: "png")
        #expect(notes.isEmpty)
        #expect(from.metadata.resolution == ImageMetadata.Resolution(horizontal: 300, vertical: 300, unit: .inch))
        #expect(to.metadata.resolution == ImageMetadata.Resolution(horizontal: 11811, vertical: 11811, unit: .metre))
        #expect(to.metadata.profile == from.metadata.profile && from.metadata.profile.count == 132)
    }

    @Test(arguments: ["rgb8.tif", "profile.jpg", "lossless.webp", "all-metadata16.png"])
    func aTIFFKeepsProfileResolutionAndDepth(name: String) throws {
        let (from, to, notes) = try copied(name, to: "tif")
        #expect(to.metadata.profile == from.metadata.profile && from.metadata.profile.count == 132)
        #expect(to.metadata.depth == from.metadata.depth)
        #expect(largestDifference(to.image, from.image) == 0)
        if let resolution = from.metadata.resolution, resolution.unit == .inch { #expect(to.metadata.resolution == resolution) }
        #expect(notes.isEmpty == (name != "all-metadata16.png"))
    }

    @Test func whatAFormatCannotHoldIsTold() throws {
        let (_, _, notes) = try copied("all-metadata16.png", to: "npy")
        #expect(notes.count == 1 && notes[0].contains("colour profile, colour space, resolution, Exif data"))
        let (_, _, alpha) = try copied("rgb-alpha16.png", to: "npy")
        #expect(alpha.count == 1 && alpha[0].contains("alpha channel"))
    }

    /// A grey file with a profile for three channels would not be valid.
    @Test func aProfileOfOtherChannelsIsLeftOut() throws {
        let (from, to, notes) = try copied("grey-with-rgb-profile.png", to: "png")
        #expect(!from.metadata.profile.isEmpty && to.metadata.profile.isEmpty)
        #expect(notes.count == 1 && notes[0].contains("colour profile"))
        var colour = try ImageFile.read(Fixture.path("profile.jpg"))
        colour.image = try colour.image.converted(toChannels: 1)
        #expect(try ImageFile.write(colour, to: folder.file("grey.png")).count == 1)
        #expect(try ImageFile.read(folder.file("grey.png")).metadata.profile.isEmpty)
    }

    @Test(arguments: [
        "grey-alpha8.png", "rgb-alpha16.png", "rgb8-transparent-colour.png", "palette4-transparent.png", "rgba8.tif", "alpha.webp",
    ])
    func transparencyIsKept(name: String) throws {
        for ending in ["png", "tif"] {
            let (from, to, notes) = try copied(name, to: ending)
            #expect(notes.isEmpty)
            let alpha = try #require(from.alpha)
            #expect(alpha.shape == ImageShape(channels: 1, height: 9, width: 11))
            #expect(Set(alpha.pixels).count > 1 || name == "rgb8-transparent-colour.png")
            #expect(to.alpha == alpha)
            #expect(largestDifference(to.image, from.image) == 0)
        }
    }

    @Test func transparencyOfAnotherSizeIsToldToBeLost() throws {
        var decoded = try ImageFile.read(Fixture.path("rgba8.tif"))
        decoded.image = try Image(channels: 3, height: 18, width: 22) { _, _, _ in 0.5 }
        let notes = try ImageFile.write(decoded, to: folder.file("large.png"))
        #expect(notes.count == 1 && notes[0].contains("alpha channel"))
        #expect(try ImageFile.read(folder.file("large.png")).alpha == nil)
    }

    /// What goes into no output is told: XMP and IPTC data, and text.
    @Test(arguments: [
        ("words.png", ["its XMP data is left out", "its text is left out"]),
        ("words.jpg", ["its XMP data is left out", "its IPTC and Photoshop data is left out", "its comment is left out"]),
        ("words.tif", ["its XMP data is left out", "its IPTC data is left out"]),
        ("words.webp", ["its XMP data is left out"]),
    ])
    func wordsAreToldToBeLeftOut(name: String, notes: [String]) throws {
        #expect(try Set(ImageFile.read(Fixture.path(name)).notes) == Set(notes))
    }
}
