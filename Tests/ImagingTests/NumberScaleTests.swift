import Files
import Imaging
import KernelInterface
import TestSupport
import Testing

/// What the numbers of arrays mean.
@Suite struct NumberScaleTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var planar: Image {
        get throws {
            try Image(channels: 3, height: 9, width: 11) { Float(Fixture.sample($0, $1, $2, bits: 16)) / 65535 }
        }
    }

    @Test(
        arguments: [
            ("image-u2.npy", 0), ("image-big-u2.npy", 0), ("image-fortran.npy", 1e-7), ("image-little-f4.npy", 1e-7),
            ("image-big-f4.npy", 1e-7),
            ("image-little-f8.npy", 1e-7), ("image-big-f8.npy", 1e-7), ("image-little-f2.npy", 1e-3), ("image-big-f2.npy", 1e-3),
        ] as [(String, Float)])
    func allTypesGiveTheSameImage(name: String, tolerance: Float) throws {
        #expect(largestDifference(try ImageFile.read(Fixture.path(name)).image, try planar) <= tolerance)
    }

    @Test func channelsMayComeLast() throws {
        let decoded = try ImageFile.read(Fixture.path("image-u1-last.npy"))
        let expected = try Image(channels: 3, height: 9, width: 11) { Float(Fixture.sample($0, $1, $2, bits: 8)) / 255 }
        #expect(largestDifference(decoded.image, expected) == 0)
        #expect(decoded.metadata.quantization == 1.0 / 255)
        #expect(decoded.notes == ["uint8, divided by 255: 1 is white"])
    }

    /// An array that this package wrote of a narrow image is read as it was.
    @Test(arguments: [(1, 1), (5, 3), (3, 3), (7, 1), (1, 3)]) func narrowImagesSurvive(height: Int, width: Int) throws {
        for channels in [1, 3] {
            let image = try Image(channels: channels, height: height, width: width) { Float($0 + 2 * $1 + $2) / 30 }
            try ImageFile.write(image, to: folder.file("n.npy"))
            #expect(try ImageFile.read(folder.file("n.npy")).image == image)
        }
    }

    @Test func otherTypesAreRefusedWithWhatToDo() throws {
        #expect(readFailure(try Fixture.path("image-i8.npy")).contains("--range"))
        let said = try ImageFile.read(Fixture.path("image-i8.npy"), scale: .image(white: 255))
        let expected = try Image(channels: 1, height: 9, width: 11) { Float(Fixture.sample($0, $1, $2, bits: 8)) / 255 }
        #expect(largestDifference(said.image, expected) <= Float.ulpOfOne)
        #expect(readFailure(try Fixture.path("image-complex.npy")).contains("complex"))
    }

    private func write(_ value: (_ row: Int, _ column: Int) -> Float) throws -> String {
        var pixels: [Float] = []
        for row in 0 ..< 40 { for column in 0 ..< 50 { pixels.append(value(row, column)) } }
        try NumPyArray(shape: [40, 50], values: pixels).write(to: folder.file("s.npy"))
        return folder.file("s.npy")
    }

    private static func scene(_ row: Int, _ column: Int) -> Float { Float((row * 3 + column * 2) % 200) / 200 }

    @Test(arguments: [255, 1023, 4095, 65535, 1e6] as [Float]) func anotherScaleIsRefused(white: Float) throws {
        let path = try write { white * Self.scene($0, $1) }
        #expect(readFailure(path).contains("--range \(white == 1e6 ? "995000" : "\(Int(white))")"))
        #expect(throws: Never.self) { try ImageFile.read(path, scale: .image(white: Double(white))) }
        #expect(throws: Never.self) { try ImageFile.read(path, scale: .free) }
    }

    /// A dark sky with a few stars: most values are small.
    @Test func countsAreRefused() throws {
        #expect(readFailure(try write { row, column in row == 7 && column == 9 ? 20000 : 0.5 }).contains("--range"))
    }

    @Test func valuesAroundZeroAreRefused() throws {
        #expect(readFailure(try write { 2 * Self.scene($0, $1) - 1 }).contains("below black"))
        #expect(readFailure(try write { Self.scene($0, $1) - 0.5 }).contains("below black"))
    }

    @Test func theWrongWhiteIsRefused() throws {
        let path = try write { 65535 * Self.scene($0, $1) }
        let error = #expect(throws: FileError.self) { try ImageFile.read(path, scale: .image(white: 255)) }
        #expect(error?.reason.contains("divided by 255") == true)
    }

    @Test(arguments: [0.01, 0.1, 0.5, 1] as [Double]) func noiseIsNoOtherScale(deviation: Double) throws {
        var generator = SeededGenerator(seed: 5, stream: .noise)
        for level in [0, 0.5, 1] as [Float] {
            let path = try write { _, _ in level + Float(deviation * generator.nextNormal()) }
            #expect(throws: Never.self) { try ImageFile.read(path) }
        }
    }

    @Test func anArrayGoesBackToItsScale() throws {
        let path = try write { 255 * Self.scene($0, $1) }
        let decoded = try ImageFile.read(path, scale: .image(white: 255))
        _ = try ImageFile.write(decoded, to: folder.file("back.npy"))
        let (first, second) = (try NumPyArray.read(path).values, try NumPyArray.read(folder.file("back.npy")).values)
        #expect(zip(first, second).allSatisfy { abs($0 - $1) <= 1e-4 })
    }
}
