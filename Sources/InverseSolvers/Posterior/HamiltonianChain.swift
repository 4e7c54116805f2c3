import Glibc
import KernelInterface

/// A Markov chain of images that has the posterior as its distribution: Hamiltonian Monte Carlo in the metric of a `StationaryPosterior`
/// (S. Duane et al., "Hybrid Monte Carlo", 1987).
///
/// The potential is U(x) = E(x) / lambda, with the log-determinant: minus the logarithm of the posterior density, up to a constant. A trajectory
/// begins with a draw v of N(0, C), and has `steps` steps of the leapfrog method,
///
///     v -= e/2 C grad U(x),    x += e v,    v -= e/2 C grad U(x)
///
/// Each keeps volume and can be run backwards, whatever the force is. So its end is accepted with the probability min(1, exp(H - H')) of
/// Metropolis, H = U(x) + 1/2 v' C^-1 v, and nothing of the result depends on how well C is known. Where it is rejected the chain stays.
///
/// A chain does not evaluate U itself: it says where it wants value and gradient (`unknown`), and takes them (`receive`).
final class HamiltonianChain {
    /// What became of a trajectory.
    struct Transition {
        /// How likely it was to be accepted.
        let acceptance: Double
        let isAccepted: Bool
    }

    /// The point at which the chain wants the objective next.
    let unknown: Vector
    /// The image at which the chain is.
    let image: Vector
    /// C grad U at `image`.
    let imageForce: Vector
    /// U at `image`.
    private(set) var potential = Double.nan
    private(set) var adaptation: StepSizeAdaptation

    private let posterior: StationaryPosterior
    private let regularizationWeight: Double
    private let steps: Int
    private var generator: SeededGenerator
    private let velocity, firstVelocity: Vector
    /// C grad U at `unknown`.
    private let force: Vector
    private let gradient: Vector
    private var stepsDone = 0
    private var stepSize = 0.0
    /// H at the beginning of the trajectory.
    private var energy = Double.nan

    /// The part of the step size by which trajectories differ at most, so that none returns to where it began again and again.
    private static let jitter = 0.2

    /// A chain that begins near an image: at it plus a draw of N(0, C), so that chains of one image begin apart.
    ///
    /// - Parameters:
    ///   - steps: of each trajectory.
    ///   - generator: its own random numbers.
    init(
        at start: [Float], posterior: StationaryPosterior, regularizationWeight: Double, steps: Int, generator: SeededGenerator,
        loops: VectorLoops
    ) {
        let n = start.count
        self.posterior = posterior
        self.regularizationWeight = regularizationWeight
        self.steps = steps
        self.generator = generator
        adaptation = StepSizeAdaptation(dimension: n)
        (image, unknown) = (Vector(start, loops: loops), Vector(count: n, loops: loops))
        (velocity, firstVelocity) = (Vector(count: n, loops: loops), Vector(count: n, loops: loops))
        (imageForce, force, gradient) = (Vector(count: n, loops: loops), Vector(count: n, loops: loops), Vector(count: n, loops: loops))
        // From the zero vector, which is no draw: the second one is.
        for _ in 0 ..< 2 { posterior.redraw(velocity, &self.generator) }
        unknown.set(image, plus: 1, times: velocity)
        if !unknown.norm.isFinite { unknown.set(image) }
    }

    /// Whether the chain waits for the objective at its start.
    var isBeginning: Bool { potential.isNaN }

    /// Takes the objective at `unknown`, and moves on.
    ///
    /// - Parameter values: the gradient of E.
    /// - Returns: what became of a trajectory that has ended with it.
    func receive(_ evaluation: Evaluation, gradient values: UnsafePointer<Float>) -> Transition? {
        gradient.set(from: values)
        let reached = evaluation.objective / regularizationWeight
        if isBeginning {
            image.set(unknown)
            potential = reached
            posterior.force(of: gradient, into: imageForce)
            begin()
            return nil
        }
        // No trajectory comes back from where the density is 0 or unknown.
        guard evaluation.isFinite else { return end(at: .infinity) }
        posterior.force(of: gradient, into: force)
        stepsDone += 1
        if stepsDone < steps {
            velocity.add(-stepSize, times: force)
            unknown.add(stepSize, times: velocity)
            return nil
        }
        velocity.add(-stepSize / 2, times: force)
        return end(at: reached)
    }

    /// Learns from a trajectory of the burn-in.
    func learn(_ transition: Transition) { adaptation.learn(acceptance: transition.acceptance) }

    /// Ends the burn-in: from here on the chain is one of Markov.
    func finishBurnIn() { adaptation.finish() }

    /// Begins the next trajectory.
    func begin() {
        posterior.redraw(velocity, &generator)
        firstVelocity.set(velocity)
        energy = potential + posterior.kineticEnergy(velocity)
        stepSize = adaptation.stepSize * (1 + Self.jitter * (2 * generator.nextUniform() - 1))
        stepsDone = 0
        velocity.add(-stepSize / 2, times: imageForce)
        unknown.set(image, plus: stepSize, times: velocity)
    }

    /// Ends the trajectory at `unknown`, where U is `reached`.
    private func end(at reached: Double) -> Transition {
        let change = energy - reached - (reached.isFinite ? posterior.kineticEnergy(velocity) : 0)
        let acceptance = change.isNaN ? 0 : min(1, exp(change))
        let isAccepted = generator.nextUniform() < acceptance
        if isAccepted {
            image.set(unknown)
            imageForce.set(force)
            potential = reached
        } else {
            // Of the density of images and velocities -v is as likely as v.
            velocity.set(-1, times: firstVelocity)
        }
        return Transition(acceptance: acceptance, isAccepted: isAccepted)
    }
}
