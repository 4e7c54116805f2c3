import Testing
import Plots

@Suite struct NumberTextTests {
    @Test func asPrintfWritesIt() {
        #expect((1.0 / 3).fixed(4) == "0.3333" && 2.5.fixed(0) == "2" && (-0.04).fixed(1) == "-0.0" && 1e9.fixed(1) == "1000000000.0")
        #expect(0.00012345.general(3) == "0.000123" && 0.000012345.general(3) == "1.23e-05" && 20.0.general(6) == "20")
        #expect(12345.678.scientific(2) == "1.23e+04" && 0.0.scientific(0) == "0e+00")
    }

    /// The longest of all numbers fits, and what is none has its name.
    @Test func everyNumberFits() {
        #expect(Double.greatestFiniteMagnitude.fixed(9).count == 309 + 1 + 9)
        #expect(Double.infinity.fixed(2) == "inf" && (-Double.infinity).general(3) == "-inf")
    }
}
