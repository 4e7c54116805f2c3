import Files
import Imaging
import TestSupport
import Testing

@Suite struct NumPyArrayTests {
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

    @Test func namesTheFirstValueThatIsNotFinite() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.npy")
        var bytes = try NumPyArray(shape: [2, 2], values: [1, 2, 3, 4]).encoded(path: path)
        bytes.replaceSubrange(bytes.count - 8 ..< bytes.count - 4, with: [0, 0, 0xC0, 0x7F])
        _ = try folder.file("x.npy", holding: bytes)
        #expect(readFailure(path) == "the value at index 2 is nan, not a finite number")

        // 1e300 is finite in float64, but not in float32.
        var wide = NumPyFile.bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data: 0)
        withUnsafeBytes(of: (1e300).bitPattern.littleEndian) { wide.append(contentsOf: $0) }
        #expect(NumPyFile.failure(wide).contains("index 0 is inf"))
        #expect(throws: FileError.self) { try NumPyArray(shape: [1], values: [.nan]).encoded(path: path) }
    }

    @Test func dataMustFitTheShapeExactly() throws {
        #expect(try NumPyArray.decode(NumPyFile.bytes(NumPyFile.header), path: "x.npy").shape == [2, 3])
        for count in [0, 23, 25, 28, 48] {
            let reason = NumPyFile.failure(NumPyFile.bytes(NumPyFile.header, data: count))
            #expect(reason == "x.npy: \(count) bytes of data, but shape [2, 3] of '<f4' needs 24")
        }
    }

    @Test func anArrayHoldsWhatItsShapeSays() {
        for (shape, count) in [([2, 3], 5), ([0], 0), ([-1, -1], 1), ([Int.max, 2], 2)] {
            #expect(throws: NumPyArrayError.self) {
                try NumPyArray(shape: shape, values: [Float](repeating: 0, count: count))
            }
        }
    }
}
