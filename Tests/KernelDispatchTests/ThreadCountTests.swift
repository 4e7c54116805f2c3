import Foundation
import KernelDispatch
import TestSupport
import Testing

/// The CPU quota of a container, from trees of cgroup files made in a temporary folder.
@Suite struct ThreadCountTests {
    private let tree: TemporaryFolder

    init() throws {
        tree = try TemporaryFolder()
    }

    /// The quota with `lines` as /proc/self/cgroup.
    private func quota(_ lines: String) throws -> Double? {
        try tree.write(lines, to: "cgroup")
        return ThreadCount.cgroupQuota(root: tree.path, processCgroups: tree.file("cgroup"))
    }

    private func writeV1(_ folder: String, quota: String, period: String = "100000\n") throws {
        try tree.write(quota, to: "sys/fs/cgroup/\(folder)/cpu.cfs_quota_us")
        try tree.write(period, to: "sys/fs/cgroup/\(folder)/cpu.cfs_period_us")
    }

    @Test func noCgroupIsNoQuota() throws {
        #expect(try quota("") == nil)
        #expect(try quota("0::/\n") == nil)
        #expect(ThreadCount.cgroupQuota(root: tree.path, processCgroups: tree.file("missing")) == nil)
    }

    @Test(
        arguments: [
            ("150000 100000\n", 1.5), ("200000 100000", 2), ("50000 100000\n", 0.5), ("max 100000\n", nil),
        ] as [(String, Double?)])
    func versionTwo(text: String, expected: Double?) throws {
        try tree.write(text, to: "sys/fs/cgroup/job/cpu.max")
        #expect(try quota("0::/job\n") == expected)
    }

    @Test func versionTwoAtTheTopOfTheMount() throws {
        try tree.write("300000 100000\n", to: "sys/fs/cgroup/cpu.max")
        #expect(try quota("0::/\n") == 3)
        // A container may see a path that its own mount does not have.
        #expect(try quota("0::/outside/of/the/container\n") == 3)
    }

    @Test func versionTwoTakesTheSmallestOfTheAncestors() throws {
        try tree.write("max 100000\n", to: "sys/fs/cgroup/a/b/c/cpu.max")
        try tree.write("400000 100000\n", to: "sys/fs/cgroup/a/b/cpu.max")
        try tree.write("250000 100000\n", to: "sys/fs/cgroup/a/cpu.max")
        try tree.write("100000 100000\n", to: "sys/fs/cgroup/other/cpu.max")
        #expect(try quota("0::/a/b/c\n") == 2.5)
        #expect(try quota("0::/a/b\n") == 2.5)
    }

    @Test(arguments: ["cpu", "cpu,cpuacct"]) func versionOne(controllers: String) throws {
        try writeV1("\(controllers)/job", quota: "150000\n")
        #expect(try quota("7:memory:/job\n4:\(controllers):/job\n") == 1.5)
        try writeV1("\(controllers)/job", quota: "-1\n")
        #expect(try quota("4:\(controllers):/job\n") == nil)
    }

    @Test func versionOneTakesTheSmallestOfTheAncestors() throws {
        try writeV1("cpu/a/b", quota: "-1\n")
        try writeV1("cpu/a", quota: "300000\n")
        try writeV1("cpu", quota: "-1\n")
        #expect(try quota("4:cpu:/a/b\n") == 3)
        try writeV1("cpu/a/b", quota: "100000\n", period: "50000\n")
        #expect(try quota("4:cpu:/a/b\n") == 2)
    }

    @Test func versionOneAtTheTopOfTheMount() throws {
        try writeV1("cpu,cpuacct", quota: "200000\n")
        #expect(try quota("") == 2)
    }

    @Test func controllersOtherThanTheProcessorDoNotCount() throws {
        try writeV1("cpuset/job", quota: "100000\n")
        try tree.write("100000 100000\n", to: "sys/fs/cgroup/memory/job/cpu.max")
        #expect(try quota("3:cpuset:/job\n2:memory:/job\n") == nil)
    }

    @Test func hybridTreesTakeTheSmaller() throws {
        try writeV1("cpu/job", quota: "400000\n")
        try tree.write("300000 100000\n", to: "sys/fs/cgroup/unified/job/cpu.max")
        #expect(try quota("4:cpu:/job\n0::/job\n") == 3)
    }

    @Test(arguments: [
        "", "\n", "100000 ", "a b\n", "100000 0\n", "0 100000\n", "-5 100000\n", "100000 -1\n", "1 2 3\n", "nan 100000\n", "\u{0}\u{1}",
    ])
    func malformedFilesOfVersionTwoAreNoQuota(text: String) throws {
        try tree.write(text, to: "sys/fs/cgroup/job/cpu.max")
        #expect(try quota("0::/job\n") == nil)
    }

    @Test(arguments: ["", "\n", "max\n", "0\n", "-5\n", "1 2\n", "nan\n", "\u{0}\u{1}"])
    func malformedFilesOfVersionOneAreNoQuota(text: String) throws {
        try writeV1("cpu/job", quota: text)
        #expect(try quota("4:cpu:/job\n") == nil)
        try writeV1("cpu/job", quota: "100000\n", period: text)
        #expect(try quota("4:cpu:/job\n") == nil)
    }

    @Test(arguments: ["0", "0:", "::", "garbage", "0::\n", ":::\n\n:::", "4:cpu"]) func malformedLinesAreSkipped(lines: String) throws {
        try tree.write("200000 100000\n", to: "sys/fs/cgroup/cpu.max")
        #expect(try quota(lines) == 2)
    }

    @Test func someThreadIsAvailable() {
        #expect((1 ... ProcessInfo.processInfo.processorCount).contains(ThreadCount.available()))
    }

    /// A task of Slurm has no more threads than it has been given cores, whether it is bound to them or not.
    @Test func slurmsAllocationCounts() {
        #expect(ThreadCount.slurmCores(["SLURM_CPUS_PER_TASK": "3"]) == 3)
        #expect(ThreadCount.slurmCores(["SLURM_JOB_ID": "3"]) == nil)
        for text in ["0", "-1", "many", ""] { #expect(ThreadCount.slurmCores(["SLURM_CPUS_PER_TASK": text]) == nil) }
    }
}
