import Reglow
import Testing

/// What a caller learns from an error without knowing its type.
@Suite struct ReglowErrorTests {
    private func category(_ body: () throws -> Void) -> ReglowErrorCategory? {
        do {
            try body()
            return nil
        } catch let error as any ReglowError {
            #expect(!error.description.isEmpty)
            return error.category
        } catch {
            return nil
        }
    }

    @Test func namesTheThingAtFault() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let image = try Sample.image(height: 8, width: 8)
        #expect(category { _ = try Glow(path: "no.safetensors") } == .file(path: "no.safetensors"))
        #expect(category { _ = try ImageFile.read("no.png") } == .file(path: "no.png"))
        #expect(category { _ = try GlowArchitecture(levels: 0, steps: 1, hidden: 4) } == .option(name: "levels"))
        #expect(category { _ = try Image(shape: image.shape, pixels: []) } == .problem)
        #expect(category { _ = try PointSpread.uniform(0) } == .problem)
        var bad = restorer
        bad.options.maximumEvaluations = 0
        #expect(category { _ = try bad.restore([ImageMeasurement(image)], problem: .denoise) } == .option(name: "maximumEvaluations"))
        var measurements = [ImageMeasurement(image), ImageMeasurement(image)]
        measurements[1].start = try Sample.image(height: 4, width: 4)
        #expect(category { _ = try restorer.restore(measurements, problem: .denoise) } == .measurement(index: 1))
        let planner = RestorationPlanner(restorer, problem: .denoise)
        let shortage = category { _ = try planner.plan(image.shape, resident: 0, limit: 1) }
        guard case .memory(let needed, limit: 1) = shortage else {
            Issue.record("\(String(describing: shortage))")
            return
        }
        #expect(needed > 1)
    }
}
