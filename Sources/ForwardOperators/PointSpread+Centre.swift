extension PointSpread {
    /// Which entry of an array is the centre of a point spread that was made elsewhere.
    public enum Centre: String, CaseIterable, Sendable {
        /// (height / 2, width / 2), rounded down: how point spreads are kept here.
        case middle
        /// The first entry: what is left of and above it is at the far ends of rows and columns, as Fourier transforms want it
        /// (numpy.fft.ifftshift, psf2otf).
        case corner
        /// The entry nearest to the centre of mass.
        case mass
    }

    /// The same point spread with its centre in the middle, where this type has it.
    ///
    /// Where the centre is `mass`, the array grows by rows and columns of zeros, so that nothing is lost.
    ///
    /// - Throws: `OperatorError` where the centre of mass is not within the array, because entries are negative.
    public func centred(at centre: Centre) throws(OperatorError) -> PointSpread {
        switch centre {
        case .middle: return self
        case .corner: return try rolled(down: height / 2, right: width / 2)
        case .mass:
            let shift = centreOfMass
            let row = (Double(height / 2) + shift.down).rounded()
            let column = (Double(width / 2) + shift.right).rounded()
            guard row >= 0, row < Double(height), column >= 0, column < Double(width) else {
                throw OperatorError.outOfRange(
                    parameter: "the centre of mass of the point spread", value: "row \(row), column \(column)",
                    allowed: "within its \(height)x\(width) entries")
            }
            return try grown(around: Int(row), Int(column))
        }
    }

    /// How far the centre of mass lies below and to the right of the centre, in pixels. Not finite where the sum is 0.
    public var centreOfMass: (down: Double, right: Double) {
        var (sum, down, right) = (0.0, 0.0, 0.0)
        forEach { row, column, value in
            sum += value
            down += value * Double(row)
            right += value * Double(column)
        }
        return (down / sum, right / sum)
    }

    /// How far below and to the right of the centre the light lies, in pixels: by this a blur moves an image. It is the centre of mass, and of
    /// an array that looks centred at its corner that of the light around the corner, so that a periodic border is thought of.
    public var displacement: (down: Double, right: Double) {
        guard looksCentredAtCorner, let rolled = try? centred(at: .corner) else { return centreOfMass }
        let shift = rolled.centreOfMass
        return (shift.down - Double(height / 2), shift.right - Double(width / 2))
    }

    /// Whether the array looks like one whose centre is its first entry (`Centre.corner`): taken so, the light lies much closer together, and
    /// some of it wraps around from the first to the last rows or columns. In arrays of 16 and more rows or columns the light
    /// need not wrap.
    public var looksCentredAtCorner: Bool {
        guard let rolled = try? centred(at: .corner) else { return false }
        return rolled.spread < spread / 4 && (max(height, width) >= 16 || wraps)
    }

    /// The mean squared distance of the light from the centre, in pixels.
    private var spread: Double {
        var (sum, moment) = (0.0, 0.0)
        forEach { row, column, value in
            sum += abs(value)
            moment += abs(value) * Double(row * row + column * column)
        }
        return sum > 0 ? moment / sum : 0
    }

    /// Whether both the first and the last third of the rows or of the columns hold a twentieth of the light.
    private var wraps: Bool {
        var (sum, ends) = (0.0, [Double](repeating: 0, count: 4))
        forEach { row, column, value in
            sum += abs(value)
            let (row, column) = (row + height / 2, column + width / 2)
            if row < height / 3 { ends[0] += abs(value) }
            if row >= height - height / 3 { ends[1] += abs(value) }
            if column < width / 3 { ends[2] += abs(value) }
            if column >= width - width / 3 { ends[3] += abs(value) }
        }
        let enough = sum / 20
        return min(ends[0], ends[1]) > enough || min(ends[2], ends[3]) > enough
    }

    /// Each entry, with its row and column from the centre.
    func forEach(_ body: (_ row: Int, _ column: Int, _ value: Double) -> Void) {
        for row in 0 ..< height {
            for column in 0 ..< width { body(row - height / 2, column - width / 2, Double(values[row * width + column])) }
        }
    }

    /// Moved by rows and columns, periodically.
    private func rolled(down: Int, right: Int) throws(OperatorError) -> PointSpread {
        let moved = (0 ..< height * width).map { index in
            let (row, column) = (index / width, index % width)
            return values[(row - down + height) % height * width + (column - right + width) % width]
        }
        return try PointSpread(height: height, width: width, values: moved)
    }

    /// The point spread with zeros around it, so that this entry is in the middle.
    private func grown(around row: Int, _ column: Int) throws(OperatorError) -> PointSpread {
        let (down, right) = (max(row, height - 1 - row), max(column, width - 1 - column))
        let (rows, columns) = (2 * down + 1, 2 * right + 1)
        var result = [Float](repeating: 0, count: rows * columns)
        for r in 0 ..< height {
            for c in 0 ..< width { result[(r + down - row) * columns + c + right - column] = values[r * width + c] }
        }
        return try PointSpread(height: rows, width: columns, values: result)
    }
}
