import Reglow

/// The product kernel alone on one layer's shape: the same matrices, panels of pixels and threads as in a pass.
///
/// The weights of all steps of the layer pass in turn, as they do in an iteration; pixels stay in each thread's panels. So a
/// weight is all that has to come from memory, once for each step: `operationsPerByte` counts nothing else.
struct LayerProduct: Codable {
    let model: String
    /// 1 is the finest.
    let level: Int
    let layer: String
    /// That of the weights: mixing is float32 always.
    let precision: Precision
    let rows: Int
    let columns: Int
    let pixels: Int
    let gflops: Double
    let operationsPerByte: Double

    enum CodingKeys: String, CodingKey {
        case model, level, layer, precision, rows, columns, pixels, gflops
        case operationsPerByte = "operations_per_byte"
    }

    /// The three products of the coupling network and the mixing, on each level of a model.
    static func measure(
        _ architecture: GlowArchitecture, named model: String, size: Problem.ImageSize, precision: Precision,
        kernels: KernelTable, parallelism: Parallelism
    ) -> [LayerProduct] {
        (0 ..< architecture.levels).flatMap { level in
            let shape = architecture.stepShape(level: level)
            let layers: [(String, Precision, Int, Int, Epilogue)] = [
                ("first", precision, shape.hidden, 9 * shape.channels / 2, .rectify),
                ("second", precision, shape.hidden, shape.hidden, .rectify),
                ("third", precision, 9 * shape.outputs, shape.hidden, .store),
                ("mixing", .fp32, shape.channels, shape.channels, .store),
            ]
            return layers.map { layer, precision, rows, columns, epilogue in
                LayerProduct(
                    model: model, level: level, layer: layer, precision: precision, rows: rows, columns: columns,
                    epilogue: epilogue,
                    pixels: (size.height >> (level + 1)) * (size.width >> (level + 1)), steps: architecture.steps[level],
                    kernels: kernels, parallelism: parallelism)
            }
        }
    }

    private init(
        model: String, level: Int, layer: String, precision: Precision, rows: Int, columns: Int, epilogue: Epilogue,
        pixels: Int, steps: Int, kernels: KernelTable, parallelism: Parallelism
    ) {
        let matrices = (0 ..< steps).map { step in
            PackedMatrix(rows: rows, columns: columns, precision: precision) { Float(($0 + 3 * $1 + step) % 7 - 3) / Float(8 * columns) }
        }
        let run = LayerRun(
            matrices: matrices, epilogue: epilogue, pixels: pixels, kernels: kernels, parallelism: parallelism)
        let operations = 2 * Double(rows * columns) * Double(pixels) * Double(steps)
        // Short layers are repeated within a measurement, for the clock and for the waking of the threads.
        let passes = max(1, Int(1e9 / operations))
        let seconds = fastest(of: 5) { run(passes: passes) } / Double(passes)
        self.model = model
        self.level = level + 1
        self.layer = layer
        self.precision = precision
        self.rows = rows
        self.columns = columns
        self.pixels = pixels
        gflops = operations / seconds * 1e-9
        let weightBytes = precision == .fp32 ? MemoryLayout<Float>.stride : MemoryLayout<UInt16>.stride
        operationsPerByte = operations / Double(rows * columns * steps * weightBytes)
    }
}

/// A layer's products, shared among threads as a pass shares them: panels of pixels, or rows where the pixels are few.
private struct LayerRun {
    let matrices: [PackedMatrix]
    let epilogue: Epilogue
    let kernels: KernelTable
    let parallelism: Parallelism
    private let vectors: Int
    private let stride: Int
    private let workers: [(input: AlignedBuffer<Float>, output: AlignedBuffer<Float>, bits: AlignedBuffer<UInt8>)]
    private let start: AlignedBuffer<Float>

    init(matrices: [PackedMatrix], epilogue: Epilogue, pixels: Int, kernels: KernelTable, parallelism: Parallelism) {
        self.matrices = matrices
        self.epilogue = epilogue
        self.kernels = kernels
        self.parallelism = parallelism
        vectors = (pixels + kernels.lanes - 1) / kernels.lanes
        let stride = kernels.vectorsPerPanel * kernels.lanes
        self.stride = stride
        let rows = paddedToTile(matrices.map(\.rows).max() ?? 0)
        let columns = matrices.map(\.columns).max() ?? 0
        start = AlignedBuffer(count: rows)
        workers = (0 ..< parallelism.threads).map { _ in
            let input = AlignedBuffer<Float>(count: columns * stride)
            // In bf16 a word is a pair; the upper half of a small integer's float32 is its bfloat16, and the lower is zero.
            for index in 0 ..< input.count { input.base[index] = Float(index % 5 - 2) }
            return (input, AlignedBuffer(count: rows * stride), AlignedBuffer(count: rows * stride / 8))
        }
    }

    func callAsFunction(passes: Int) {
        let panels = (vectors + kernels.vectorsPerPanel - 1) / kernels.vectorsPerPanel
        let byRows = vectors < parallelism.threads && panels == 1
        let threads = parallelism.threads
        let tiles = min(vectors, (panels + threads - 1) / threads * threads)
        parallelism.region { team in
            for _ in 0 ..< passes {
                for matrix in matrices {
                    let tasks = byRows ? min(threads, matrix.rowTiles) : tiles
                    team.phase(tasks) { task, worker in
                        let share = { (count: Int) in task * count / tasks ..< (task + 1) * count / tasks }
                        let rows = byRows ? share(matrix.rowTiles) : 0 ..< matrix.rowTiles
                        let width = byRows ? vectors : share(vectors).count
                        let memory = workers[worker]
                        let product = PointwiseProduct(
                            matrix, start: start.base, epilogue: epilogue, bits: memory.bits.base, bitsStride: stride / 8,
                            input: memory.input.base, inputStride: stride, output: memory.output.base, outputStride: stride)
                        kernels.product(product, rows, width)
                    }
                }
            }
        }
    }
}
