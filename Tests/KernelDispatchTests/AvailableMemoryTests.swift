import KernelDispatch
import TestSupport
import Testing

/// The memory that limits leave, from files made in a temporary folder.
@Suite struct AvailableMemoryTests {
    private let tree: TemporaryFolder

    init() throws {
        tree = try TemporaryFolder()
    }

    private func rest(_ lines: String) throws -> Int? {
        try tree.write(lines, to: "cgroup")
        return AvailableMemory.cgroupRest(root: tree.path, processCgroups: tree.file("cgroup"))
    }

    @Test func noLimitIsNone() throws {
        #expect(try rest("0::/job\n") == nil)
        try tree.write("max\n", to: "sys/fs/cgroup/job/memory.max")
        try tree.write("1000\n", to: "sys/fs/cgroup/job/memory.current")
        #expect(try rest("0::/job\n") == nil)
        try tree.write("9223372036854771712\n", to: "sys/fs/cgroup/memory/memory.limit_in_bytes")
        try tree.write("1000\n", to: "sys/fs/cgroup/memory/memory.usage_in_bytes")
        #expect(try rest("4:memory:/\n") == nil)
    }

    /// The least rest counts, not the least limit; pages of files can be dropped.
    @Test func versionTwoTakesTheLeastRestUpToTheRoot() throws {
        try tree.write("8000\n", to: "sys/fs/cgroup/a/memory.max")
        try tree.write("7000\n", to: "sys/fs/cgroup/a/memory.current")
        try tree.write("anon 5\ninactive_file 500\n", to: "sys/fs/cgroup/a/memory.stat")
        try tree.write("4000\n", to: "sys/fs/cgroup/a/b/memory.max")
        try tree.write("1000\n", to: "sys/fs/cgroup/a/b/memory.current")
        #expect(try rest("0::/a/b\n") == 1500)
    }

    @Test func versionOneTakesTheLeastRestUpToTheRoot() throws {
        try tree.write("5000\n", to: "sys/fs/cgroup/memory/memory.limit_in_bytes")
        try tree.write("1000\n", to: "sys/fs/cgroup/memory/memory.usage_in_bytes")
        try tree.write("3000\n", to: "sys/fs/cgroup/memory/job/memory.limit_in_bytes")
        try tree.write("500\n", to: "sys/fs/cgroup/memory/job/memory.usage_in_bytes")
        try tree.write("total_inactive_file 200\n", to: "sys/fs/cgroup/memory/job/memory.stat")
        #expect(try rest("7:cpu,cpuacct:/job\n4:memory:/job\n") == 2700)
    }

    @Test func theMachineCountsToo() throws {
        try tree.write("MemTotal: 100 kB\nMemAvailable:   40 kB\n", to: "meminfo")
        try tree.write("", to: "cgroup")
        let bytes = AvailableMemory.bytes(
            root: tree.path, processCgroups: tree.file("cgroup"), memoryInfo: tree.file("meminfo"), processStatus: tree.file("none"))
        #expect(bytes == 40 << 10)
        let resident = AvailableMemory.resident()
        #expect(resident.now > 1 << 20 && resident.peak >= resident.now)
    }
}
