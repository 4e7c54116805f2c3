import KernelInterface
import Testing

@Suite struct ImageShapeTests {
    @Test func numbersAreCounted() {
        let shape = ImageShape(channels: 3, height: 4, width: 5)
        #expect(shape.pixels == 20 && shape.count == 60)
        #expect("\(shape)" == "3x4x5")
        #expect(shape != ImageShape(channels: 3, height: 5, width: 4))
    }
}
