import Foundation
import Reglow
import TestSupport
import Testing

/// Many images in one call.
@Suite struct RestoreRunTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forManyImages() }

    @Test func aloneOrWithFourOthersIsTheSame() throws {
        for index in 0 ..< 5 { try folder.writePicture("y/\(index).npy", height: 12, width: 12, phase: Float(index)) }
        #expect(try folder.restore("y", "--output", "x").status == 0)
        for index in 0 ..< 5 {
            #expect(try folder.restore("y/\(index).npy", "--output", "alone.npy").status == 0)
            #expect(try folder.bytes("alone.npy") == folder.bytes("x/\(index).npy"))
        }
    }

    @Test(arguments: Formulation.allCases)
    func oneAndTwoThreadsGiveTheSame(_ method: Formulation) throws {
        try folder.writePicture("y/a.npy", height: 48, width: 40)
        for threads in ["1", "2"] {
            let ending = try folder.restore("y/a.npy", "--output", "\(threads).npy", "--threads", threads, "--method", method.rawValue)
            #expect(ending.status == 0, "\(ending.messages)")
        }
        #expect(try folder.bytes("1.npy") == folder.bytes("2.npy"))
    }

    @Test func sizesMayDiffer() throws {
        try folder.writePicture("y/a.npy", height: 12, width: 9)
        try folder.writePicture("y/b.npy", height: 7, width: 16)
        #expect(try folder.restore("y/a.npy", "y/b.npy", "--output", "x").status == 0)
        #expect(try folder.image("x/a.npy").shape == ImageShape(channels: 3, height: 12, width: 9))
        #expect(try folder.image("x/b.npy").shape == ImageShape(channels: 3, height: 7, width: 16))
    }
}
