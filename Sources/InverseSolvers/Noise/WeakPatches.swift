import KernelInterface

/// The fine details of the patches of a measurement that can tell of its noise, those with the weakest texture first.
///
/// What a patch shows beside its mean and its fine details is its texture here. In white noise it is independent of the details, so that an
/// order by it selects smooth places without selecting weak noise: the weak textured patches of X. Liu, M. Tanaka and M. Okutomi,
/// "Single-image noise level estimation for blind denoising" (2013), without the bias of a threshold for the noise itself.
///
/// A patch counts where all its pixels are measured and finite, no cell of 3x3 pixels (2x2 in patches of 2) is constant in all channels, as
/// letterboxes and drawings are, and no channel has more than a tenth of its pixels at its least or largest value, where noise is clipped.
/// Patches overlap; of a large picture they are taken from a lattice with an odd step, which meets all phases of an 8x8 grid.
package struct WeakPatches {
    package let basis: PatchBasis
    package let channels: Int
    /// The distance from one patch of the lattice to the next, in pixels.
    package let step: Int
    /// Planar: `details[(channel * count + patch) * basis.count + detail]`, patches in the order of their texture.
    package let details: [Double]
    package let count: Int

    /// Usable patches of a side, where they are too few.
    package struct TooFew: Error, Equatable {
        package let found, required, side: Int
    }

    /// Patches of the lattice, about, at most.
    package static let most = 1 << 16
    private static let mostClipped = 0.1
    /// Where fewer of the measured patches are usable, they are the edges of things on constant ground, not the picture.
    private static let leastUsable = 0.04

    /// - Throws: `TooFew` where patches of no side are enough.
    package init(_ measurement: [Float], _ shape: ImageShape, _ measured: [Bool]) throws(TooFew) {
        let isMeasured = (0 ..< shape.pixels).map { pixel in
            measured[pixel] && (0 ..< shape.channels).allSatisfy { measurement[$0 * shape.pixels + pixel].isFinite }
        }
        let limits = (0 ..< shape.channels).map { Self.limits(measurement, $0 * shape.pixels, isMeasured) }
        var fault = TooFew(found: 0, required: PatchBasis.all.last?.fewestPatches ?? 0, side: PatchBasis.all.last?.side ?? 0)
        for basis in PatchBasis.all where min(shape.height, shape.width) >= basis.side {
            let step = Self.step(shape, side: basis.side)
            let complete = Self.complete(shape, isMeasured, basis.side, step)
            let usable = complete.filter { Self.isUsable(measurement, shape, at: $0, side: basis.side, limits) }
            let required = max(basis.fewestPatches, Int(Self.leastUsable * Double(complete.count)))
            guard usable.count >= required else {
                fault = TooFew(found: usable.count, required: required, side: basis.side)
                continue
            }
            self.init(measurement, shape, at: usable, basis, step)
            return
        }
        throw fault
    }

    private init(_ measurement: [Float], _ shape: ImageShape, at positions: [Int], _ basis: PatchBasis, _ step: Int) {
        let (d, side, channels) = (basis.count, basis.side, shape.channels)
        var details = [Double](repeating: 0, count: positions.count * channels * d)
        var textures = [Double](repeating: 0, count: positions.count)
        var patch = [Double](repeating: 0, count: side * side)
        for (index, first) in positions.enumerated() {
            for channel in 0 ..< channels {
                var (sum, energy) = (0.0, 0.0)
                for row in 0 ..< side {
                    let start = channel * shape.pixels + first + row * shape.width
                    for column in 0 ..< side {
                        patch[row * side + column] = Double(measurement[start + column])
                        sum += patch[row * side + column]
                    }
                }
                let mean = sum / Double(side * side)
                for pixel in patch.indices {
                    patch[pixel] -= mean
                    energy += patch[pixel] * patch[pixel]
                }
                for detail in 0 ..< d {
                    var product = 0.0
                    for pixel in 0 ..< side * side { product += basis.rows[detail * side * side + pixel] * patch[pixel] }
                    details[(index * channels + channel) * d + detail] = product
                    energy -= product * product
                }
                textures[index] += energy
            }
        }
        let order = positions.indices.sorted { textures[$0] == textures[$1] ? $0 < $1 : textures[$0] < textures[$1] }
        self.basis = basis
        self.channels = channels
        self.step = step
        count = positions.count
        var ordered: [Double] = []
        ordered.reserveCapacity(details.count)
        for channel in 0 ..< channels {
            for patch in order {
                let first = (patch * channels + channel) * d
                ordered.append(contentsOf: details[first ..< first + d])
            }
        }
        self.details = ordered
    }

    /// 1, or the least odd step for which the lattice has no more than about `most` patches.
    private static func step(_ shape: ImageShape, side: Int) -> Int {
        var step = 1
        while ((shape.height - side) / step + 1) * ((shape.width - side) / step + 1) > most { step += 2 }
        return step
    }

    /// The index in a plane of the first pixel of each patch of the lattice whose pixels are all measured.
    private static func complete(_ shape: ImageShape, _ isMeasured: [Bool], _ side: Int, _ step: Int) -> [Int] {
        var positions: [Int] = []
        for row in stride(from: 0, through: shape.height - side, by: step) {
            for column in stride(from: 0, through: shape.width - side, by: step) {
                let first = row * shape.width + column
                let isComplete = (0 ..< side).allSatisfy { row in
                    isMeasured[first + row * shape.width ..< first + row * shape.width + side].allSatisfy { $0 }
                }
                if isComplete { positions.append(first) }
            }
        }
        return positions
    }

    /// The least and the largest value of a channel; infinite for one that is constant, which is not clipped but empty.
    private static func limits(_ y: [Float], _ offset: Int, _ isMeasured: [Bool]) -> (least: Float, largest: Float) {
        var (least, largest) = (Float.infinity, -Float.infinity)
        for pixel in isMeasured.indices where isMeasured[pixel] {
            least = min(least, y[offset + pixel])
            largest = max(largest, y[offset + pixel])
        }
        return least < largest ? (least, largest) : (-.infinity, .infinity)
    }

    private static func isUsable(
        _ y: [Float], _ shape: ImageShape, at first: Int, side: Int, _ limits: [(least: Float, largest: Float)]
    ) -> Bool {
        let mostClipped = Int(Self.mostClipped * Double(side * side))
        for (channel, limit) in limits.enumerated() {
            var clipped = 0
            for row in 0 ..< side {
                let start = channel * shape.pixels + first + row * shape.width
                for pixel in start ..< start + side where y[pixel] <= limit.least || y[pixel] >= limit.largest { clipped += 1 }
            }
            if clipped > mostClipped { return false }
        }
        let cell = min(side, 3)
        for row in 0 ... side - cell {
            for column in 0 ... side - cell {
                if ConstantAreas.isConstant(y, shape, at: first + row * shape.width + column, side: cell) { return false }
            }
        }
        return true
    }
}
