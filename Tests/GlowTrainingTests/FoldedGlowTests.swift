import GlowModel
import GlowTraining
import KernelDispatch
import KernelInterface
import Testing

@Suite struct FoldedGlowTests {
    /// The folded model is the trained one: the engine gives it the likelihood that the trainer gives.
    @Test(arguments: TrainingCase.all) func theEngineRunsWhatIsTrained(setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        let glow = try Glow(FoldedGlow(parameters), kernels: InstructionSet.selected().table)
        let point = try glow.makeLinearization(
            imageShape: setup.shape, capacity: setup.images, parallelism: Parallelism(threads: 1))
        let batch = setup.batch()
        var latents = [Float](repeating: 0, count: batch.count)
        var logDeterminants = [Double](repeating: 0, count: setup.images)
        glow.forward(batch, count: setup.images, recording: point, into: &latents, logDeterminants: &logDeterminants)
        let energy = latents.reduce(0.0) { $0 + Double($1) * Double($1) / 2 }
        let nats = energy + Double(batch.count) / 2 * 1.8378770664093453 - logDeterminants.reduce(0, +)
        let twin = ReferenceLikelihood(parameters, shape: setup.shape)
        let bits = twin.bitsPerDimension(batch, parameters.values.map(Double.init))
        #expect(abs(nats / (Double(batch.count) * 0.6931471805599453) - bits) < 1e-5 * max(1, abs(bits)))
    }
}
