import ForwardOperators

/// How a prior sees an image: mirrored, upside down, both or neither, and moved against the grid of its squeezes. A prior of photographs judges no two of them quite
/// alike, so the mean over several errs less than one (R. Timofte et al., "Seven ways to improve example-based single image super resolution", 2016).
package struct PriorView: Sendable, Hashable {
    /// Left for right.
    package let isMirrored: Bool
    /// Top for bottom.
    package let isFlipped: Bool
    /// Rows and columns that the image is moved up and to the left by; those that leave it are not seen, and reflections of it come in at the other side.
    package let rows: Int
    package let columns: Int

    package init(isMirrored: Bool = false, isFlipped: Bool = false, rows: Int = 0, columns: Int = 0) {
        (self.isMirrored, self.isFlipped, self.rows, self.columns) = (isMirrored, isFlipped, rows, columns)
    }

    /// The image as it is.
    package static let identity = PriorView()

    /// Different views, the first of which is the image as it is.
    ///
    /// - Parameters:
    ///   - count: 1 to `SolverOptions.largestEnsemble`.
    ///   - grid: of the squeezes in pixels; 2^L for a Glow of L levels.
    package static func ensemble(_ count: Int, grid: Int) -> [PriorView] {
        (0 ..< count).map { number in
            // Within half of the grid to either side; 5 and 3 have no factor in common with it.
            func moved(_ factor: Int) -> Int { (factor * number + grid / 2) % grid - grid / 2 }
            return PriorView(isMirrored: number & 1 != 0, isFlipped: number & 2 != 0, rows: moved(5), columns: moved(3))
        }
    }

    /// The view of what another shows, which is not moved.
    func after(_ other: PriorView) -> PriorView {
        PriorView(isMirrored: isMirrored != other.isMirrored, isFlipped: isFlipped != other.isFlipped, rows: rows, columns: columns)
    }

    /// For each row of the view that of the image which is there, and whether it is there for the first time, in its own place.
    package func rows(of height: Int) -> [Place] { places(count: height, moved: rows, isTurned: isFlipped) }
    /// The same of columns.
    package func columns(of width: Int) -> [Place] { places(count: width, moved: columns, isTurned: isMirrored) }

    /// A row or a column of an image in a view.
    package struct Place: Equatable {
        /// Its index in the image.
        package let index: Int
        /// False for a reflection.
        package let isItself: Bool
    }

    private func places(count: Int, moved: Int, isTurned: Bool) -> [Place] {
        (0 ..< count).map { position in
            let source = position + moved
            let index = Border.reflected(source, length: count)
            return Place(index: isTurned ? count - 1 - index : index, isItself: (0 ..< count).contains(source))
        }
    }
}
