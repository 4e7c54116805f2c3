import KernelInterface
import TestSupport
import Testing

/// A and its adjoint of each problem, through the interface: the numbers of the library's operators.
@Suite struct ProblemMapsTests {
    private typealias Maker = (UnsafeMutablePointer<OpaquePointer?>) -> reglow_status

    /// Each problem of the interface, with what it is in the library.
    private static func cases(_ height: Int, _ width: Int) throws -> [(Maker, Problem, seed: UInt64)] {
        let size = Problem.ImageSize(height: height, width: width)
        let keep = (0 ..< size.height * size.width).map { $0 % 3 != 0 }
        let known = keep.map { UInt8($0 ? 200 : 0) }
        let spread = uniformNumbers(15, seed: 1)
        let pointSpread = try PointSpread(height: 3, width: 5, values: spread).normalized()
        return [
            ({ reglow_problem_denoise($0) }, .denoise, 0),
            ({ reglow_problem_deblur("uniform:5", REGLOW_BORDER_PERIODIC, $0) }, .deblur(try .uniform(5), border: .periodic), 0),
            ({ reglow_problem_deblur("gaussian:1", REGLOW_BORDER_UNKNOWN, $0) }, .deblur(try .gaussian(sigma: 1), border: .unknown), 0),
            (
                { reglow_problem_deblur("motion:5@30", REGLOW_BORDER_REFLECT, $0) },
                .deblur(try .motion(length: 5, angleDegrees: 30), border: .reflect), 0
            ),
            ({ reglow_problem_deblur("disk:2", REGLOW_BORDER_REPLICATE, $0) }, .deblur(try .disk(radius: 2), border: .replicate), 0),
            (
                { reglow_problem_deblur_array(spread, 3, 5, REGLOW_CENTRE_MIDDLE, REGLOW_BORDER_ZERO, $0) },
                .deblur(pointSpread, border: .zero), 0
            ),
            ({ reglow_problem_superresolve(2, nil, REGLOW_BORDER_UNKNOWN, $0) }, .superresolve(scale: 2), 0),
            (
                { reglow_problem_superresolve(2, "bicubic", REGLOW_BORDER_REFLECT, $0) },
                .superresolve(scale: 2, filter: .bicubic, border: .reflect), 0
            ),
            ({ reglow_problem_inpaint_random(0.6, 9, $0) }, .inpaint(.random(0.6)), 9),
            ({ reglow_problem_inpaint_hole(4, $0) }, .inpaint(.hole(4)), 0),
            ({ reglow_problem_inpaint_mask(known, 1, height, width, $0) }, .inpaint(.mask(keep: keep, size: size)), 0),
            ({ reglow_problem_compressive(40, height, width, 7, $0) }, .compressive(measurements: 40, image: size), 7),
        ]
    }

    @Test func mapsAreThoseOfTheLibrary() throws {
        let shape = ImageShape(channels: 3, height: 12, width: 16)
        for (maker, problem, seed) in try Self.cases(12, 16) {
            let handle = try LoadedModel.made(maker)
            defer { reglow_problem_free(handle) }
            let twin = try problem.forwardOperator(imageShape: shape, seed: seed, threads: 1)
            var cShape = reglow_shape(channels: 3, height: 12, width: 16)
            var measured = reglow_shape()
            expectOK(reglow_problem_measurement_shape(handle, &cShape, &measured))
            let m = twin.measurementShape
            #expect(measured.channels == m.channels && measured.height == m.height && measured.width == m.width)

            let (x, y) = (uniformNumbers(2 * shape.count, seed: 2), signedNumbers(2 * m.count, seed: 3))
            var (product, adjoint) = ([Float](repeating: .nan, count: y.count), [Float](repeating: .nan, count: x.count))
            expectOK(reglow_problem_apply(handle, &cShape, x, 2, &product))
            expectOK(reglow_problem_adjoint(handle, &cShape, y, 2, &adjoint))
            for index in 0 ..< 2 {
                let image = Array(x[index * shape.count ..< (index + 1) * shape.count])
                let measurement = Array(y[index * m.count ..< (index + 1) * m.count])
                #expect(Array(product[index * m.count ..< (index + 1) * m.count]).bits == (try twin.apply(image)).bits)
                #expect(Array(adjoint[index * shape.count ..< (index + 1) * shape.count]).bits == (try twin.adjoint(measurement)).bits)
            }
            var entries = [UInt8](repeating: 9, count: m.count)
            expectOK(reglow_problem_measured(handle, &cShape, &entries))
            #expect(entries.map { $0 == 1 } == twin.measuredEntries() && entries.allSatisfy { $0 <= 1 })
            var norm = 0.0
            expectOK(reglow_problem_norm(handle, &cShape, 8, &norm))
            #expect(norm == (try twin.largestSingularValue(iterations: 8)))

            var noisy = [Float](repeating: .nan, count: 2 * m.count)
            expectOK(reglow_problem_degrade(handle, &cShape, x, 2, 0.05, 11, &noisy))
            for index in 0 ..< 2 {
                let image = Array(x[index * shape.count ..< (index + 1) * shape.count])
                let expected = try Degradation(twin, noiseDeviation: 0.05, seed: 11 + UInt64(index)).measure(image)
                #expect(Array(noisy[index * m.count ..< (index + 1) * m.count]).bits == expected.bits)
            }
        }
    }

    /// A mask with planes of its own for each channel.
    @Test func eachChannelMayHaveItsMask() throws {
        let known = (0 ..< 3 * 96).map { UInt8($0 % 5 == 0 ? 0 : 1) }
        let handle = try LoadedModel.made { reglow_problem_inpaint_mask(known, 3, 8, 12, $0) }
        defer { reglow_problem_free(handle) }
        var shape = reglow_shape(channels: 3, height: 8, width: 12)
        let x = uniformNumbers(288, seed: 1)
        var y = x
        expectOK(reglow_problem_apply(handle, &shape, x, 1, &y))
        #expect(y == zip(x, known).map { $1 == 0 ? 0 : $0 })
        shape.width = 8
        expectRefused(reglow_problem_apply(handle, &shape, x, 1, &y), REGLOW_BAD_ARGUMENT, "the mask is 8x12, but the image is 8x8")
        shape = reglow_shape(channels: 2, height: 8, width: 12)
        expectRefused(reglow_problem_apply(handle, &shape, x, 1, &y), REGLOW_BAD_ARGUMENT, "the mask has 3 channels")
    }

    @Test func scenesSurroundWindows() throws {
        let window = try LoadedModel.made { reglow_problem_deblur("uniform:5", REGLOW_BORDER_UNKNOWN, $0) }
        let small = try LoadedModel.made { reglow_problem_superresolve(3, nil, REGLOW_BORDER_UNKNOWN, $0) }
        defer {
            reglow_problem_free(window)
            reglow_problem_free(small)
        }
        var scene = reglow_scene()
        scene.size = MemoryLayout<reglow_scene>.size
        expectOK(reglow_problem_scene(window, 10, 20, &scene))
        #expect(scene.height == 14 && scene.width == 24 && scene.top == 2 && scene.left == 2)
        #expect(scene.image_height == 10 && scene.image_width == 20)
        expectOK(reglow_problem_scene(small, 10, 20, &scene))
        #expect(scene.height == 30 && scene.image_width == 60 && scene.top == 0)
        for size in [0, -1, .max, 1 << 31] {
            expectRefused(reglow_problem_scene(window, size, 4, &scene), REGLOW_BAD_ARGUMENT, "height")
        }
        expectRefused(reglow_problem_scene(window, 4, 4, nil), REGLOW_BAD_ARGUMENT, "scene is NULL")
    }

    @Test func badArgumentsAreNamed() throws {
        let blur = try LoadedModel.made { reglow_problem_deblur("uniform:5", REGLOW_BORDER_PERIODIC, $0) }
        defer { reglow_problem_free(blur) }
        var shape = reglow_shape(channels: 3, height: 8, width: 8)
        let x = uniformNumbers(192, seed: 1)
        var (y, flags, norm) = (x, [UInt8](repeating: 0, count: 192), 0.0)
        expectRefused(reglow_problem_apply(nil, &shape, x, 1, &y), REGLOW_BAD_ARGUMENT, "problem is NULL")
        expectRefused(reglow_problem_apply(blur, nil, x, 1, &y), REGLOW_BAD_ARGUMENT, "image is NULL")
        expectRefused(reglow_problem_apply(blur, &shape, nil, 1, &y), REGLOW_BAD_ARGUMENT, "images is NULL")
        expectRefused(reglow_problem_apply(blur, &shape, x, 1, nil), REGLOW_BAD_ARGUMENT, "measurements is NULL")
        expectRefused(reglow_problem_adjoint(blur, &shape, nil, 1, &y), REGLOW_BAD_ARGUMENT, "measurements is NULL")
        expectRefused(reglow_problem_measured(blur, &shape, nil), REGLOW_BAD_ARGUMENT, "measured is NULL")
        expectRefused(reglow_problem_norm(blur, &shape, 5, nil), REGLOW_BAD_ARGUMENT, "norm is NULL")
        expectRefused(reglow_problem_measurement_shape(blur, &shape, nil), REGLOW_BAD_ARGUMENT, "measurement is NULL")
        for count in [0, -1, .max, 1 << 50] {
            expectRefused(reglow_problem_apply(blur, &shape, x, count, &y), REGLOW_BAD_ARGUMENT, "count")
        }
        for iterations in [0, -1, .max] {
            expectRefused(reglow_problem_norm(blur, &shape, iterations, &norm), REGLOW_BAD_ARGUMENT, "iterations")
        }
        for noise in [-1, .nan, .infinity] {
            expectRefused(reglow_problem_degrade(blur, &shape, x, 1, noise, 0, &y), REGLOW_BAD_ARGUMENT, "noise")
        }
        expectRefused(reglow_problem_degrade(blur, &shape, [Float](repeating: .nan, count: 192), 1, 0, 0, &y), REGLOW_BAD_ARGUMENT, "NaN")
        y.withUnsafeMutableBufferPointer {
            expectRefused(reglow_problem_apply(blur, &shape, $0.baseAddress, 1, $0.baseAddress), REGLOW_BAD_ARGUMENT, "overlap")
        }
        for bad in [
            reglow_shape(channels: 0, height: 8, width: 8), reglow_shape(channels: 3, height: -8, width: 8),
            reglow_shape(channels: 3, height: 8, width: .max), reglow_shape(channels: 1 << 20, height: 1 << 20, width: 1 << 20),
            reglow_shape(channels: 3, height: 4, width: 8),
        ] {
            shape = bad
            expectRefused(reglow_problem_apply(blur, &shape, x, 1, &y), REGLOW_BAD_ARGUMENT, "")
            expectRefused(reglow_problem_measured(blur, &shape, &flags), REGLOW_BAD_ARGUMENT, "")
        }
        // A matrix that no memory holds.
        let matrix = try LoadedModel.made { reglow_problem_compressive(1 << 30, 4096, 4096, 0, $0) }
        defer { reglow_problem_free(matrix) }
        shape = reglow_shape(channels: 3, height: 4096, width: 4096)
        let status = reglow_problem_measured(matrix, &shape, &flags)
        #expect(status == REGLOW_OUT_OF_MEMORY || status == REGLOW_BAD_ARGUMENT, "\(lastError())")
    }
}
