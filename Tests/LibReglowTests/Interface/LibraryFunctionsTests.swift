import Dispatch
import Testing

@Suite struct LibraryFunctionsTests {
    @Test func theHeaderHasTheVersionOfTheLibrary() {
        #expect(String(cString: reglow_version()) == reglowVersion)
        #expect("\(REGLOW_VERSION_MAJOR).\(REGLOW_VERSION_MINOR).\(REGLOW_VERSION_PATCH)" == reglowVersion)
    }

    @Test func theMachineIsDescribed() throws {
        let set = try #require(reglow_instruction_set())
        #expect(String(cString: set) == (try InstructionSet.selected().rawValue))
        #expect(reglow_available_threads() >= 1)
    }

    @Test func everyStatusHasAName() {
        let names = (UInt32(0) ... 10).map { String(cString: reglow_status_name(reglow_status(rawValue: $0))) }
        #expect(Set(names).count == 11 && !names.contains("unknown status") && names[1] == "bad argument")
        #expect(String(cString: reglow_status_name(reglow_status(rawValue: 77))) == "unknown status")
    }

    /// Each thread has an error of its own, cut at a character.
    @Test func errorsBelongToTheirThread() {
        let name = String(repeating: "\u{e4}", count: 3000)
        expectRefused(reglow_problem_deblur(name, REGLOW_BORDER_UNKNOWN, nil), REGLOW_BAD_ARGUMENT, "problem is NULL")
        var problem: OpaquePointer?
        expectRefused(reglow_problem_deblur(name, REGLOW_BORDER_UNKNOWN, &problem), REGLOW_BAD_ARGUMENT, "point_spread is")
        #expect(lastError().utf8.count <= 2047 && !lastError().unicodeScalars.contains("\u{FFFD}"))
        let here = lastError()
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            expectRefused(reglow_model_load(nil, REGLOW_FP32, nil), REGLOW_BAD_ARGUMENT, "name_or_path is NULL")
            done.signal()
        }
        done.wait()
        #expect(lastError() == here)
    }
}
