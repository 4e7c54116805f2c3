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
        threads: Int, logDeterminantWeight: Float, ownWeights: LogDeterminantWeights?
    ) {
        self.kernels = kernels
        self.map = map
        self.index = index
        self.level = level
        self.panels = panels
        self.tiles = tiles
        self.threads = threads
        tile = CouplingTile(
            kernels: kernels, step: step, map: map, grid: level.grid, logDeterminantWeight: logDeterminantWeight, ownWeights: ownWeights)
    }

    private func memory(_ vectors: Range<Int>, strip: Int = 0, _ worker: Int) -> TileMemory {
        level.memory(step: index, firstVector: vectors.lowerBound, strip: strip, panels: panels[worker])
    }

    /// The network, from its input planes to the taps, and the coupling.
    ///
    /// - Parameter finish: called for the vectors of a tile when the coupling is done for them, which then no other tile reads.
    func run(_ state: UnsafeMutablePointer<Float>, team: inout Team, then finish: (_ vectors: Range<Int>) -> Void) {
        if map.network == .cotangent, tile.isAffine {
            team.phase(tiles.count, .affineCotangent) { number, worker in
                tile.enterNetwork(state, tiles[number], memory(tiles[number], worker))
            }
        }
        guard level.strips.count(of: tiles.vectors) == 1 else { return runByStrips(state, team: &team, then: finish) }
        if tiles.vectors < threads, tiles.vectors <= kernels.vectorsPerPanel {
            runNetworkByRows(state, team: &team)
        } else {
            team.phase(tiles.count, .network) { number, worker in
                tile.runNetwork(state, tiles[number], memory(tiles[number], worker))
            }
        }
        team.phase(tiles.count, .combine) { number, worker in
            tile.combine(state, tiles[number], memory(tiles[number], worker))
            finish(tiles[number])
        }
    }

    /// The network of a strip, while the coupling is done where the taps of the one before are.
    ///
    /// Of both a worker that takes tasks from the front has the first pixels, so that it finds in its cache what it wrote.
    private func runByStrips(_ state: UnsafeMutablePointer<Float>, team: inout Team, then finish: (_ vectors: Range<Int>) -> Void) {
        let strips = level.strips.count(of: tiles.vectors)
        for strip in 0 ... strips {
            let former = strip - 1
            let made = tiles(strip < strips ? level.strips.vectors(of: strip, tiles.vectors) : 0 ..< 0)
            let combined = tiles(strip > 0 ? level.strips.combined(with: former, tiles.vectors) : 0 ..< 0)
            let along = strip > 0 && strip < strips ? threads : 0
            let half = combined.count / 2
            team.phase(along + combined.count + made.count, .combine, .network) { task, worker in
                var number = task - along
                guard number >= 0 else {
                    level.takeTapsAlong(from: former, task: task, of: along)
                    return .combine
                }
                if (half ..< half + made.count).contains(number) {
                    let vectors = made[number - half]
                    tile.runNetwork(state, vectors, memory(vectors, strip: strip, worker))
                    return .network
                }
                if number >= half { number -= made.count }
                tile.combine(state, combined[number], memory(combined[number], strip: former, worker))
                finish(combined[number])
                return .combine
            }
        }
    }

    private func tiles(_ vectors: Range<Int>) -> PixelTiles {
        PixelTiles(vectors, vectorsPerPanel: kernels.vectorsPerPanel, threads: threads)
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

    /// The pointwise part of the step, for some vectors.
    func mix(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ vectors: Range<Int>) {
        tile.mix(source, into: target, vectors)
    }
}
