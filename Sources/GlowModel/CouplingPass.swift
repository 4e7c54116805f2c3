import KernelInterface

/// One coupling of one map on one level, as phases of a region: what its tiles share. See `GlowMap`.
struct CouplingPass {
    let kernels: KernelTable
    let map: GlowMap
    /// The step's number on its level.
    let index: Int
    let level: LevelMemory
    let panels: [WorkerPanels]
    let tiles: PixelTiles
    let threads: Int
    let tile: CouplingTile

    init(
        kernels: KernelTable, map: GlowMap, step: FlowStep, index: Int, level: LevelMemory, panels: [WorkerPanels], tiles: PixelTiles,
        threads: Int, logDeterminantWeight: Float
    ) {
        self.kernels = kernels
        self.map = map
        self.index = index
        self.level = level
        self.panels = panels
        self.tiles = tiles
        self.threads = threads
        tile = CouplingTile(kernels: kernels, step: step, map: map, grid: level.grid, logDeterminantWeight: logDeterminantWeight)
    }

    private func memory(_ vectors: Range<Int>, _ worker: Int) -> TileMemory {
        level.memory(step: index, firstVector: vectors.lowerBound, panels: panels[worker])
    }

    /// The network: from its input planes to tap planes.
    func runNetwork(_ state: UnsafeMutablePointer<Float>, team: inout Team) {
        if map.network == .cotangent, tile.isAffine {
            team.phase(tiles.count, .affineCotangent) { number, worker in
                tile.enterNetwork(state, tiles[number], memory(tiles[number], worker))
            }
        }
        if tiles.vectors < threads, tiles.vectors <= kernels.vectorsPerPanel {
            runNetworkByRows(state, team: &team)
        } else {
            team.phase(tiles.count, .network) { number, worker in
                tile.runNetwork(state, tiles[number], memory(tiles[number], worker))
            }
        }
    }

    /// For a level with fewer vectors than threads: its weights are many and its pixels few, so the tasks of each product are
    /// rows of the result, and a thread reads only its share of the weights. Each gathers the few patches for itself.
    private func runNetworkByRows(_ state: UnsafePointer<Float>, team: inout Team) {
        let vectors = 0 ..< tiles.vectors
        let rowTiles = tile.rowTiles
        byRows(rowTiles.0, team: &team) { rows, memory in
            tile.gather(state, vectors, memory)
            tile.runFirst(rows, vectors, memory)
        }
        byRows(rowTiles.1, team: &team) { rows, memory in tile.runSecond(rows, vectors, memory) }
        byRows(rowTiles.2, team: &team) { rows, memory in tile.runThird(rows, vectors, memory) }
    }

    /// Shares the row tiles of a product among the threads, which share the hidden layers too.
    private func byRows(_ rowTiles: Int, team: inout Team, _ body: (_ rows: Range<Int>, _ memory: TileMemory) -> Void) {
        let tasks = min(threads, rowTiles)
        team.phase(tasks, .network) { task, worker in
            var memory = memory(0 ..< 0, 0)
            memory.patches = panels[worker].patches
            memory.scratch = panels[worker].productScratch
            body(task * rowTiles / tasks ..< (task + 1) * rowTiles / tasks, memory)
        }
    }

    /// The coupling, for the vectors of one tile.
    func combine(_ state: UnsafeMutablePointer<Float>, tile number: Int, worker: Int) {
        tile.combine(state, tiles[number], memory(tiles[number], worker))
    }

    /// The pointwise part of the step, for the vectors of one tile.
    func mix(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, tile number: Int) {
        tile.mix(source, into: target, tiles[number])
    }
}
