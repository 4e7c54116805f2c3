import ForwardOperators
import KernelInterface
import Testing

@Suite struct MirroringTests {
    @Test(arguments: [(1, 1), (4, 5), (3, 6)])
    func mirroringExchangesLeftAndRight(height: Int, width: Int) throws {
        let mirroring = try Mirroring(imageShape: shape(2, height, width))
        expectMatches(mirroring) { image in
            image.indices.map { image[$0 / width * width + width - 1 - $0 % width] }
        }
        let numbers = (0 ..< 2 * height * width).map { Float($0) }
        #expect(try mirroring.apply(mirroring.apply(numbers)) == numbers)
        #expect(throws: OperatorError.unusableShape(shape(1, 1, 0))) { try Mirroring(imageShape: shape(1, 1, 0)) }
    }
}
