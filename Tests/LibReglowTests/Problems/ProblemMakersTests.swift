import TestSupport
import Testing

/// What cannot be a problem is named; what should be known of one is told.
@Suite struct ProblemMakersTests {
    private func refused(_ word: String, _ maker: (UnsafeMutablePointer<OpaquePointer?>?) -> reglow_status) {
        var problem: OpaquePointer?
        expectRefused(maker(&problem), REGLOW_BAD_ARGUMENT, word)
        expectRefused(maker(nil), REGLOW_BAD_ARGUMENT, "problem is NULL")
        #expect(problem == nil)
    }

    @Test func badArgumentsAreNamed() {
        refused("point_spread is NULL") { reglow_problem_deblur(nil, REGLOW_BORDER_ZERO, $0) }
        refused("Did you mean disk:3") { reglow_problem_deblur("disc:3", REGLOW_BORDER_ZERO, $0) }
        refused("no form of a point spread") { reglow_problem_deblur("", REGLOW_BORDER_ZERO, $0) }
        refused("uniform:SIZE") { reglow_problem_deblur("uniform:x", REGLOW_BORDER_ZERO, $0) }
        refused("uniform point spread is 5000") { reglow_problem_deblur("uniform:5000", REGLOW_BORDER_ZERO, $0) }
        refused("border is 5") { reglow_problem_deblur("uniform:5", reglow_border(rawValue: 5), $0) }
        refused("values is NULL") { reglow_problem_deblur_array(nil, 3, 3, REGLOW_CENTRE_AUTO, REGLOW_BORDER_ZERO, $0) }
        let numbers = [Float](repeating: 1, count: 9)
        for side in [0, -1, .max, 1 << 20] {
            refused("") { reglow_problem_deblur_array(numbers, side, side, REGLOW_CENTRE_AUTO, REGLOW_BORDER_ZERO, $0) }
        }
        refused("centre is 4") { reglow_problem_deblur_array(numbers, 3, 3, reglow_centre(rawValue: 4), REGLOW_BORDER_ZERO, $0) }
        refused("NaN") {
            reglow_problem_deblur_array([Float](repeating: .nan, count: 9), 3, 3, REGLOW_CENTRE_AUTO, REGLOW_BORDER_ZERO, $0)
        }
        refused("adds up to zero") {
            reglow_problem_deblur_array([Float](repeating: 0, count: 9), 3, 3, REGLOW_CENTRE_AUTO, REGLOW_BORDER_ZERO, $0)
        }
        for scale in [0, -1, .max] { refused("scale") { reglow_problem_superresolve(scale, nil, REGLOW_BORDER_ZERO, $0) } }
        refused("filter is 'box'") { reglow_problem_superresolve(2, "box", REGLOW_BORDER_ZERO, $0) }
        refused("sigma of the Gaussian filter") { reglow_problem_superresolve(2, "gaussian:-1", REGLOW_BORDER_ZERO, $0) }
        refused("border is 99") { reglow_problem_superresolve(2, nil, reglow_border(rawValue: 99), $0) }
        for missing in [-0.1, 1, .nan, .infinity] { refused("missing") { reglow_problem_inpaint_random(missing, 0, $0) } }
        for side in [0, -1, .max] { refused("side") { reglow_problem_inpaint_hole(side, $0) } }
        let mask = [UInt8](repeating: 0, count: 12)
        refused("known is NULL") { reglow_problem_inpaint_mask(nil, 1, 3, 4, $0) }
        refused("no known pixel") { reglow_problem_inpaint_mask(mask, 1, 3, 4, $0) }
        refused("must be 1 or 3") { reglow_problem_inpaint_mask(mask, 2, 3, 2, $0) }
        refused("height of the mask") { reglow_problem_inpaint_mask(mask, 1, 0, 4, $0) }
        for rows in [0, -1, .max] { refused("measurements") { reglow_problem_compressive(rows, 8, 8, 0, $0) } }
        refused("width of the image") { reglow_problem_compressive(10, 8, 0, 0, $0) }
    }

    /// A point spread as FFT code keeps it is moved to its middle, and that is told.
    @Test func whatIsDoneToAPointSpreadIsTold() throws {
        var values = [Float](repeating: 0, count: 32 * 32)
        for (row, column) in [(0, 0), (0, 1), (1, 0), (31, 0), (0, 31)] { values[row * 32 + column] = 0.4 }
        let problem = try LoadedModel.made {
            reglow_problem_deblur_array(values, 32, 32, REGLOW_CENTRE_AUTO, REGLOW_BORDER_PERIODIC, $0)
        }
        defer { reglow_problem_free(problem) }
        var notes: [String] = []
        while let note = reglow_problem_note(problem, notes.count) { notes.append(String(cString: note)) }
        #expect(notes.count == 3 && notes[0].contains("has the sum 2") && notes[1].contains("the first entry is taken as the centre"))
        #expect(notes[2].contains("cut from 32x32 to 3x3"))
        #expect(reglow_problem_note(problem, -1) == nil && reglow_problem_note(problem, .max) == nil)

        // A blur by it moves nothing: the centre of a plus sign stays.
        var shape = reglow_shape(channels: 1, height: 8, width: 8)
        let x = (0 ..< 64).map { Float($0 == 27 ? 1 : 0) }
        var y = x
        expectOK(reglow_problem_apply(problem, &shape, x, 1, &y))
        for (index, value) in y.enumerated() { #expect(abs(value - ([19, 26, 27, 28, 35].contains(index) ? 0.2 : 0)) < 1e-6) }
    }
}
