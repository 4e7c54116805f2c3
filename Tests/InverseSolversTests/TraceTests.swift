import InverseSolvers
import Testing

@Suite struct TraceTests {
    @Test func eachIterateIsALine() throws {
        let names = "evaluation,passes,objective,data_fidelity,prior,gradient_norm,step,seconds,unknown,gradient_precision"
        let trace = minimize(.rosenbrock, .patient(.lbfgs(), evaluations: 8)).trace
        let lines = trace.csv.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.count == trace.entries.count + 2 && lines.first == names && lines.last == "")
        for (entry, line) in zip(trace.entries, lines.dropFirst()) {
            let fields = line.split(separator: ",")
            #expect(fields.count == 10 && Int(fields[0]) == entry.evaluation && Double(fields[2]) == entry.objective)
            #expect(fields.suffix(2) == ["analysis", "fp32"])
        }
    }

    @Test func theSecondOfTwoSolvesGoesOn() throws {
        let last = try #require(minimize(.rosenbrock, .patient(.lbfgs(), evaluations: 8)).trace.entries.last)
        let entry = last.continuing(evaluations: 10, passes: 21, seconds: 2)
        #expect(entry.evaluation == last.evaluation + 10 && entry.passes == last.passes + 21 && entry.seconds == last.seconds + 2)
        #expect(entry.objective == last.objective && entry.gradientNorm == last.gradientNorm)
    }
}
