import Files
import Imaging
import KernelInterface
import TestSupport
import Testing

@Suite struct NumPyTests {
    private static let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

    /// A version 1.0 file with this header and `count` bytes of data, all zero.
    private static func file(_ header: String, data count: Int = 24) -> [UInt8] {
        let length = header.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
            + [UInt8](repeating: 0, count: count)
    }

    private func failure(_ bytes: [UInt8]) -> String {
        let error = #expect(throws: FileError.self) { try NumPyArray.decode(bytes, path: "x.npy") }
        return error?.description ?? ""
    }

    @Test(arguments: ["array-f4.npy", "array-f8.npy", "array-version2.npy", "array-version3.npy"])
    func readsWhatNumPyWrote(name: String) throws {
        let array = try NumPyArray.read(Fixture.path(name))
        #expect(array.shape == [2, 3, 4])
        #expect(array.values == (0 ..< 24).map(Float.init))
    }

    @Test func readsBooleansAsZeroAndOne() throws {
        let array = try NumPyArray.read(Fixture.path("array-b1.npy"))
        #expect(array.values == (0 ..< 24).map { Float($0 % 2) })
    }

    @Test func writesTheBytesThatNumPyWrites() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("array.npy")
        try NumPyArray(shape: [2, 3, 4], values: (0 ..< 24).map(Float.init)).write(to: path)
        #expect(try FileBytes.read(path) == Fixture.bytes("array-f4.npy"))
    }

    @Test(arguments: [[], [5], [2, 3], [1, 2, 3, 4]] as [[Int]])
    func everyShapeSurvivesARoundTrip(shape: [Int]) throws {
        let array = try NumPyArray(shape: shape, values: (0 ..< shape.reduce(1, *)).map { Float($0) * 0.1 - 7 })
        let bytes = try array.encoded(path: "x.npy")
        #expect((bytes.count - 4 * array.values.count) % 64 == 0)
        #expect(try NumPyArray.decode(bytes, path: "x.npy") == array)
    }

    @Test func imagesAreExactAndKeepTheirShape() throws {
        let folder = try TemporaryFolder()
        for channels in [1, 3] {
            let path = folder.file("image\(channels).npy")
            let image = try Image(channels: channels, height: 2, width: 5) { (Float($0) - Float($1) / 3 + Float($2)) / 7 }
            try ImageFile.write(image, to: path)
            #expect(largestDifference(try ImageFile.read(path).image, image) == 0)
            #expect(try NumPyArray.read(path).shape == (channels == 1 ? [2, 5] : [3, 2, 5]))
        }
        let single = try NumPyArray(shape: [1, 2, 5], values: [Float](repeating: 0.5, count: 10))
        try single.write(to: folder.file("single.npy"))
        #expect(try ImageFile.read(folder.file("single.npy")).image.shape == ImageShape(channels: 1, height: 2, width: 5))
    }

    @Test(arguments: [[10], [1, 1, 2, 5], [5, 1, 2], [2, 5, 1, 1]])
    func otherShapesAreNotImages(shape: [Int]) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.npy")
        try NumPyArray(shape: shape, values: [Float](repeating: 0, count: 10)).write(to: path)
        #expect(readFailure(path).contains("is not an image"))
    }

    @Test func namesTheFirstValueThatIsNotFinite() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.npy")
        var bytes = try NumPyArray(shape: [2, 2], values: [1, 2, 3, 4]).encoded(path: path)
        bytes.replaceSubrange(bytes.count - 8 ..< bytes.count - 4, with: [0, 0, 0xC0, 0x7F])
        _ = try folder.file("x.npy", holding: bytes)
        #expect(readFailure(path) == "the value at index 2 is nan, not a finite number")

        // 1e300 is finite in float64, but not in float32.
        var wide = Self.file("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data: 0)
        withUnsafeBytes(of: (1e300).bitPattern.littleEndian) { wide.append(contentsOf: $0) }
        #expect(failure(wide).contains("index 0 is inf"))
        #expect(throws: FileError.self) { try NumPyArray(shape: [1], values: [.nan]).encoded(path: path) }
    }

    @Test func readsIntegersAndFortranOrder() throws {
        for name in ["array-u1.npy", "array-fortran.npy"] {
            let array = try NumPyArray.read(Fixture.path(name))
            #expect(array.shape == [2, 3, 4])
            #expect(array.values == (0 ..< 24).map(Float.init))
        }
    }

    @Test(arguments: ["<c8", "|O", "<U3", "|S2", "<M8", "|V4", "<f3", "|f4", "=f4", "<f16", "f4", "<i5", "?", "", "<f44"])
    func refusesOtherTypes(code: String) {
        #expect(failure(Self.file(Self.header.replacing("<f4", with: code))).contains("'\(code)'"))
    }

    @Test func theBitsOfEveryTypeAreNumbers() throws {
        let cases: [(code: String, bytes: [UInt8], value: Float)] = [
            ("|i1", [0xFE], -2), ("<i2", [0xFE, 0xFF], -2), (">i2", [0xFF, 0xFE], -2),
            ("<i8", [0xFE] + [UInt8](repeating: 0xFF, count: 7), -2),
            (">u4", [0, 0, 1, 0], 256), ("<u8", [0, 0, 0, 0, 1, 0, 0, 0], 4_294_967_296), (">f2", [0x38, 0], 0.5),
            ("<f2", [1, 0], 0x1p-24),
            (">f8", [0xBF, 0xE0, 0, 0, 0, 0, 0, 0], -0.5), ("|b1", [7], 1),
        ]
        for (code, bytes, value) in cases {
            let file = Self.file("{'descr': '\(code)', 'fortran_order': False, 'shape': (1,), }", data: 0) + bytes
            #expect(try NumPyArray.decode(file, path: "x.npy").values == [value], "\(code)")
        }
    }

    @Test func dataMustFitTheShapeExactly() throws {
        #expect(try NumPyArray.decode(Self.file(Self.header), path: "x.npy").shape == [2, 3])
        for count in [0, 23, 25, 28, 48] {
            let reason = failure(Self.file(Self.header, data: count))
            #expect(reason == "x.npy: \(count) bytes of data, but shape [2, 3] of '<f4' needs 24")
        }
    }

    @Test(arguments: [
        "(0, 3)", "(-2, -3)", "(4611686018427387904, 4)", "(4294967296, 4294967296)",
        "(" + String(repeating: "1, ", count: 33) + ")",
    ])
    func refusesShapesThatCannotBe(shape: String) {
        #expect(failure(Self.file(Self.header.replacing("(2, 3)", with: shape))).contains("no elements or too many"))
    }

    @Test func aProductThatFitsCanStillOverflowInBytes() {
        let reason = failure(Self.file(Self.header.replacing("(2, 3)", with: "(4611686018427387904,)")))
        #expect(reason.contains("far more"))
    }

    @Test(arguments: [
        "", "{", "{}", "}", "{'descr'", "{'descr': ", "{'descr': '<f4", "{'descr': '<f4', 'fortran_order': False}",
        header + "x", header + header, header.replacing("False", with: "Fals"), header.replacing("False", with: "0"),
        header.replacing("(2, 3)", with: "(2, 3"), header.replacing("(2, 3)", with: "(2 3)"),
        header.replacing("(2, 3)", with: "(,)"), header.replacing("(2, 3)", with: "(2, --3)"),
        header.replacing("(2, 3)", with: "(99999999999999999999,)"), header.replacing("(2, 3)", with: "2"),
        header.replacing("'<f4'", with: "[('a', '<f4')]"), header.replacing("'shape'", with: "'form'"),
        header.replacing("'fortran_order': False", with: "'descr': '<f4'"),
    ])
    func refusesDamagedHeaders(text: String) {
        #expect(failure(Self.file(text)).contains("the NumPy header is damaged"))
    }

    @Test func refusesHeadersThatDoNotFitTheFile() throws {
        let good = try Fixture.bytes("array-f4.npy")
        for count in 0 ..< good.count { #expect(!failure(Array(good[..<count])).isEmpty) }
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
        #expect(failure(magic + [1, 0, 255, 255]).contains("65535 bytes"))
        #expect(failure(magic + [2, 0, 255, 255, 255, 255, 0]).contains("4294967295 bytes"))
        #expect(failure(magic + [4, 0, 0, 0]).contains("version 4.0"))
        #expect(failure(magic + [1, 1, 0, 0]).contains("version 1.1"))
    }

    @Test func anArrayHoldsWhatItsShapeSays() {
        for (shape, count) in [([2, 3], 5), ([0], 0), ([-1, -1], 1), ([Int.max, 2], 2)] {
            #expect(throws: NumPyArrayError.self) {
                try NumPyArray(shape: shape, values: [Float](repeating: 0, count: count))
            }
        }
    }
}
