import Reglow
import Testing

@Suite struct MaskPictureTests {
    private func grey(_ numbers: [Float]) throws -> Image {
        try Image(shape: ImageShape(channels: 1, height: 1, width: numbers.count), pixels: numbers)
    }

    private func colour(_ red: [Float], _ green: [Float], _ blue: [Float]) throws -> Image {
        try Image(shape: ImageShape(channels: 3, height: 1, width: red.count), pixels: red + green + blue)
    }

    private func reading(_ change: (inout MaskPicture.Reading) -> Void) -> MaskPicture.Reading {
        var reading = MaskPicture.Reading()
        change(&reading)
        return reading
    }

    @Test func whiteIsKnown() throws {
        let mask = try MaskPicture(grey([0, 1, 1, 0]))
        #expect(mask.known == [false, true, true, false])
        #expect(mask.remarks.isEmpty)
        #expect(try MaskPicture(grey([0, 1, 1, 0]), reading: reading { $0.isInverted = true }).known == [true, false, false, true])
    }

    /// As files of 8 and 16 bits hold 0 and 1, as arrays hold 0 and 255 or -1 and 1, and two greys.
    @Test(
        arguments: [(0, 1.0 / 255), (0, 1.0 / 65535), (0, 255.0 / 65535), (0, 255), (-1, 1), (0.4, 0.45), (128.0 / 255, 1)]
            as [(Float, Float)])
    func twoValuesSayThemselvesWhichIsKnown(low: Float, high: Float) throws {
        let mask = try MaskPicture(grey([high, low, high]))
        #expect(mask.known == [true, false, true])
        #expect(mask.remarks.count == 1 && mask.remarks[0].contains("the larger is taken as known"))
    }

    @Test func theStepsOfAFileAreNamed() throws {
        let mask = try MaskPicture(grey([0, 1.0 / 255]))
        #expect(mask.remarks.first?.contains("(1 of 255)") == true)
        #expect(try MaskPicture(grey([0, 1.0 / 65535])).remarks.first?.contains("(1 of 65535)") == true)
    }

    @Test func softMasksAreCutAtHalfAndTold() throws {
        let soft = try grey([0, 0.3, 0.49, 0.51, 0.97, 1])
        let mask = try MaskPicture(soft)
        #expect(mask.known == [false, false, false, true, true, true])
        #expect(mask.remarks.count == 1 && mask.remarks[0].contains("3 of 6 values between black and white"))
        #expect(try MaskPicture(soft, reading: reading { $0.threshold = 0.95 }).known == [false, false, false, false, true, true])
        // On a scale of 255.
        let scaled = try MaskPicture(grey([0, 100, 200, 255]))
        #expect(scaled.known == [false, false, true, true])
        #expect(scaled.remarks[0].contains("up to 255"))
    }

    @Test func aMaskThatKeepsNothingOrEverything() throws {
        #expect(throws: MaskError.keepsNothing) {
            try MaskPicture(grey([1, 1, 1]), reading: reading { $0.isInverted = true })
        }
        for numbers: [Float] in [[0, 0], [0.5, 0.5], [0, 0.1, 0.2, 0.3]] {
            #expect(throws: MaskError.self) { try MaskPicture(grey(numbers)) }
        }
        let all = try MaskPicture(grey([1, 1]))
        #expect(all.known == [true, true])
        #expect(all.remarks == ["the mask keeps every pixel: nothing is missing"])
    }

    @Test(arguments: [[1, 1, 1], [0, 0, 0], [1, 0, 0], [0.2, 0.5, 0.7]] as [[Float]])
    func theAlphaChannelCountsAloneWhereTheColourIsOne(_ paint: [Float]) throws {
        let picture = try colour([0, paint[0], paint[0]], [0, paint[1], paint[1]], [0, paint[2], paint[2]])
        let mask = try MaskPicture(picture, alpha: [0, 1, 1])
        #expect(mask.known == [false, true, true])
        #expect(mask.remarks.count == 1 && mask.remarks[0].contains("alpha"))
        #expect(try MaskPicture(picture, alpha: [0, 1, 1], reading: reading { $0.isInverted = true }).known == [true, false, false])
    }

    @Test func opaqueAlphaIsNoMask() throws {
        let mask = try MaskPicture(grey([0, 1, 1]), alpha: [1, 1, 1])
        #expect(mask.known == [false, true, true])
        #expect(mask.remarks.isEmpty)
        #expect(throws: MaskError.keepsNothing) { try MaskPicture(grey([0, 1]), alpha: [0, 0]) }
    }

    @Test func coloursAndAlphaBothCount() throws {
        let mask = try MaskPicture(grey([0, 1, 1, 0]), alpha: [1, 1, 0, 0])
        #expect(mask.known == [false, true, false, false])
        #expect(mask.remarks.contains { $0.contains("opaque and white") })
    }

    /// Paint of any colour on white is missing; with the opposite convention, on black.
    @Test(arguments: [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]] as [[Float]])
    func colouredPaintIsMissing(_ paint: [Float]) throws {
        let onWhite = try colour([1, paint[0], 1], [1, paint[1], 1], [1, paint[2], 1])
        let mask = try MaskPicture(onWhite)
        #expect(mask.known == [true, false, true])
        #expect(mask.remarks.contains { $0.contains("coloured in 1 pixels") })
        let onBlack = try colour([0, paint[0], 0], [0, paint[1], 0], [0, paint[2], 0])
        #expect(try MaskPicture(onBlack, reading: reading { $0.isInverted = true }).known == [true, false, true])
    }

    @Test func threeMasksOfThreeChannels() throws {
        let mask = try MaskPicture(colour([1, 0], [0, 1], [1, 1]), reading: reading { $0.isEachChannelItsOwn = true })
        #expect(mask.known == [true, false, false, true, true, true])
        #expect(mask.remarks.count == 1 && mask.remarks[0].contains("each channel"))
        let alike = try MaskPicture(colour([1, 0], [1, 0], [1, 0]), reading: reading { $0.isEachChannelItsOwn = true })
        #expect(alike.known == [true, false])
    }

    @Test func ofAPicturesOwnAlpha() throws {
        let size = Problem.ImageSize(height: 1, width: 3)
        #expect(try MaskPicture(alphaOf: size, [1, 0, 1]).known == [true, false, true])
        #expect(try MaskPicture(alphaOf: size, [1, 0.2, 0.9]).known == [true, false, true])
        #expect(throws: MaskError.noAlpha) { try MaskPicture(alphaOf: size, nil) }
        #expect(throws: MaskError.opaqueAlpha) { try MaskPicture(alphaOf: size, [1, 1, 1]) }
        #expect(throws: MaskError.keepsNothing) { try MaskPicture(alphaOf: size, [0, 0, 0]) }
    }
}
