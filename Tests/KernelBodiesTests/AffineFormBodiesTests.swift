import Foundation
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// The affine kernels in every form, `AffineForm`, against a twin in Double.
///
/// Bounds count roundings. A sigmoid and its complement are good to 8 (see `ElementaryTests`), e^t to 6, and what is made of them to the sum:
/// a scale to 16, its derivative to 40, which has three factors.
@Suite struct AffineFormBodiesTests {
    struct Form: Sendable, CustomTestStringConvertible {
        let form: AffineForm
        var testDescription: String { "\(form.scaleMap) + \(form.offset), scales \(form.scalesFirst ? "first" : "last")" }

        /// s and ds/dr, straight from the text of the format.
        func scale(_ raw: Double) -> (value: Double, derivative: Double) {
            let sigmoid = 1 / (1 + exp(-(raw + 2)))
            let slope = exp(-(raw + 2)) * sigmoid * sigmoid
            let (value, derivative) =
                switch form.scaleMap {
                case .sigmoid: (sigmoid, slope)
                case .exponential: (exp(raw), exp(raw))
                case .inverseSigmoid: (1 + exp(-raw - 2), -exp(-raw - 2))
                case .exponentialOfSigmoid: (exp(sigmoid), exp(sigmoid) * slope)
                }
            return (value + Double(form.offset), derivative)
        }
    }

    static let forms = [AffineForm.ScaleMap.sigmoid, .exponential, .inverseSigmoid, .exponentialOfSigmoid].flatMap { map in
        [false, true].flatMap { scalesFirst in
            [0, 0.375, 1].map { Form(form: AffineForm(scaleMap: map, offset: $0, scalesFirst: scalesFirst)) }
        }
    }

    private struct Numbers {
        let b, t, r: Double

        init(_ panels: AffinePanels, _ channel: Int, _ pixel: Int) {
            b = Double(panels.transformed[channel, pixel])
            t = Double(panels.network[channel, pixel])
            r = Double(panels.network[panels.channels + channel, pixel])
        }
    }

    @Test(arguments: InstructionSet.supported, forms) func forward(set: InstructionSet, setup: Form) {
        let before = AffinePanels(set, vectors: 3, isPoint: true, seed: 51)
        let a = AffinePanels(set, vectors: 3, isPoint: true, seed: 51)
        a.table.affineForward(a.arguments(form: setup.form), 3)
        #expect(
            a.worst { c, p in
                let x = Numbers(before, c, p)
                let s = setup.scale(x.r)
                let (result, size) =
                    setup.form.scalesFirst
                    ? (x.b * s.value + x.t, abs(x.b) * s.value + abs(x.t)) : ((x.b + x.t) * s.value, (abs(x.b) + abs(x.t)) * s.value)
                return max(
                    roundings(a.transformed[c, p], result, magnitude: size), roundings(a.scale[c, p], s.value, magnitude: s.value),
                    roundings(a.logScale[c, p], log(s.value), magnitude: max(1, abs(log(s.value)))))
            } <= 24)
        #expect(
            a.worst { c, p in
                let x = Numbers(before, c, p)
                let s = setup.scale(x.r)
                let factor = setup.form.scalesFirst ? x.b : x.b + x.t
                let size = setup.form.scalesFirst ? abs(x.b) : abs(x.b) + abs(x.t)
                return roundings(a.slope[c, p], factor * s.derivative, magnitude: size * abs(s.derivative))
            } <= 48)
        #expect(a.changes(network: false, records: true, logScale: true) == 0)
    }

    @Test(arguments: InstructionSet.supported, forms) func inverse(set: InstructionSet, setup: Form) {
        let before = AffinePanels(set, vectors: 3, isPoint: true, seed: 52)
        let a = AffinePanels(set, vectors: 3, isPoint: true, seed: 52)
        a.table.affineInverse(a.arguments(form: setup.form), 3)
        #expect(
            a.worst { c, p in
                let x = Numbers(before, c, p)
                let s = setup.scale(x.r)
                let (result, size) =
                    setup.form.scalesFirst
                    ? ((x.b - x.t) / s.value, (abs(x.b) + abs(x.t)) / s.value) : (x.b / s.value - x.t, abs(x.b) / s.value + abs(x.t))
                let factor = setup.form.scalesFirst ? result : x.b / s.value
                return max(
                    roundings(a.transformed[c, p], result, magnitude: size), roundings(a.scale[c, p], s.value, magnitude: s.value),
                    roundings(a.slope[c, p], factor * s.derivative, magnitude: size * abs(s.derivative)) / 2)
            } <= 32)
        #expect(a.changes(network: false, records: true) == 0)
    }

    /// The records are those of a forward map. A rate d log s / dr that is made of s has the rounding of s, 1 and their difference, over s.
    @Test(arguments: InstructionSet.supported, forms) func forwardVJP(set: InstructionSet, setup: Form) {
        let point = AffinePanels(set, vectors: 3, isPoint: true, seed: 53)
        let raw = AffinePanels(set, vectors: 3, isPoint: true, seed: 53)
        let a = AffinePanels(set, vectors: 3, isPoint: true, seed: 53)
        a.table.affineForward(a.arguments(form: setup.form), 3)
        for c in 0 ..< 3 { for p in 0 ..< a.pixels { a.transformed[c, p] = point.transformed[c, p] } }
        let weight = 0.625
        a.table.affineForwardVJP(a.arguments(form: setup.form, logDeterminantWeight: Float(weight)), 3)
        #expect(
            a.worst { c, p in
                let (v, s, slope) = (Double(point.transformed[c, p]), Double(a.scale[c, p]), Double(a.slope[c, p]))
                let exact = setup.scale(Numbers(raw, c, p).r)
                let rate = exact.derivative / exact.value
                let shift = setup.form.scalesFirst ? v : s * v
                return max(
                    roundings(a.transformed[c, p], s * v, magnitude: abs(s * v)), roundings(a.network[c, p], shift, magnitude: abs(shift)),
                    roundings(a.network[3 + c, p], slope * v + weight * rate, magnitude: abs(slope * v) + 2 * weight))
            } <= 32)
        #expect(a.changes(network: true, records: true, logScale: true) == 0)
    }

    /// With any records, each number is a formula of at most five operations.
    @Test(arguments: InstructionSet.supported) func otherProductsThatScaleFirst(set: InstructionSet) {
        let form = AffineForm(scaleMap: .exponential, scalesFirst: true)
        let before = AffinePanels(set, vectors: 3, isPoint: false, seed: 54)
        func made(_ kernel: @Sendable (borrowing AffineCoupling, Int) -> Void) -> AffinePanels {
            let a = AffinePanels(set, vectors: 3, isPoint: false, seed: 54)
            kernel(a.arguments(form: form), 3)
            return a
        }
        let (forwardJVP, inverseJVP) = (made(set.table.affineForwardJVP), made(set.table.affineInverseJVP))
        let inverseVJP = made(set.table.affineInverseVJP)
        #expect(
            before.worst { c, p in
                let x = Numbers(before, c, p)
                let (s, slope) = (Double(before.scale[c, p]), Double(before.slope[c, p]))
                let size = abs(slope * x.r) + abs(x.t)
                return max(
                    roundings(forwardJVP.transformed[c, p], s * x.b + x.t + slope * x.r, magnitude: abs(s * x.b) + size),
                    roundings(inverseJVP.transformed[c, p], (x.b - slope * x.r - x.t) / s, magnitude: (abs(x.b) + size) / s),
                    roundings(inverseVJP.transformed[c, p], x.b / s, magnitude: abs(x.b / s)),
                    roundings(inverseVJP.network[c, p], -x.b / s, magnitude: abs(x.b / s)),
                    roundings(inverseVJP.network[3 + c, p], -slope * x.b / s, magnitude: abs(slope * x.b / s)))
            } <= 6)
        #expect(forwardJVP.changes(network: false, records: false) == 0)
        #expect(inverseJVP.changes(network: false, records: false) == 0)
        #expect(inverseVJP.changes(network: true, records: false) == 0)
    }

    /// A raw scale that is not a number makes nothing else of its pixel, and of no other.
    @Test(arguments: InstructionSet.supported, forms) func notANumberStays(set: InstructionSet, setup: Form) {
        let logits = (0 ..< 3 * set.table.lanes).map { $0 == 5 ? Float.nan : 0.5 }
        let a = AffinePanels(set, vectors: 1, isPoint: true, seed: 55, logits: logits)
        a.table.affineForward(a.arguments(form: setup.form), 1)
        for c in 0 ..< 3 {
            for p in 0 ..< a.pixels {
                let isSpoilt = c * set.table.lanes + p == 5
                for value in [a.transformed[c, p], a.scale[c, p], a.slope[c, p], a.logScale[c, p]] { #expect(value.isNaN == isSpoilt) }
            }
        }
    }
}
