import Files
import Imaging
import TestSupport
import Testing

@Suite struct NumPyElementTests {
    @Test func readsIntegersAndFortranOrder() throws {
        for name in ["array-u1.npy", "array-fortran.npy"] {
            let array = try NumPyArray.read(Fixture.path(name))
            #expect(array.shape == [2, 3, 4])
            #expect(array.values == (0 ..< 24).map(Float.init))
        }
    }

    @Test(arguments: ["<c8", "|O", "<U3", "|S2", "<M8", "|V4", "<f3", "|f4", "=f4", "<f16", "f4", "<i5", "?", "", "<f44"])
    func refusesOtherTypes(code: String) {
        #expect(NumPyFile.failure(NumPyFile.bytes(NumPyFile.header.replacing("<f4", with: code))).contains("'\(code)'"))
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
            let file = NumPyFile.bytes("{'descr': '\(code)', 'fortran_order': False, 'shape': (1,), }", data: 0) + bytes
            #expect(try NumPyArray.decode(file, path: "x.npy").values == [value], "\(code)")
        }
    }
}
