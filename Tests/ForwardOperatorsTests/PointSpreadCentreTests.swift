import ForwardOperators
import Testing

@Suite struct PointSpreadCentreTests {
    /// A Gaussian around (row, column) of an array, periodic.
    private func gaussian(_ height: Int, _ width: Int, at centre: (Int, Int), sigma: Float = 1.2) throws -> PointSpread {
        func distance(_ a: Int, _ b: Int, _ period: Int) -> Float {
            let d = abs(a - b) % period
            return Float(min(d, period - d))
        }
        let values = (0 ..< height * width).map { index in
            let (down, right) = (distance(index / width, centre.0, height), distance(index % width, centre.1, width))
            return twoToThe(-(down * down + right * right) / (sigma * sigma))
        }
        return try PointSpread(height: height, width: width, values: values)
    }

    @Test(arguments: [(48, 48), (47, 47), (9, 9), (8, 6), (5, 48)])
    func anArrayCentredAtItsCornerIsRecognizedAndTurned(height: Int, width: Int) throws {
        let corner = try gaussian(height, width, at: (0, 0))
        #expect(corner.looksCentredAtCorner)
        let turned = try corner.centred(at: .corner)
        #expect(turned == (try gaussian(height, width, at: (height / 2, width / 2))))
        #expect(!turned.looksCentredAtCorner)
        // An even size has one entry more on one side.
        #expect(abs(corner.displacement.down + Double(height / 2)) < 0.02)
        #expect(abs(corner.displacement.right + Double(width / 2)) < 0.02)
        #expect(turned.displacement == turned.centreOfMass)
    }

    /// One pixel at the corner of a large array is one that does not blur; at that of a small one it moves the image.
    @Test func withoutWrappingOnlyLargeArraysAreTaken() throws {
        func onePixel(_ side: Int) throws -> PointSpread {
            try PointSpread(height: side, width: side, values: [1] + [Float](repeating: 0, count: side * side - 1))
        }
        #expect(try onePixel(32).looksCentredAtCorner)
        #expect(try !onePixel(5).looksCentredAtCorner)
        // Motion that begins at the corner, as in many a script.
        var row = [Float](repeating: 0, count: 64 * 64)
        for column in 0 ..< 9 { row[column] = 1.0 / 9 }
        let motion = try PointSpread(height: 64, width: 64, values: row)
        #expect(motion.looksCentredAtCorner)
        #expect(try motion.centred(at: .corner).centreOfMass == (0, 4))
    }

    @Test func otherArraysAreNot() throws {
        #expect(try !PointSpread.uniform(5).looksCentredAtCorner)
        #expect(try !PointSpread.uniform(48).looksCentredAtCorner)
        #expect(try !PointSpread.gaussian(sigma: 2).looksCentredAtCorner)
        #expect(try !gaussian(48, 48, at: (24, 24)).looksCentredAtCorner)
        #expect(try !gaussian(48, 48, at: (20, 27)).looksCentredAtCorner)
        #expect(try !PointSpread.motion(length: 20, angleDegrees: 30).looksCentredAtCorner)
        #expect(try !PointSpread(height: 1, width: 3, values: [0, 0, 4]).looksCentredAtCorner)
        #expect(try !PointSpread(height: 1, width: 1, values: [1]).looksCentredAtCorner)
        #expect(try !PointSpread(height: 2, width: 2, values: [0, 0, 0, 0]).looksCentredAtCorner)
    }

    /// By so much a blur moves light: an even size by half a pixel up and left.
    @Test func theCentreOfMassIsTheShiftOfTheBlur() throws {
        #expect(try PointSpread(height: 3, width: 5, values: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]).centreOfMass == (1, 2))
        #expect(try PointSpread.uniform(4).centreOfMass == (-0.5, -0.5))
        let even = try PointSpread(height: 2, width: 4, values: [0, 0, 0, 0, 0, 0, 3, 0])
        #expect(even.centreOfMass == (0, 0))
        let blur = try Blur(imageShape: shape(1, 7, 9), pointSpread: PointSpread(height: 3, width: 3, values: [0, 0, 0, 0, 0, 0, 0, 0, 1]))
        var bright = [Float](repeating: 0, count: 63)
        bright[3 * 9 + 4] = 1
        let moved = try blur.apply(bright)
        #expect(moved.indices.max { moved[$0] < moved[$1] } == 4 * 9 + 5)
    }

    @Test func theCentreOfMassIsBroughtToTheMiddle() throws {
        let off = try gaussian(9, 11, at: (3, 7), sigma: 0.8)
        let centred = try off.centred(at: .mass)
        #expect(centred.height == 11 && centred.width == 15)
        #expect(abs(centred.centreOfMass.down) < 0.5 && abs(centred.centreOfMass.right) < 0.5)
        #expect(centred.values.reduce(0, +) == off.values.reduce(0, +))
        #expect(throws: OperatorError.self) {
            try PointSpread(height: 1, width: 3, values: [-4, 0, 5]).centred(at: .mass)
        }
        #expect(throws: OperatorError.self) { try PointSpread(height: 1, width: 2, values: [0, 0]).centred(at: .mass) }
    }
}

/// 2^x from squarings of a short series: no call of the exponential.
private func twoToThe(_ x: Float) -> Float {
    var factor = Double(x) * 0.693147180559945 / 1024
    factor = 1 + factor + factor * factor / 2 + factor * factor * factor / 6
    for _ in 0 ..< 10 { factor *= factor }
    return Float(factor)
}
