import Glibc

/// Random numbers that are the same for the same seed on every machine and in every version.
///
/// The generator is xoshiro256** of Blackman and Vigna ("Scrambled linear pseudorandom number generators", 2021). Its four
/// words of state are successive outputs of SplitMix64, started at a hash of seed, stream and index:
///
///     start = mix(mix(mix(seed) ^ stream) ^ index),    mix = one SplitMix64 step
///
/// Streams keep purposes apart: with one seed, the mask tells nothing about the noise. Indices keep the parts of a purpose
/// apart, so that they can be drawn in any order by any thread.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// What the numbers are for. This is the one list of all streams, so that no two purposes share one. A value never changes: the
    /// results of a seed that somebody wrote down depend on it.
    package enum Stream: UInt64, CaseIterable, Sendable {
        /// Pixels that a random mask lacks.
        case mask = 1
        /// Noise of a simulated measurement.
        case noise = 2
        /// Entries of a Gaussian matrix.
        case matrix = 3
        /// The first vector of a power iteration.
        case powerIteration = 4
        /// Weights of a random model.
        case model = 5
        /// Random starting points of a solve.
        case start = 16
        /// Samples and probes that the stationary prior is fitted to.
        case stationaryPrior = 17
        /// Probes of an operator's circulant part.
        case operatorProbe = 18
        /// Latents of samples.
        case sample = 19
        /// Tangents and cotangents at which precisions are compared.
        case tangent = 20
        /// Orders of the epochs of a training.
        case epochOrder = 21
        /// Crop, flip and noise at each place of a training.
        case trainingCrop = 22
        /// Noise on the validation crops of a training.
        case validationNoise = 23
        /// Parameters before a training.
        case trainingStart = 24
        /// Velocities and decisions of the chains that sample a posterior.
        case posterior = 25
        /// Data of benchmarks.
        case benchmark = 64
    }

    private var state: (UInt64, UInt64, UInt64, UInt64)
    private var spareNormal: Double?

    package init(seed: UInt64, stream: Stream, index: UInt64 = 0) {
        var splitMix = SplitMix64(state: seed)
        splitMix.state = splitMix.next() ^ stream.rawValue
        splitMix.state = splitMix.next() ^ index
        splitMix.state = splitMix.next()
        state = (splitMix.next(), splitMix.next(), splitMix.next(), splitMix.next())
    }

    package mutating func next() -> UInt64 {
        let result = (state.1 &* 5).rotatedLeft(by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3.rotatedLeft(by: 45)
        return result
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    package mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in 0 ..< bound, without bias; 0 when `bound` is below 1.
    ///
    /// Numbers that would favour small results are drawn again. The standard library's `Int.random(in:using:)` may change
    /// the way it uses the generator; this does not.
    package mutating func nextIndex(below bound: Int) -> Int {
        guard bound >= 1 else { return 0 }
        let range = UInt64(bound)
        let unfair = (0 &- range) % range
        while true {
            let number = next()
            if number >= unfair { return Int(number % range) }
        }
    }

    /// So many signs, 1 or -1, each as likely: the bits of the next numbers, the lowest first.
    package mutating func nextSigns(_ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: max(0, count)) { signs, initialized in
            initialized = max(0, count)
            for first in stride(from: 0, to: initialized, by: 64) {
                var bits = next()
                for index in first ..< min(first + 64, initialized) {
                    signs.initializeElement(at: index, to: bits & 1 == 0 ? 1 : -1)
                    bits >>= 1
                }
            }
        }
    }

    /// Standard normal, by the transform of Box and Muller in Double: numbers are made in pairs
    ///
    ///     sqrt(-2 ln u) cos(2 pi v),  sqrt(-2 ln u) sin(2 pi v),    u in (0, 1], v in [0, 1)
    ///
    /// The logarithm and the sine are the system's, so another C library may differ in the last bit of a Double.
    package mutating func nextNormal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        let radius = (-2 * log(1 - nextUniform())).squareRoot()
        let angle = 2 * Double.pi * nextUniform()
        spareNormal = radius * sin(angle)
        return radius * cos(angle)
    }
}

/// The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014), here only for seeding.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension UInt64 {
    fileprivate func rotatedLeft(by bits: UInt64) -> UInt64 {
        (self << bits) | (self >> (64 - bits))
    }
}
