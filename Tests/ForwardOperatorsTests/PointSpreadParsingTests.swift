import ForwardOperators
import Testing

@Suite struct PointSpreadParsingTests {
    @Test func parsesItsShortForms() throws {
        #expect(try PointSpread(parsing: "uniform:5") == .uniform(5))
        #expect(try PointSpread(parsing: "gaussian:1.5") == .gaussian(sigma: 1.5))
        #expect(try PointSpread(parsing: "motion:9@30") == .motion(length: 9, angleDegrees: 30))
        #expect(try PointSpread(parsing: "motion:9.5@-30.25") == .motion(length: 9.5, angleDegrees: -30.25))
        #expect(try PointSpread(parsing: "gaussian:3,1@45") == .gaussian(along: 3, across: 1, angleDegrees: 45))
        #expect(try PointSpread(parsing: "disk:3") == .disk(radius: 3))
        #expect(try PointSpread(parsing: "airy:2.44") == .airy(firstZero: 2.44))
        #expect(try PointSpread(parsing: "spread.npy") == nil)
        #expect(try PointSpread(parsing: "C:uniform") == nil)
        #expect(try PointSpread(parsing: "") == nil)
    }

    @Test(arguments: [
        "uniform:", "uniform:0", "uniform:-3", "uniform:2.5", "uniform:1024", "uniform:99999999999999999999", "uniform:5x5",
        "gaussian:", "gaussian:0", "gaussian:-1", "gaussian:nan", "gaussian:inf", "gaussian:1e9", "gaussian:one",
        "motion:9", "motion:@", "motion:9@", "motion:@30", "motion:0@30", "motion:-9@30", "motion:nan@0", "motion:9@nan",
        "motion:1e9@0", "motion:9@inf", "motion:9@30@4", "motion:9,30",
        "gaussian:1,5", "gaussian:1,2,3@4", "gaussian:1,2@", "gaussian:@3", "gaussian:2@30", "gaussian:0,1@0", "gaussian:1,1@nan",
        "disk:", "disk:0", "disk:-2", "disk:nan", "disk:1e9", "disk:3@1", "airy:", "airy:0", "airy:0.01", "airy:inf", "airy:500",
    ])
    func refusesBadText(text: String) {
        #expect(throws: OperatorError.self) { try PointSpread(parsing: text) }
    }

    /// Other programs' words, and one wrong letter in three.
    @Test(arguments: [
        ("gausian:2", "gaussian:2"), ("guassian:2", "gaussian:2"), ("gauss:2", "gaussian:2"), ("Gaussian:2", "gaussian:2"),
        ("gaussian2", "gaussian:SIGMA"), ("gaussian(2)", "gaussian:SIGMA"), ("uniform", "uniform:SIZE"), ("unifrom:5", "uniform:5"),
        ("box:5", "uniform:5"), ("disc:3", "disk:3"), ("defocus:3", "disk:3"), ("dsk:3", "disk:3"),
        ("motion=9@30", "motion:LENGTH@DEGREES"), ("moton:9@30", "motion:9@30"), ("linear:9@30", "motion:9@30"),
        ("airy", "airy:RADIUS"), ("ary:2", "airy:2"),
    ])
    func aMisspeltFormIsRecognized(text: String, form: String) {
        #expect(PointSpread.suggestion(for: text) == form)
    }

    @Test(arguments: ["", ":", "5", "psf.npy", "kernel.png", "estimated-blur.tif", "../psf/corner.npy", "x"])
    func aFileNameIsNoForm(text: String) {
        #expect(PointSpread.suggestion(for: text) == nil)
    }

    /// Each form that is named can be parsed once its words are numbers.
    @Test func theFormsAreThoseThatAreParsed() throws {
        for (form, _) in PointSpread.forms {
            var text = form
            for word in ["SIZE", "SIGMA", "ALONG", "ACROSS", "LENGTH", "DEGREES", "RADIUS"] {
                text = text.split(separator: word, omittingEmptySubsequences: false).joined(separator: "3")
            }
            #expect(try PointSpread(parsing: text) != nil, "\(form)")
        }
    }
}
