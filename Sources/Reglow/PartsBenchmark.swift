import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// What an iteration is made of: the cost of each map of the flow, and how much of an iteration of L-BFGS is spent around the flow.
package struct PartsBenchmark {
    package let prior: Glow
    package let size: Problem.ImageSize
    package let batch: Int
    package let threads: Int
    package let repetitions: Int
    /// Problems whose iterations are measured, by name.
    package let problems: [String: Problem]

    package init(
        prior: Glow, size: Problem.ImageSize, batch: Int, threads: Int, repetitions: Int, problems: [String: Problem]
    ) {
        self.prior = prior
        self.size = size
        self.batch = batch
        self.threads = threads
        self.repetitions = max(1, repetitions)
        self.problems = problems
    }

    /// The cost of one map for the whole batch.
    package struct MapCost: Codable, Sendable {
        /// The least of the repetitions.
        package let seconds: Double
        /// `seconds` over those of `forward`, or for `inverse` and its Jacobian products over those of `inverse`.
        package let passes: Double
    }

    /// Parts of an iteration, from 0 to 1; nil for a solve that ends at its start.
    package struct Around: Codable, Sendable {
        package let analysis: Double?
        package let synthesis: Double?
    }

    package struct Result: Codable, Sendable {
        /// The cost of each map by its name: `forward`, `forwardJVP`, `forwardVJP`, `inverse`, `inverseJVP`, `inverseVJP`.
        package let maps: [String: MapCost]
        /// The share of what is not in the flow, by problem: operator, objective, vectors of the minimizer, trace.
        package let around: [String: Around]
    }

    /// - Throws: `GlowShapeError` when the prior does not take images of this size, and what a problem throws that cannot be posed
    ///   for it.
    package func run() throws -> Result {
        Result(
            maps: try mapCosts(),
            around: try problems.mapValues { problem in
                Around(analysis: try shareAround(problem, .analysis), synthesis: try shareAround(problem, .synthesis))
            })
    }

    private var shape: ImageShape { ImageShape(channels: prior.imageChannels, height: size.height, width: size.width) }
    private var parallelism: Parallelism { Parallelism(threads: threads) }

    /// Every repetition times the six maps in turn, so that all see the same machine.
    private func mapCosts() throws -> [String: MapCost] {
        let point = try prior.makeLinearization(imageShape: shape, capacity: batch, parallelism: parallelism)
        var generator = SeededGenerator(seed: 0, stream: .sample)
        let input = (0 ..< batch * shape.count).map { _ in Float(0.3 * generator.nextNormal()) }
        var output = input
        var logDeterminants = [Double](repeating: 0, count: batch)
        let maps: [(name: String, pass: String, run: () -> Void)] = [
            (
                "forward", "forward",
                {
                    prior.forward(input, count: batch, recording: point, into: &output, logDeterminants: &logDeterminants)
                }
            ),
            ("forwardJVP", "forward", { prior.forwardJVP(at: point, tangent: input, into: &output) }),
            (
                "forwardVJP", "forward",
                {
                    prior.forwardVJP(at: point, cotangent: input, logDeterminantWeight: 0, into: &output)
                }
            ),
            ("inverse", "inverse", { prior.inverse(input, count: batch, recording: point, into: &output) }),
            ("inverseJVP", "inverse", { prior.inverseJVP(at: point, tangent: input, into: &output) }),
            ("inverseVJP", "inverse", { prior.inverseVJP(at: point, cotangent: input, into: &output) }),
        ]
        for map in maps { map.run() }
        var seconds: [String: Double] = [:]
        for _ in 0 ..< repetitions {
            for map in maps {
                seconds[map.name] = min(seconds[map.name] ?? .infinity, ContinuousClock().measure(map.run) / .seconds(1))
            }
        }
        return Dictionary(
            uniqueKeysWithValues: maps.map { map in
                let (own, pass) = (seconds[map.name] ?? .nan, seconds[map.pass] ?? .nan)
                return (map.name, MapCost(seconds: own, passes: own / pass))
            })
    }

    /// The median over the last evaluations of a solve; the memory of L-BFGS is full by then, unless the solve ends before.
    ///
    /// The measurements are of samples of the prior.
    private func shareAround(_ problem: Problem, _ formulation: Formulation) throws -> Double? {
        let memory = 10
        let warm = 2 * memory
        let noise = 0.01
        let truths = try prior.sample(count: batch, size: size, temperature: 0.7, seed: 0, parallelism: parallelism)
        let problems = try truths.enumerated().map { index, truth in
            let forwardOperator = try problem.forwardOperator(
                imageShape: shape, seed: UInt64(index), parallelism: parallelism)
            let measurement = try Degradation(forwardOperator, noiseDeviation: noise, seed: UInt64(index)).measure(truth.pixels)
            return InverseProblem(
                forwardOperator: forwardOperator,
                measurement: try prior.architecture.modelRange.measurement(measurement, of: forwardOperator),
                regularizationWeight: noise * noise)
        }
        var options = SolverOptions()
        options.formulation = formulation
        options.minimizer = .lbfgs(memory: memory)
        options.maximumBatch = batch
        options.maximumEvaluations = warm + repetitions + 1
        options.gradientTolerance = 0
        options.progressTolerance = 0
        let flow = TimedFlow(flow: prior)
        _ = try Solver(flow: flow, options: options, parallelism: parallelism).restore(problems)
        let shares = flow.log.sharesAround.suffix(repetitions).sorted()
        return shares.isEmpty ? nil : shares[shares.count / 2]
    }
}
