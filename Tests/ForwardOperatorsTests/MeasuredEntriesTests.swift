import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct MeasuredEntriesTests {
    /// A mask that keeps pixels 0 and 2 of three, in each of two channels.
    private func mask() throws -> Mask { try Mask(imageShape: shape(2, 1, 3), keep: [true, false, true]) }

    @Test func whatAMaskKeepsIsMeasured() throws {
        let mask = try mask()
        #expect(mask.measuredEntries() == [true, false, true, true, false, true])
        #expect(mask.measuredPixels() == [true, false, true])
        #expect(mask.measuredCount == 4)
        let identity = try Identity(imageShape: shape(1, 2, 2))
        #expect(identity.measuredEntries() == [true, true, true, true] && identity.measuredCount == 4)
    }

    /// A pixel of which one channel is missing is not measured.
    @Test func aPixelNeedsAllItsChannels() throws {
        let trusted = try Identity(imageShape: shape(2, 1, 2)).trusting([true, true, false, true])
        #expect(trusted.measuredPixels() == [false, true])
        #expect(trusted.measuredCount == 3)
    }

    @Test func whatIsNotMeasuredIsErased() throws {
        let mask = try mask()
        #expect(try mask.erasingUnmeasured([1, .nan, 3, 4, .infinity, 6]) == [1, 0, 3, 4, 0, 6])
        #expect(try mask.residual([1, 2, 3, 4, 5, 6], measurement: [0.5, 9, 3, 1, .nan, 7]) == [0.5, 0, 0, 3, 0, -1])
        #expect(throws: OperatorError.self) { try mask.erasingUnmeasured([1]) }
        #expect(throws: OperatorError.self) { try mask.residual([1, 2, 3, 4, 5, 6], measurement: [1]) }
    }
}
