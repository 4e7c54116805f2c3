import Glibc

/// The pointwise part of one step in double precision: u = M x + m with M = P L V D, m = M b and V = U + S.
struct Mixing {
    let order: Int
    let permutation: [Int]
    /// (C, C): L below the diagonal, V on and above it.
    let factors: [Double]
    /// b and the diagonal of D.
    let actnormBias, actnormScale: [Double]
    /// M (C, C) and m.
    let matrix, bias: [Double]
    let logAbsDeterminant: Double

    /// - Parameter step: the tensors of the step, by `StepValues`.
    init(_ step: StepValues, frame: MixingFrame) {
        let order = step.layout.shape.channels
        let values = step[.mixingFactors]
        let scale = step[.actnormLogScale].map { exp(Double($0)) }
        let actnormBias = step[.actnormBias].map(Double.init)
        var factors = values.map(Double.init)
        var logAbsDeterminant = 0.0
        for i in 0 ..< order {
            let diagonal = Double(values[i * order + i])
            logAbsDeterminant += diagonal + Double(step[.actnormLogScale][i])
            factors[i * order + i] = Double(frame.signs[i]) * exp(diagonal)
        }
        let matrix = [Double](unsafeUninitializedCapacity: order * order) { matrix, count in
            matrix.initialize(repeating: 0)
            factors.withUnsafeBufferPointer { factors in
                for i in 0 ..< order {
                    let row = matrix.extracting(frame.permutation[i] * order ..< (frame.permutation[i] + 1) * order)
                    for k in 0 ... i {
                        let factor = k == i ? 1 : factors[i * order + k]
                        for j in k ..< order { row[j] += factor * factors[k * order + j] }
                    }
                    for j in 0 ..< order { row[j] *= scale[j] }
                }
            }
            count = order * order
        }
        self.order = order
        permutation = frame.permutation
        self.factors = factors
        self.actnormBias = actnormBias
        actnormScale = scale
        self.matrix = matrix
        bias = (0 ..< order).map { i in
            var sum = 0.0
            for j in 0 ..< order { sum += matrix[i * order + j] * actnormBias[j] }
            return sum
        }
        self.logAbsDeterminant = logAbsDeterminant
    }

    /// M^-1 = D^-1 V^-1 L^-1 P', by substitution on the rows of P'.
    func inverse() -> [Double] {
        let order = order
        return [Double](unsafeUninitializedCapacity: order * order) { inverse, count in
            inverse.initialize(repeating: 0)
            for i in 0 ..< order { inverse[i * order + permutation[i]] = 1 }
            factors.withUnsafeBufferPointer { factors in
                func subtract(_ factor: Double, _ source: Int, from target: Int) {
                    let (a, b) = (target * order, source * order)
                    for j in 0 ..< order { inverse[a + j] -= factor * inverse[b + j] }
                }
                for i in 0 ..< order {
                    for k in 0 ..< i { subtract(factors[i * order + k], k, from: i) }
                }
                for i in (0 ..< order).reversed() {
                    for k in i + 1 ..< order { subtract(factors[i * order + k], k, from: i) }
                    for j in 0 ..< order { inverse[i * order + j] /= factors[i * order + i] }
                }
            }
            for i in 0 ..< order {
                for j in 0 ..< order { inverse[i * order + j] /= actnormScale[i] }
            }
            count = order * order
        }
    }

    /// What the gradients of M and m, (C, C) and (C), make of those of the trained tensors.
    ///
    /// In the fold M = P L V D and m = M b, so now, with G = dM + dm b' and Q = P' G D:
    /// db = M' dm, dlog d_j = sum over i of G_ij M_ij, dL = Q V' below the diagonal, dV = L' Q on and above it,
    /// dlog|s| = dV s.
    func pulledBack(matrix dM: [Double], bias dm: [Double]) -> (bias: [Double], logScale: [Double], factors: [Double]) {
        let order = order
        var (dBias, dLogScale) = ([Double](repeating: 0, count: order), [Double](repeating: 0, count: order))
        var q = [Double](repeating: 0, count: order * order)
        var inverseOrder = permutation
        for (i, row) in permutation.enumerated() { inverseOrder[row] = i }
        for i in 0 ..< order {
            for j in 0 ..< order {
                let total = dM[i * order + j] + dm[i] * actnormBias[j]
                dBias[j] += matrix[i * order + j] * dm[i]
                dLogScale[j] += total * matrix[i * order + j]
                q[inverseOrder[i] * order + j] = total * actnormScale[j]
            }
        }
        var transposed = [Double](repeating: 0, count: order * order)
        for i in 0 ..< order {
            for j in i ..< order { transposed[j * order + i] = factors[i * order + j] }
        }
        let dFactors = [Double](unsafeUninitializedCapacity: order * order) { result, count in
            result.initialize(repeating: 0)
            factors.withUnsafeBufferPointer { factors in
                q.withUnsafeBufferPointer { q in
                    transposed.withUnsafeBufferPointer { transposed in
                        for i in 0 ..< order {
                            for k in 0 ..< order {
                                let factor = q[i * order + k]
                                for j in 0 ..< min(i, k + 1) { result[i * order + j] += factor * transposed[k * order + j] }
                            }
                            for k in i ..< order {
                                let factor = k == i ? 1 : factors[k * order + i]
                                for j in i ..< order { result[i * order + j] += factor * q[k * order + j] }
                            }
                            result[i * order + i] *= factors[i * order + i]
                        }
                    }
                }
            }
            count = order * order
        }
        return (dBias, dLogScale, dFactors)
    }
}

/// The tensors of one step, read where they lie.
struct StepValues {
    let layout: StepLayout
    private let base: UnsafePointer<Float>

    /// - Parameter vector: the start of the parameter vector.
    init(_ layout: StepLayout, in vector: UnsafePointer<Float>) {
        self.layout = layout
        base = vector
    }

    subscript(tensor: TrainingTensor) -> UnsafeBufferPointer<Float> {
        let range = layout[tensor]
        return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }
}
