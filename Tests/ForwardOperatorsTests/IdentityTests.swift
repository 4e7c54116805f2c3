import ForwardOperators
import KernelInterface
import Testing

@Suite struct IdentityTests {
    @Test func identityGivesTheImage() throws {
        expectMatches(try Identity(imageShape: shape(3, 4, 5))) { $0 }
        #expect(throws: OperatorError.unusableShape(shape(0, 1, 1))) { try Identity(imageShape: shape(0, 1, 1)) }
    }
}
