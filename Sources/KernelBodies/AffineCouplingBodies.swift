import KernelInterface

/// Calls `body(channel, pixel)` for each vector of an affine coupling's tile.
@inline(__always)
private func forEachVector(_ a: borrowing AffineCoupling, _ vectors: Int, _ body: (_ channel: Int, _ pixel: Int) -> Void) {
    for channel in 0 ..< a.channels {
        for v in 0 ..< vectors { body(channel, v * Vector.scalarCount) }
    }
}

/// b' = (b + t) s
func affineForward(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let shift = load(a.network + channel * a.networkStride + pixel)
        let logit = load(a.network + (a.channels + channel) * a.networkStride + pixel)
        let (scale, logScale, oneMinusScale) = sigmoid(logit + 2)
        let result = (load(transformed) + shift) * scale
        let record = channel * a.recordStride + pixel
        store(result, transformed)
        store(scale, a.scale + record)
        store(result * oneMinusScale, a.slope + record)
        store(logScale, a.logScale + channel * a.logScaleStride + pixel)
    }
}

/// b = b' / s - t
func affineInverse(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let shift = load(a.network + channel * a.networkStride + pixel)
        let logit = load(a.network + (a.channels + channel) * a.networkStride + pixel)
        let (scale, _, oneMinusScale) = sigmoid(logit + 2)
        let value = load(transformed)
        let record = channel * a.recordStride + pixel
        store(value / scale - shift, transformed)
        store(scale, a.scale + record)
        store(value * oneMinusScale, a.slope + record)
    }
}

/// db' = s (db + dt) + slope dr
func affineForwardJVP(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let shift = load(a.network + channel * a.networkStride + pixel)
        let logit = load(a.network + (a.channels + channel) * a.networkStride + pixel)
        let record = channel * a.recordStride + pixel
        store(load(a.scale + record) * (load(transformed) + shift) + load(a.slope + record) * logit, transformed)
    }
}

/// In the forward map b' = (b + t) s(r) and log|det| gained log s(r), so now, with v the cotangent of b' and w the weight of
/// log|det|: that of b and of t is s v, that of r is slope v + w (1 - s).
func affineForwardVJP(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let record = channel * a.recordStride + pixel
        let cotangent = load(transformed)
        let scale = load(a.scale + record)
        let logit = load(a.slope + record) * cotangent + a.logDeterminantWeight * (1 - scale)
        store(scale * cotangent, transformed)
        store(scale * cotangent, a.network + channel * a.networkStride + pixel)
        store(logit, a.network + (a.channels + channel) * a.networkStride + pixel)
    }
}

/// db = (db' - slope dr) / s - dt
func affineInverseJVP(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let shift = load(a.network + channel * a.networkStride + pixel)
        let logit = load(a.network + (a.channels + channel) * a.networkStride + pixel)
        let record = channel * a.recordStride + pixel
        store((load(transformed) - load(a.slope + record) * logit) / load(a.scale + record) - shift, transformed)
    }
}

/// In the inverse map b = b' / s(r) - t, so now, with v the cotangent of b: that of b' is v / s, that of t is -v, that of r
/// is -slope v / s.
func affineInverseVJP(_ a: borrowing AffineCoupling, vectors: Int) {
    let a = copy a
    forEachVector(a, vectors) { channel, pixel in
        let transformed = a.transformed + channel * a.transformedStride + pixel
        let record = channel * a.recordStride + pixel
        let cotangent = load(transformed)
        let quotient = cotangent / load(a.scale + record)
        store(quotient, transformed)
        store(-cotangent, a.network + channel * a.networkStride + pixel)
        store(-load(a.slope + record) * quotient, a.network + (a.channels + channel) * a.networkStride + pixel)
    }
}
