import Benchmark
import Measuring
import Reglow

/// Kernels/INSTRUCTION SET/MODEL/LEVEL/KERNEL, on one thread.
let benchmarks: @Sendable () -> Void = {
    do {
        let layers = try Layer.all()
        for instructionSet in InstructionSet.supported {
            for layer in layers {
                measureProducts(layer, instructionSet)
                if layer.layer == .first { measureNeighbourhoods(layer, instructionSet) }
            }
        }
    } catch {
        measure("Kernels/layers", set: .short) { throw error }
    }
}

/// The product of a layer in each use that a map makes of it.
private func measureProducts(_ layer: Layer, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    for use in Use.allCases {
        guard let epilogue = use.epilogue(of: layer.layer) else { continue }
        let isShort = layer.layer != .mixing && use != .tangent
        measure(
            "\(prefix(layer, instructionSet))/\(layer.layer.rawValue) \(use.rawValue)",
            set: set(layer, instructionSet, isShort: isShort)
        ) {
            let panels = ProductPanels(layer, use: use, epilogue: epilogue, kernels: kernels)
            try panels.check()
            return Series(
                operations: 2 * Double(layer.rows * layer.depth * layer.side * layer.side), kernels: kernels, threads: 1,
                sample: timed { panels.run() })
        }
    }
}

/// Gathering what the first layer of a network reads, counted in numbers written, and adding up what its last layer gives: nine
/// taps, the weight and the target in 11 operations.
private func measureNeighbourhoods(_ layer: Layer, _ instructionSet: InstructionSet) {
    let kernels = instructionSet.table
    let pixels = layer.side * layer.side
    let set = set(layer, instructionSet, isShort: layer.model == .paper)
    measure("\(prefix(layer, instructionSet))/gather", set: set) {
        let planes = NeighbourhoodPlanes(layer, kernels: kernels)
        try planes.checkGather()
        return Series(
            operations: Double(layer.depth * pixels), kernels: kernels, threads: 1, sample: timed { planes.gather() })
    }
    measure("\(prefix(layer, instructionSet))/shift-add", set: set) {
        let planes = NeighbourhoodPlanes(layer, kernels: kernels)
        try planes.checkShiftAdd()
        // The target grows with each call, by far too little to overflow.
        return Series(
            operations: Double(layer.depth / 9 * 11 * pixels), kernels: kernels, threads: 1,
            sample: timed { planes.shiftAdd() })
    }
}

private func prefix(_ layer: Layer, _ instructionSet: InstructionSet) -> String {
    "Kernels/\(instructionSet.rawValue)/\(layer.model.rawValue)/level \(layer.level)"
}

private func set(_ layer: Layer, _ instructionSet: InstructionSet, isShort: Bool) -> BenchmarkSet {
    isShort && layer.isExtreme && instructionSet == InstructionSet.supported.last ? .short : .all
}
