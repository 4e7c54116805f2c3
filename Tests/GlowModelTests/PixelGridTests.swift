import GlowModel
import Testing

@Suite struct PixelGridTests {
    static let grids = [(1, 1, 1), (1, 5, 2), (4, 1, 3), (3, 7, 2), (4, 4, 5)]

    /// Planes begin at cache lines and are an odd number of them apart; what lies before and after holds every neighbour.
    @Test(arguments: grids) func planesHaveRoomForTheirNeighbours(height: Int, width: Int, capacity: Int) {
        let grid = PixelGrid(height: height, width: width, capacity: capacity, lanes: 8)
        #expect(grid.stride >= height * width * capacity && grid.stride % 16 == 0 && grid.stride / 16 % 2 == 1)
        #expect(grid.guardCount > width + 1 && grid.guardCount % 16 == 0)
        #expect(grid.makePlanes(3).count == 3 * grid.stride + 2 * grid.guardCount)
        #expect(grid.vectors(images: capacity) * 8 >= height * width * capacity)
        #expect((grid.vectors(images: capacity) - 1) * 8 < height * width * capacity)
    }

    /// A tap counts where it leads to a pixel of the same image.
    @Test(arguments: grids, [false, true]) func neighboursAreInTheSameImage(size: (Int, Int, Int), mirrored: Bool) {
        let (height, width, capacity) = size
        let grid = PixelGrid(height: height, width: width, capacity: capacity, lanes: 8)
        let neighbours = grid.neighbourhood(mirrored: mirrored, first: 0)
        for tap in 0 ..< 9 {
            let (dy, dx) = mirrored ? (1 - tap / 3, 1 - tap % 3) : (tap / 3 - 1, tap % 3 - 1)
            #expect(neighbours.offsets[tap] == dy * width + dx)
            for pixel in 0 ..< grid.stride {
                let (row, column) = (pixel / width % height + dy, pixel % width + dx)
                let isInside =
                    pixel < capacity * height * width && (0 ..< height).contains(row) && (0 ..< width).contains(column)
                let bit = neighbours.bits[tap * neighbours.bitsStride + pixel / 8] >> UInt8(pixel % 8) & 1
                #expect((bit == 1) == isInside, "tap \(tap), pixel \(pixel)")
            }
        }
    }

    /// Every vector is in one tile, in order, and no thread has more than one tile more than another.
    @Test(arguments: [1, 7, 64, 1000], [1, 2, 3, 16]) func tilesCoverTheVectors(vectors: Int, threads: Int) {
        let tiles = PixelTiles(vectors: vectors, vectorsPerPanel: 6, threads: threads)
        var next = 0
        for tile in 0 ..< tiles.count {
            #expect(tiles[tile].lowerBound == next && tiles[tile].count <= 6 && !tiles[tile].isEmpty)
            next = tiles[tile].upperBound
        }
        #expect(next == vectors)
        #expect(tiles.count % threads == 0 || tiles.count == vectors)
    }
}
