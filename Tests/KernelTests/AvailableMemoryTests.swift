import Foundation
import KernelDispatch
import Testing

/// The memory that limits leave, from files made in a temporary folder.
@Suite final class AvailableMemoryTests {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "reglow-memory-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    private func write(_ text: String, to path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func rest(_ lines: String) throws -> Int? {
        try write(lines, to: "cgroup")
        return AvailableMemory.cgroupRest(root: root.path, processCgroups: root.appending(path: "cgroup").path)
    }

    @Test func noLimitIsNone() throws {
        #expect(try rest("0::/job\n") == nil)
        try write("max\n", to: "sys/fs/cgroup/job/memory.max")
        try write("1000\n", to: "sys/fs/cgroup/job/memory.current")
        #expect(try rest("0::/job\n") == nil)
        try write("9223372036854771712\n", to: "sys/fs/cgroup/memory/memory.limit_in_bytes")
        try write("1000\n", to: "sys/fs/cgroup/memory/memory.usage_in_bytes")
        #expect(try rest("4:memory:/\n") == nil)
    }

    /// The least rest counts, not the least limit; pages of files can be dropped.
    @Test func versionTwoTakesTheLeastRestUpToTheRoot() throws {
        try write("8000\n", to: "sys/fs/cgroup/a/memory.max")
        try write("7000\n", to: "sys/fs/cgroup/a/memory.current")
        try write("anon 5\ninactive_file 500\n", to: "sys/fs/cgroup/a/memory.stat")
        try write("4000\n", to: "sys/fs/cgroup/a/b/memory.max")
        try write("1000\n", to: "sys/fs/cgroup/a/b/memory.current")
        #expect(try rest("0::/a/b\n") == 1500)
    }

    @Test func versionOneTakesTheLeastRestUpToTheRoot() throws {
        try write("5000\n", to: "sys/fs/cgroup/memory/memory.limit_in_bytes")
        try write("1000\n", to: "sys/fs/cgroup/memory/memory.usage_in_bytes")
        try write("3000\n", to: "sys/fs/cgroup/memory/job/memory.limit_in_bytes")
        try write("500\n", to: "sys/fs/cgroup/memory/job/memory.usage_in_bytes")
        try write("total_inactive_file 200\n", to: "sys/fs/cgroup/memory/job/memory.stat")
        #expect(try rest("7:cpu,cpuacct:/job\n4:memory:/job\n") == 2700)
    }

    @Test func theMachineCountsToo() throws {
        try write("MemTotal: 100 kB\nMemAvailable:   40 kB\n", to: "meminfo")
        try write("", to: "cgroup")
        func path(_ name: String) -> String { root.appending(path: name).path }
        let bytes = AvailableMemory.bytes(
            root: root.path, processCgroups: path("cgroup"), memoryInfo: path("meminfo"), processStatus: path("none"))
        #expect(bytes == 40 << 10)
        let resident = AvailableMemory.resident()
        #expect(resident.now > 1 << 20 && resident.peak >= resident.now)
    }
}
