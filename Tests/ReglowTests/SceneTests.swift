import Reglow
import Testing

@Suite struct SceneTests {
    private func size(_ height: Int, _ width: Int) -> Problem.ImageSize { Problem.ImageSize(height: height, width: width) }

    private func measured(_ problem: Problem, _ scene: Problem.ImageSize) throws -> Problem.ImageSize {
        let shape = ImageShape(channels: 3, height: scene.height, width: scene.width)
        let measurement = try problem.forwardOperator(imageShape: shape, seed: 0, parallelism: Parallelism(threads: 1)).measurementShape
        return size(measurement.height, measurement.width)
    }

    /// A model that is tied to one size sees every smaller scene on it, and no larger one.
    @Test func aModelOfOneSizeHasOneCanvas() throws {
        let variant = GlowVariant(priors: [.map(height: 8, width: 4)])
        let prior = try Glow(RandomGlow(architecture: GlowArchitecture(steps: [1], hidden: 3, variant: variant), seed: 1))
        for (height, width) in [(16, 8), (9, 8), (16, 1)] {
            let canvas = try SceneCanvas(Problem.denoise.scene(around: size(height, width)), prior: prior)
            #expect(canvas.shape == ImageShape(channels: 3, height: 16, width: 8))
            #expect(canvas.image.measurementShape == ImageShape(channels: 3, height: height, width: width))
            #expect(canvas.image.top == (16 - height) / 2 && canvas.image.left == (8 - width) / 2)
        }
        for (height, width) in [(17, 8), (16, 9), (8, 16)] {
            let error = #expect(throws: GlowShapeError.self) {
                try SceneCanvas(Problem.denoise.scene(around: size(height, width)), prior: prior)
            }
            #expect(error?.description.contains("16x8 pixels only") == true)
        }
    }

    @Test func withoutAWindowTheSceneIsTheImage() throws {
        for problem: Problem in [
            .denoise, .deblur(try .uniform(5)), .deblur(try .uniform(4), border: .reflect), .superresolve(scale: 2),
            .superresolve(scale: 2, filter: .bicubic, border: .periodic), .inpaint(.hole(2)),
        ] {
            let scene = try problem.scene(ofMeasurement: size(10, 14))
            #expect(scene.size == scene.image && scene.top == 0 && scene.left == 0)
            #expect(try problem.imageSize(ofMeasurement: size(10, 14)) == scene.image)
            let larger = size(scene.size.height + 2, scene.size.width + 2)
            #expect(try problem.scene(ofMeasurement: size(10, 14), inTruth: larger) == nil)
        }
    }

    /// Also where the surroundings are larger than the image.
    @Test(arguments: [(1, 1), (5, 5), (4, 2), (1, 9), (40, 33)])
    func theSceneOfABlurReachesAsFarAsThePointSpread(height: Int, width: Int) throws {
        let spread = try PointSpread(height: height, width: width, values: [Float](repeating: 1, count: height * width))
        let problem = Problem.deblur(spread, border: .unknown)
        let scene = try problem.scene(ofMeasurement: size(10, 14))
        #expect(scene.image == size(10, 14) && scene.size == size(9 + height, 13 + width))
        // The first measured pixel reads from the first row and column of the scene.
        #expect(scene.top == height - 1 - height / 2 && scene.left == width - 1 - width / 2)
        #expect(try measured(problem, scene.size) == size(10, 14))
    }

    @Test(arguments: [SamplingFilter.triangle, .bicubic, .lanczos3, .gaussian(sigma: 1.5)], [2, 3, 4])
    func theSceneOfAFilterGivesTheMeasurement(filter: SamplingFilter, scale: Int) throws {
        let problem = Problem.superresolve(scale: scale, filter: filter)
        let scene = try problem.scene(ofMeasurement: size(5, 8))
        #expect(scene.image == size(5 * scale, 8 * scale))
        #expect(scene.top > 0 && scene.top == scene.left && scene.size.height == scene.image.height + 2 * scene.top)
        #expect(try measured(problem, scene.size) == size(5, 8))
    }

    /// The truth may be the image or what the measurement was made from, and nothing else.
    @Test func theImageIsFoundInATruth() throws {
        let blur = Problem.deblur(try .uniform(4), border: .unknown)
        let whole = try #require(try blur.scene(ofMeasurement: size(10, 14), inTruth: size(10, 14)))
        #expect(whole.size == whole.image)
        let middle = try #require(try blur.scene(ofMeasurement: size(10, 14), inTruth: size(13, 17)))
        #expect(middle == (try blur.scene(ofMeasurement: size(10, 14))))
        for truth in [size(9, 14), size(11, 15), size(13, 14), size(14, 18), size(12, 16), size(100, 100)] {
            #expect(try blur.scene(ofMeasurement: size(10, 14), inTruth: truth) == nil)
        }
        // Of a truth whose size is no multiple of the factor a column is left over, and the window lies in the middle.
        let bicubic = Problem.superresolve(scale: 2, filter: .bicubic)
        let truth = size(20, 25)
        let window = try measured(bicubic, truth)
        let part = try #require(try bicubic.scene(ofMeasurement: window, inTruth: truth))
        #expect(window == size(7, 9) && part.image == size(14, 18) && part.top == 3 && part.left == 3)
    }

    @Test func aStartGoesOnAroundTheImage() throws {
        let prior = try Sample.prior()
        let scene = Problem.Scene(size(2, 3), middleOf: size(4, 5))
        let canvas = try SceneCanvas(scene, prior: prior)
        #expect(canvas.shape == ImageShape(channels: 3, height: 4, width: 8))
        let plane: [Float] = [1, 2, 3, 4, 5, 6]
        let expected: [Float] = [
            1, 1, 1, 2, 3, 3, 3, 3,
            1, 1, 1, 2, 3, 3, 3, 3,
            4, 4, 4, 5, 6, 6, 6, 6,
            4, 4, 4, 5, 6, 6, 6, 6,
        ]
        #expect(try canvas.extending(plane + plane + plane) == expected + expected + expected)
    }
}
