import Benchmark
import Measuring
import Reglow

/// Kernels/INSTRUCTION SET/PRECISION/MODEL/level L/KERNEL, on one thread. The kernels on planes, which are the same in both models,
/// are without a model; those on whole images have a size instead of a level.
let benchmarks: @Sendable () -> Void = {
    do {
        let layers = try Layer.all()
        for instructionSet in InstructionSet.supported {
            for layer in layers {
                for precision in layer.precisions { measureProducts(layer, precision, instructionSet) }
                guard layer.model == .paper, layer.layer == .first else { continue }
                for precision in Precision.allCases { measureGather(layer, precision, instructionSet) }
                measureShiftAdd(layer, instructionSet)
                for map in FlowMap.allCases { measureAffine(map, layer, instructionSet) }
            }
            measureVectors(64, 64, instructionSet)
            measureVectors(768, 512, instructionSet)
        }
    } catch {
        measure("Kernels/layers", set: .short) { throw error }
    }
}

/// The product of a layer in each use that a map makes of it.
private func measureProducts(_ layer: Layer, _ precision: Precision, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    for use in Use.allCases {
        guard let epilogue = use.epilogue(of: layer.layer) else { continue }
        measure(
            "Kernels/\(instructionSet.rawValue)/\(precision.rawValue)/\(layer.model.rawValue)/level \(layer.level)/"
                + "\(layer.layer.rawValue) \(use.rawValue)",
            set: set(layer, instructionSet, isShort: layer.layer != .mixing && use != .tangent)
        ) {
            let panels = ProductPanels(layer, precision: precision, use: use, epilogue: epilogue, kernels: kernels)
            try panels.check()
            return Series(
                operations: 2 * Double(layer.rows * layer.depth * layer.side * layer.side), kernels: kernels,
                precision: precision, threads: 1, sample: timed { panels.run() })
        }
    }
}

/// Gathering what the first layer of a network reads, counted in numbers written.
private func measureGather(_ layer: Layer, _ precision: Precision, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    measure(planesName("gather", layer, precision, instructionSet), set: set(layer, instructionSet)) {
        let planes = NeighbourhoodPlanes(layer, precision: precision, kernels: kernels)
        try planes.checkGather()
        return Series(
            operations: Double(layer.depth * layer.side * layer.side), kernels: kernels, precision: precision, threads: 1,
            sample: timed { planes.gather() })
    }
}

/// Adding up what the last layer of a network gives: nine taps, the weight and the target in 11 operations.
private func measureShiftAdd(_ layer: Layer, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    measure(planesName("shift-add", layer, .fp32, instructionSet), set: set(layer, instructionSet)) {
        let planes = NeighbourhoodPlanes(layer, precision: .fp32, kernels: kernels)
        try planes.checkShiftAdd()
        // The target grows with each call, by far too little to overflow.
        return Series(
            operations: Double(layer.depth / 9 * 11 * layer.side * layer.side), kernels: kernels, threads: 1,
            sample: timed { planes.shiftAdd() })
    }
}

/// The pixelwise part of an affine coupling.
private func measureAffine(_ map: FlowMap, _ layer: Layer, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    measure(
        planesName("affine \(map.rawValue)", layer, .fp32, instructionSet),
        set: set(layer, instructionSet, isShort: layer.level == 0)
    ) {
        let planes = AffinePlanes(layer, map: map, kernels: kernels)
        try planes.check()
        planes.makeRepeatable()
        return Series(operations: planes.operations, kernels: kernels, threads: 1, sample: timed { planes.run() })
    }
}

/// What the solvers compute with whole images: <a, b> and a + scale b.
private func measureVectors(_ height: Int, _ width: Int, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    let count = 3 * height * width
    let prefix = "Kernels/\(instructionSet.rawValue)/fp32/\(height)x\(width)"
    let set: BenchmarkSet = height == 64 && instructionSet == InstructionSet.supported.last ? .short : .all
    measure("\(prefix)/dot", set: set) {
        let vectors = ImageVectors(count: count, kernels: kernels)
        try vectors.checkDot()
        return Series(operations: 2 * Double(count), kernels: kernels, threads: 1, sample: timed { vectors.dot() })
    }
    measure("\(prefix)/add scaled", set: set) {
        let vectors = ImageVectors(count: count, kernels: kernels)
        try vectors.checkAddScaled()
        return Series(operations: 2 * Double(count), kernels: kernels, threads: 1, sample: timed { vectors.addScaled() })
    }
}

private func planesName(_ kernel: String, _ layer: Layer, _ precision: Precision, _ instructionSet: InstructionSet) -> String {
    "Kernels/\(instructionSet.rawValue)/\(precision.rawValue)/level \(layer.level)/\(kernel)"
}

private func set(_ layer: Layer, _ instructionSet: InstructionSet, isShort: Bool = true) -> BenchmarkSet {
    isShort && layer.isExtreme && instructionSet == InstructionSet.supported.last ? .short : .all
}
