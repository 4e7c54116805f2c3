import CFFTW
import KernelInterface
import Synchronization

/// The discrete Fourier transform of real arrays of one size, in single precision, by FFTW.
///
/// `forward` maps height x width real numbers to height x (width / 2 + 1) complex ones, `inverse` back, neither with a factor:
/// inverse after forward multiplies by height * width. All arrays are aligned as `AlignedBuffer` aligns them.
///
/// FFTW runs one plan from many threads at once, but makes plans only one at a time, so there is one table of plans for the
/// process, under a lock, kept for good. A program that plans with FFTW elsewhere must make FFTW's planner thread-safe
/// itself. Plans are estimated, not measured: measuring would choose another order of additions, other last bits, in each run.
package final class FourierTransform: @unchecked Sendable {
    package let height: Int
    package let width: Int
    private let forwardPlan: fftwf_plan
    private let inversePlan: fftwf_plan

    private struct Size: Hashable {
        let height: Int
        let width: Int
    }

    private static let planned = Mutex<[Size: FourierTransform]>([:])

    /// The transform of this size, planned on first use.
    ///
    /// - Throws: `OperatorError.noFourierPlan`.
    package static func of(height: Int, width: Int) throws -> FourierTransform {
        try planned.withLock { planned in
            let size = Size(height: height, width: width)
            if let transform = planned[size] { return transform }
            let transform = try FourierTransform(planningHeight: height, width: width)
            planned[size] = transform
            return transform
        }
    }

    /// Runs what plans with FFTW elsewhere in Reglow, alone.
    static func withPlanner<Planned>(_ body: () throws -> Planned) rethrows -> Planned { try planned.withLock { _ in try body() } }

    /// The caller holds the lock of `planned`.
    private init(planningHeight height: Int, width: Int) throws {
        let real = AlignedBuffer<Float>(count: height * width)
        let spectrum = AlignedBuffer<fftwf_complex>(count: height * (width / 2 + 1))
        guard let rows = Int32(exactly: height), let columns = Int32(exactly: width),
            let forwardPlan = fftwf_plan_dft_r2c_2d(rows, columns, real.base, spectrum.base, FFTW_ESTIMATE)
        else { throw OperatorError.noFourierPlan(height: height, width: width) }
        guard let inversePlan = fftwf_plan_dft_c2r_2d(rows, columns, spectrum.base, real.base, FFTW_ESTIMATE) else {
            fftwf_destroy_plan(forwardPlan)
            throw OperatorError.noFourierPlan(height: height, width: width)
        }
        self.height = height
        self.width = width
        self.forwardPlan = forwardPlan
        self.inversePlan = inversePlan
    }

    /// Real numbers of one array.
    package var realCount: Int { height * width }

    /// Complex numbers of its spectrum.
    package var spectrumCount: Int { height * (width / 2 + 1) }

    /// Keeps `real`.
    package func forward(_ real: AlignedBuffer<Float>, into spectrum: AlignedBuffer<fftwf_complex>) {
        fftwf_execute_dft_r2c(forwardPlan, real.base, spectrum.base)
    }

    /// Overwrites `spectrum`.
    package func inverse(_ spectrum: AlignedBuffer<fftwf_complex>, into real: AlignedBuffer<Float>) {
        fftwf_execute_dft_c2r(inversePlan, spectrum.base, real.base)
    }

    /// The smallest number from `length` on that has no prime factor above 7: FFTW has fast code for these.
    static func convenientSize(atLeast length: Int) -> Int {
        var size = max(1, length)
        while !hasSmallFactors(size) { size += 1 }
        return size
    }

    /// A multiple of `multiple` that is at least `length`: the smallest, or one that is larger by no more than a part in 64 where that has a prime
    /// factor above 13 and the other has none: these take FFTW three times as long and longer.
    static func convenientSize(atLeast length: Int, multipleOf multiple: Int) -> Int {
        let least = (length + multiple - 1) / multiple * multiple
        let sizes = stride(from: least, through: least + least / 64, by: multiple)
        return sizes.first { hasSmallFactors($0, [2, 3, 5, 7, 11, 13]) } ?? least
    }

    private static func hasSmallFactors(_ number: Int, _ primes: [Int] = [2, 3, 5, 7]) -> Bool {
        var rest = number
        for prime in primes {
            while rest % prime == 0 { rest /= prime }
        }
        return rest == 1
    }
}
