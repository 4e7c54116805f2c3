import Files
import Imaging
import Testing

@Suite struct NumPyHeaderTests {
    @Test(arguments: [
        "(0, 3)", "(-2, -3)", "(4611686018427387904, 4)", "(4294967296, 4294967296)",
        "(" + String(repeating: "1, ", count: 33) + ")",
    ])
    func refusesShapesThatCannotBe(shape: String) {
        #expect(NumPyFile.failure(NumPyFile.bytes(NumPyFile.header.replacing("(2, 3)", with: shape))).contains("no elements or too many"))
    }

    @Test func aProductThatFitsCanStillOverflowInBytes() {
        let reason = NumPyFile.failure(NumPyFile.bytes(NumPyFile.header.replacing("(2, 3)", with: "(4611686018427387904,)")))
        #expect(reason.contains("far more"))
    }

    @Test func refusesHeadersThatDoNotFitTheFile() throws {
        let good = try Fixture.bytes("array-f4.npy")
        for count in 0 ..< good.count { #expect(!NumPyFile.failure(Array(good[..<count])).isEmpty) }
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
        #expect(NumPyFile.failure(magic + [1, 0, 255, 255]).contains("65535 bytes"))
        #expect(NumPyFile.failure(magic + [2, 0, 255, 255, 255, 255, 0]).contains("4294967295 bytes"))
        #expect(NumPyFile.failure(magic + [4, 0, 0, 0]).contains("version 4.0"))
        #expect(NumPyFile.failure(magic + [1, 1, 0, 0]).contains("version 1.1"))
    }
}
