import CPUFeatures
import FoundationEssentials

/// How many threads this process may use at once: the cores that it may run on, cut by the cgroup's CPU quota (v1 and v2) and the
/// allocation of Slurm.
package enum ThreadCount {
    /// At least 1. A quota of 1.5 cores gives 1: a second thread would be stopped half of the time, and all wait for it.
    ///
    /// In a job of Slurm it is no more than SLURM_CPUS_PER_TASK: not every configuration of Slurm binds tasks to their cores.
    package static func available() -> Int {
        let cores = min(schedulableCores(), slurmCores(ProcessInfo.processInfo.environment) ?? .max)
        guard let quota = cgroupQuota(root: "/", processCgroups: "/proc/self/cgroup") else { return cores }
        return max(1, Int(min(Double(cores), quota)))
    }

    /// The cores that Slurm has given to each task; nil outside of its jobs.
    package static func slurmCores(_ environment: [String: String]) -> Int? {
        environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }.flatMap { $0 >= 1 ? $0 : nil }
    }

    /// Cores in the process's affinity mask.
    static func schedulableCores() -> Int {
        let cores = Int(reglow_schedulable_cores())
        return cores > 0 ? cores : max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    /// The smallest quota, in cores, of the process's cgroup and its ancestors, or nil where there is none.
    ///
    /// `root` is the folder that holds `sys/fs/cgroup`, and `processCgroups` a file like /proc/self/cgroup: tests give their own.
    package static func cgroupQuota(root: String, processCgroups: String) -> Double? {
        let mount = (root.hasSuffix("/") ? root : root + "/") + "sys/fs/cgroup"
        // A container that sees no cgroup of its own still has the limit at the mount's top.
        var smallest = (quotaV2(mount) ?? quotaV1(mount + "/cpu")) ?? quotaV1(mount + "/cpu,cpuacct")
        let lines = (try? String(contentsOfFile: processCgroups, encoding: .utf8))?.split(separator: "\n") ?? []
        for line in lines {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = String(fields[2])
            let controllers = fields[1].split(separator: ",")
            for level in ancestors(of: path) {
                var quotas: [Double?] = []
                if fields[0] == "0", fields[1].isEmpty {
                    quotas = [quotaV2(mount + level), quotaV2(mount + "/unified" + level)]
                } else if controllers.contains("cpu") {
                    quotas = [quotaV1(mount + "/cpu" + level), quotaV1(mount + "/" + fields[1] + level)]
                }
                for case let quota? in quotas { smallest = min(smallest ?? quota, quota) }
            }
        }
        return smallest
    }

    /// "/a/b" gives "/a/b", "/a", "".
    static func ancestors(of path: String) -> [String] {
        var parts = path.split(separator: "/")
        var levels: [String] = []
        while !parts.isEmpty {
            levels.append("/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return levels + [""]
    }

    /// cpu.max holds "max 100000" or "150000 100000": microseconds of CPU time per period.
    private static func quotaV2(_ folder: String) -> Double? {
        guard let text = try? String(contentsOfFile: folder + "/cpu.max", encoding: .utf8) else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2 else { return nil }
        return ratio(Double(fields[0]), Double(fields[1]))
    }

    /// cpu.cfs_quota_us is -1 where there is no limit.
    private static func quotaV1(_ folder: String) -> Double? {
        func number(_ name: String) -> Double? {
            (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8))
                .flatMap(onlyWord).flatMap { Double($0) }
        }
        return ratio(number("cpu.cfs_quota_us"), number("cpu.cfs_period_us"))
    }

    /// The text without white space around it; nil where there is some within it too.
    static func onlyWord(_ text: String) -> Substring? {
        let words = text.split(whereSeparator: \.isWhitespace)
        return words.count == 1 ? words[0] : nil
    }

    private static func ratio(_ quota: Double?, _ period: Double?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return quota / period
    }
}
