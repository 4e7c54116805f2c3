import CPUFeatures
import FoundationEssentials
import Glibc

/// How many bytes this process may still take: what the machine has free, cut by the limits of its cgroups (v1 and v2) and of the process
/// itself (`ulimit -v`, `ulimit -d`).
package enum AvailableMemory {
    /// Address space that a thread takes for its stack and for what malloc sets aside for it.
    private static let threadAddresses = 72 << 20

    /// The least of all limits, with what of each is in use already taken off; nil where none is known.
    ///
    /// - Parameter threads: that may still be started, whose address space counts.
    package static func bytes(threads: Int) -> Int? {
        bytes(
            root: "/", processCgroups: "/proc/self/cgroup", memoryInfo: "/proc/meminfo", processStatus: "/proc/self/status",
            threads: threads)
    }

    /// Makes malloc give large blocks back to the system when they are freed, so that they are there for the next, of whatever size.
    package static func returnLargeBlocks() { reglow_return_large_blocks() }

    /// The resident size of this process and its largest so far, in bytes; 0 where the system does not say.
    package static func resident() -> (now: Int, peak: Int) {
        let status = fields("/proc/self/status")
        return (status["VmRSS"] ?? 0, status["VmHWM"] ?? 0)
    }

    /// `root` is the folder that holds `sys/fs/cgroup`, the others are files like those of /proc: tests give their own.
    package static func bytes(root: String, processCgroups: String, memoryInfo: String, processStatus: String, threads: Int = 0) -> Int? {
        var rests = [fields(memoryInfo)["MemAvailable"], cgroupRest(root: root, processCgroups: processCgroups)]
        let status = fields(processStatus)
        if let size = status["VmSize"], let most = limit(__rlimit_resource_t(RLIMIT_AS.rawValue)) {
            rests.append(most - size - threads * threadAddresses)
        }
        if let size = status["VmData"], let most = limit(__rlimit_resource_t(RLIMIT_DATA.rawValue)) { rests.append(most - size) }
        return rests.compactMap { $0 }.min().map { max(0, $0) }
    }

    /// The least rest of the process's cgroup and its ancestors; file pages that the kernel can drop count as free.
    package static func cgroupRest(root: String, processCgroups: String) -> Int? {
        let mount = (root.hasSuffix("/") ? root : root + "/") + "sys/fs/cgroup"
        // A container that sees no cgroup of its own still has the limit at the mount's top.
        var rests = [restV2(mount), restV1(mount + "/memory")]
        let lines = (try? String(contentsOfFile: processCgroups, encoding: .utf8))?.split(separator: "\n") ?? []
        for line in lines {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for level in ThreadCount.ancestors(of: String(fields[2])) {
                if fields[0] == "0", fields[1].isEmpty {
                    rests += [restV2(mount + level), restV2(mount + "/unified" + level)]
                } else if fields[1].split(separator: ",").contains("memory") {
                    rests += [restV1(mount + "/memory" + level), restV1(mount + "/" + fields[1] + level)]
                }
            }
        }
        return rests.compactMap { $0 }.min()
    }

    /// memory.max holds a number of bytes or "max".
    private static func restV2(_ folder: String) -> Int? {
        guard let most = number(folder + "/memory.max"), let used = number(folder + "/memory.current") else { return nil }
        return most - used + (statistic("inactive_file", folder) ?? 0)
    }

    /// A number near 2^63 stands for no limit.
    private static func restV1(_ folder: String) -> Int? {
        guard let most = number(folder + "/memory.limit_in_bytes"), most < 1 << 60,
            let used = number(folder + "/memory.usage_in_bytes")
        else { return nil }
        return most - used + (statistic("total_inactive_file", folder) ?? 0)
    }

    private static func number(_ path: String) -> Int? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap(ThreadCount.onlyWord).flatMap { Int($0) }
    }

    private static func statistic(_ name: String, _ folder: String) -> Int? {
        guard let text = try? String(contentsOfFile: folder + "/memory.stat", encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == name { return Int(fields[1]) }
        }
        return nil
    }

    /// The lines `name: number kB` of a file, in bytes.
    private static func fields(_ path: String) -> [String: Int] {
        let lines = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
        var result: [String: Int] = [:]
        for line in lines {
            let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 3, parts[2] == "kB", let kilobytes = Int(parts[1]) else { continue }
            result[String(parts[0].dropLast())] = kilobytes << 10
        }
        return result
    }

    /// Returns nil where there is none.
    private static func limit(_ resource: __rlimit_resource_t) -> Int? {
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0, limits.rlim_cur != rlim_t.max else { return nil }
        return Int(clamping: limits.rlim_cur)
    }
}
