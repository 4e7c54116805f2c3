import Imaging
import KernelInterface
import TestSupport
import Testing

@Suite struct NumPyImageTests {
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
}
