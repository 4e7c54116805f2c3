import KernelInterface

/// Says where the numbers of one vector of one channel of an affine coupling lie.
struct AffinePlace {
    let transformed, shift, logit, scale, slope, logScale: UnsafeMutablePointer<Float>
}

/// Calls `body` for each vector of the tile.
@inline(__always)
func forEachPlace(_ a: borrowing AffineCoupling, _ vectors: Int, _ body: (AffinePlace) -> Void) {
    for channel in 0 ..< a.channels {
        for vector in 0 ..< vectors {
            let pixel = vector * Vector.scalarCount
            let record = channel * a.recordStride + pixel
            body(
                AffinePlace(
                    transformed: a.transformed + channel * a.transformedStride + pixel,
                    shift: a.network + channel * a.networkStride + pixel,
                    logit: a.network + (a.channels + channel) * a.networkStride + pixel,
                    scale: a.scale + record, slope: a.slope + record,
                    logScale: a.logScale + channel * a.logScaleStride + pixel))
        }
    }
}

// The products with the Jacobian need the scale and its slope alone; the other kernels have those of other forms in `AffineFormBodies`.

/// b' = (b + t) s
func affineForward(_ a: borrowing AffineCoupling, vectors: Int) {
    guard a.form.isStandard else { return affineFormForward(a, vectors: vectors) }
    forEachPlace(a, vectors) { at in
        let (scale, logScale, oneMinusScale) = sigmoid(load(at.logit) + 2)
        let result = (load(at.transformed) + load(at.shift)) * scale
        store(result, at.transformed)
        store(scale, at.scale)
        store(result * oneMinusScale, at.slope)
        store(logScale, at.logScale)
    }
}

/// b = b' / s - t
func affineInverse(_ a: borrowing AffineCoupling, vectors: Int) {
    guard a.form.isStandard else { return affineFormInverse(a, vectors: vectors) }
    forEachPlace(a, vectors) { at in
        let (scale, _, oneMinusScale) = sigmoid(load(at.logit) + 2)
        let value = load(at.transformed)
        store(value / scale - load(at.shift), at.transformed)
        store(scale, at.scale)
        store(value * oneMinusScale, at.slope)
    }
}

/// db' = s (db + dt) + slope dr or s db + dt + slope dr
func affineForwardJVP(_ a: borrowing AffineCoupling, vectors: Int) {
    if a.form.scalesFirst {
        forEachPlace(a, vectors) { at in
            let scaled = load(at.scale) * load(at.transformed) + load(at.shift)
            store(scaled + load(at.slope) * load(at.logit), at.transformed)
        }
        return
    }
    forEachPlace(a, vectors) { at in
        let sum = load(at.transformed) + load(at.shift)
        store(load(at.scale) * sum + load(at.slope) * load(at.logit), at.transformed)
    }
}

/// In the forward map b' = (b + t) s(r) and log|det| gained log s(r), so now, with v the cotangent of b' and w the weight of
/// log|det|: that of b and of t is s v, that of r is slope v + w (1 - s).
func affineForwardVJP(_ a: borrowing AffineCoupling, vectors: Int) {
    guard a.form.isStandard else { return affineFormForwardVJP(a, vectors: vectors) }
    let weight = a.logDeterminantWeight
    forEachPlace(a, vectors) { at in
        let cotangent = load(at.transformed)
        let scale = load(at.scale)
        store(load(at.slope) * cotangent + weight * (1 - scale), at.logit)
        store(scale * cotangent, at.shift)
        store(scale * cotangent, at.transformed)
    }
}

/// db = (db' - slope dr) / s - dt or (db' - slope dr - dt) / s
func affineInverseJVP(_ a: borrowing AffineCoupling, vectors: Int) {
    if a.form.scalesFirst {
        forEachPlace(a, vectors) { at in
            let difference = load(at.transformed) - load(at.slope) * load(at.logit)
            store((difference - load(at.shift)) / load(at.scale), at.transformed)
        }
        return
    }
    forEachPlace(a, vectors) { at in
        let difference = load(at.transformed) - load(at.slope) * load(at.logit)
        store(difference / load(at.scale) - load(at.shift), at.transformed)
    }
}

/// In the inverse map b = b' / s(r) - t or (b' - t) / s(r), so now, with v the cotangent of b: that of b' is v / s, that of t is -v or
/// -v / s, that of r is -slope v / s.
func affineInverseVJP(_ a: borrowing AffineCoupling, vectors: Int) {
    let scalesFirst = a.form.scalesFirst
    forEachPlace(a, vectors) { at in
        let cotangent = load(at.transformed)
        let quotient = cotangent / load(at.scale)
        store(-load(at.slope) * quotient, at.logit)
        store(scalesFirst ? -quotient : -cotangent, at.shift)
        store(quotient, at.transformed)
    }
}
