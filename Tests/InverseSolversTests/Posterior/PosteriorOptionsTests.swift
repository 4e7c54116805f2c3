import InverseSolvers
import Testing

@Suite struct PosteriorOptionsTests {
    @Test func theStandardOptionsAreValid() throws {
        try PosteriorOptions().validate()
        var options = PosteriorOptions()
        (options.samples, options.chains) = (50, 4)
        #expect(options.drawsOfChain == 13)
    }

    @Test func eachOptionOutOfItsRangeIsNamed() {
        let changes: [(String, (inout PosteriorOptions) -> Void)] = [
            ("chains", { $0.chains = 0 }), ("chains", { $0.chains = 257 }), ("samples", { $0.samples = 15 }),
            ("samples", { $0.samples = 1_000_001 }), ("burnIn", { $0.burnIn = 0 }), ("stepsPerSample", { $0.stepsPerSample = 0 }),
            ("quantiles", { $0.quantiles = [0.5, 1] }), ("quantiles", { $0.quantiles = [.nan] }),
        ]
        for (name, change) in changes {
            var options = PosteriorOptions()
            change(&options)
            #expect {
                try options.validate()
            } throws: { error in
                guard case .option(let found, _, _) = error as? SolverError else { return false }
                return found == name
            }
        }
    }
}
