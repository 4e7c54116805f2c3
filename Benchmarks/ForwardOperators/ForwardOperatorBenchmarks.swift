import Benchmark
import Measuring
import Reglow

/// ForwardOperators/SIZE/OPERATOR/MAP, for three channels.
let benchmarks: @Sendable () -> Void = {
    for operatorCase in OperatorCase.all(height: 64, width: 64) { measureMaps(operatorCase) }
    measureMaps(.blur(ImageShape(channels: 3, height: 768, width: 512)))
}

private func measureMaps(_ operatorCase: OperatorCase) {
    let shape = operatorCase.imageShape
    for map in ["apply", "adjoint"] {
        measure("ForwardOperators/\(shape.height)x\(shape.width)/\(operatorCase.name)/\(map)", set: .short) {
            let (forwardOperator, reference) = try operatorCase.make()
            let image = normalNumbers(shape.count, seed: 2)
            let measurement = normalNumbers(forwardOperator.measurementShape.count, seed: 3)
            try requireAgreement(
                "A x", try forwardOperator.apply(image), reference(image.map(Double.init)), tolerance: 1e-5)
            try requireEqualProducts(
                "<A x, y> and <x, A' y>", try forwardOperator.apply(image), measurement, image,
                try forwardOperator.adjoint(measurement), tolerance: 1e-5)

            let source = AlignedBuffer<Float>(count: map == "apply" ? image.count : measurement.count)
            let target = AlignedBuffer<Float>(count: map == "apply" ? measurement.count : image.count)
            for (index, number) in (map == "apply" ? image : measurement).enumerated() { source.base[index] = number }
            return Series(
                operations: operatorCase.operations, kernels: try InstructionSet.selected().table,
                threads: operatorCase.threads,
                sample: timed {
                    if map == "apply" {
                        forwardOperator.apply(source.base, into: target.base)
                    } else {
                        forwardOperator.adjoint(source.base, into: target.base)
                    }
                })
        }
    }
}
