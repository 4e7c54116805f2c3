import Reglow
import Testing

@Suite struct JobCountsTests {
    /// The line of progress says how far a job is, how fast, and how long it will take.
    @Test func theTextSaysHowFarAndHowLong() {
        var counts = JobCounts()
        counts.total = 200
        #expect(counts.text(inFlight: 16, seconds: 3) == "0 of 200, 16 in work")
        (counts.doneBefore, counts.failedBefore) = (100, 1)
        (counts.done, counts.failed) = (18, 2)
        #expect(counts.left == 79)
        #expect(counts.text(inFlight: 16, seconds: 10) == "121 of 200, 2.0 images/s, 3 failed, 16 in work, 40 s left")
        #expect(counts.text(inFlight: 0, seconds: 600) == "121 of 200, 2.0 images/min, 3 failed, 40 min left")
        #expect(counts.text(inFlight: 0, seconds: 36_000) == "121 of 200, 2.0 images/h, 3 failed, 39.5 h left")
        counts.done = 97
        #expect(counts.text(inFlight: 0, seconds: 99).hasPrefix("200 of 200, 1.0 images/s, 3 failed, 1 s left"))
    }
}
