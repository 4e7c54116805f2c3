import KernelInterface

/// A map of the raw scale r to a scale, as the kernels of an affine coupling are compiled for it.
protocol ScaleMap {
    /// The scale s(r), log s and ds/dr.
    static func evaluate(_ raw: Vector) -> (scale: Vector, logScale: Vector, derivative: Vector)
    /// ds/dr where s is this.
    static func derivative(ofScale scale: Vector) -> Vector
}

/// s = sg(r + 2), ds/dr = s (1 - s)
enum SigmoidScale: ScaleMap {
    @inline(__always)
    static func evaluate(_ raw: Vector) -> (scale: Vector, logScale: Vector, derivative: Vector) {
        let (scale, logScale, oneMinusScale) = sigmoid(raw + 2)
        return (scale, logScale, scale * oneMinusScale)
    }

    @inline(__always)
    static func derivative(ofScale scale: Vector) -> Vector { scale * (1 - scale) }
}

/// s = e^r = ds/dr
enum ExponentialScale: ScaleMap {
    @inline(__always)
    static func evaluate(_ raw: Vector) -> (scale: Vector, logScale: Vector, derivative: Vector) {
        let scale = exponential(raw)
        return (scale, raw, scale)
    }

    @inline(__always)
    static func derivative(ofScale scale: Vector) -> Vector { scale }
}

/// s = 1 / sg(r + 2) = 1 + e^(-r - 2), ds/dr = 1 - s
enum InverseSigmoidScale: ScaleMap {
    @inline(__always)
    static func evaluate(_ raw: Vector) -> (scale: Vector, logScale: Vector, derivative: Vector) {
        let (inverse, logInverse, oneMinusInverse) = sigmoid(raw + 2)
        let scale = 1 / inverse
        return (scale, -logInverse, -oneMinusInverse * scale)
    }

    @inline(__always)
    static func derivative(ofScale scale: Vector) -> Vector { 1 - scale }
}

/// s = e^u with u = sg(r + 2), ds/dr = s u (1 - u)
enum ExponentialOfSigmoidScale: ScaleMap {
    @inline(__always)
    static func evaluate(_ raw: Vector) -> (scale: Vector, logScale: Vector, derivative: Vector) {
        let (logScale, _, oneMinusLogScale) = sigmoid(raw + 2)
        let scale = exponential(logScale)
        return (scale, logScale, scale * logScale * oneMinusLogScale)
    }

    @inline(__always)
    static func derivative(ofScale scale: Vector) -> Vector {
        let logScale = logarithm(scale)
        return scale * logScale * (1 - logScale)
    }
}

// The kernels of every form, of which the standard one has its own in `AffineCouplingBodies`.

/// b' = (b + t) s or b s + t
func affineFormForward(_ a: borrowing AffineCoupling, vectors: Int) {
    switch a.form.scaleMap {
    case .sigmoid: forward(a, vectors, SigmoidScale.self)
    case .exponential: forward(a, vectors, ExponentialScale.self)
    case .inverseSigmoid: forward(a, vectors, InverseSigmoidScale.self)
    case .exponentialOfSigmoid: forward(a, vectors, ExponentialOfSigmoidScale.self)
    }
}

private func forward<Map: ScaleMap>(_ a: borrowing AffineCoupling, _ vectors: Int, _ map: Map.Type) {
    let (offset, scalesFirst) = (a.form.offset, a.form.scalesFirst)
    forEachPlace(a, vectors) { at in
        let (unshifted, logUnshifted, derivative) = Map.evaluate(load(at.logit))
        let scale = unshifted + offset
        let (value, shift) = (load(at.transformed), load(at.shift))
        let factor = scalesFirst ? value : value + shift
        store(scalesFirst ? factor * scale + shift : factor * scale, at.transformed)
        store(scale, at.scale)
        store(factor * derivative, at.slope)
        store(offset == 0 ? logUnshifted : logarithm(scale), at.logScale)
    }
}

/// b = b' / s - t or (b' - t) / s
func affineFormInverse(_ a: borrowing AffineCoupling, vectors: Int) {
    switch a.form.scaleMap {
    case .sigmoid: inverse(a, vectors, SigmoidScale.self)
    case .exponential: inverse(a, vectors, ExponentialScale.self)
    case .inverseSigmoid: inverse(a, vectors, InverseSigmoidScale.self)
    case .exponentialOfSigmoid: inverse(a, vectors, ExponentialOfSigmoidScale.self)
    }
}

private func inverse<Map: ScaleMap>(_ a: borrowing AffineCoupling, _ vectors: Int, _ map: Map.Type) {
    let (offset, scalesFirst) = (a.form.offset, a.form.scalesFirst)
    forEachPlace(a, vectors) { at in
        let (unshifted, _, derivative) = Map.evaluate(load(at.logit))
        let scale = unshifted + offset
        let (value, shift) = (load(at.transformed), load(at.shift))
        let factor = (scalesFirst ? value - shift : value) / scale
        store(scalesFirst ? factor : factor - shift, at.transformed)
        store(scale, at.scale)
        store(factor * derivative, at.slope)
    }
}

/// With v the cotangent of b' and w the weight of log|det|: that of b is s v, that of t is s v or v, that of r is slope v + w q, where
/// q = d log s / dr is kept too.
func affineFormForwardVJP(_ a: borrowing AffineCoupling, vectors: Int) {
    switch a.form.scaleMap {
    case .sigmoid: forwardVJP(a, vectors, SigmoidScale.self)
    case .exponential: forwardVJP(a, vectors, ExponentialScale.self)
    case .inverseSigmoid: forwardVJP(a, vectors, InverseSigmoidScale.self)
    case .exponentialOfSigmoid: forwardVJP(a, vectors, ExponentialOfSigmoidScale.self)
    }
}

private func forwardVJP<Map: ScaleMap>(_ a: borrowing AffineCoupling, _ vectors: Int, _ map: Map.Type) {
    let (offset, scalesFirst, weight) = (a.form.offset, a.form.scalesFirst, a.logDeterminantWeight)
    forEachPlace(a, vectors) { at in
        let cotangent = load(at.transformed)
        let scale = load(at.scale)
        let rate = Map.derivative(ofScale: scale - offset) / scale
        store(load(at.slope) * cotangent + weight * rate, at.logit)
        store(rate, at.logScale)
        store(scalesFirst ? cotangent : scale * cotangent, at.shift)
        store(scale * cotangent, at.transformed)
    }
}
