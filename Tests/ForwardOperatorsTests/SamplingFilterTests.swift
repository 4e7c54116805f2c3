import ForwardOperators
import KernelInterface
import Testing

@Suite struct SamplingFilterTests {
    static let filters: [SamplingFilter] = [.mean, .triangle, .bicubic, .lanczos3, .gaussian(sigma: 0.8), .gaussian(sigma: 0.05)]

    @Test func filtersHaveTheirText() throws {
        for filter in Self.filters { #expect(try SamplingFilter(parsing: filter.description) == filter) }
        for text in ["", "gaussian", "gaussian:", "gaussian:x", "Mean", "cubic"] { #expect(try SamplingFilter(parsing: text) == nil) }
        #expect(throws: OperatorError.self) { try SamplingFilter(parsing: "gaussian:0") }
    }
}
