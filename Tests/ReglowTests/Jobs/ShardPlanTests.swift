import Files
import Reglow
import TestSupport
import Testing

@Suite struct ShardPlanTests {
    static func loads(_ plan: ShardPlan, _ costs: [Double], _ count: Int) -> [Double] {
        var loads = [Double](repeating: 0, count: count)
        for (job, shard) in plan.shards.enumerated() { loads[Int(shard)] += costs[job] }
        return loads
    }

    @Test(arguments: [1, 2, 3, 7, 16])
    func theWorkIsEven(count: Int) {
        let costs: [Double] = (0 ..< 500).map { (job: Int) -> Double in
            let large: Double = job % 50 == 0 ? 400 : 0
            return large + 1 + Double((job * 7919) % 97)
        }
        let plan = ShardPlan(costs: costs, count: count)
        let loads = Self.loads(plan, costs, count)
        let mean = costs.reduce(0, +) / Double(count)
        #expect(loads.reduce(0, +) == mean * Double(count))
        for load in loads { #expect(abs(load - mean) <= 500) }
        // The plan of the same costs is the same.
        #expect(ShardPlan(costs: costs, count: count).shards == plan.shards)
    }

    /// One large picture is as much work as many small ones, and has a shard of its own.
    @Test func notTheCountIsEven() {
        let plan = ShardPlan(costs: [100, 1, 1, 1, 1, 1], count: 2)
        #expect(plan.shards == [0, 1, 1, 1, 1, 1])
    }

    @Test func aFileKeepsIt() throws {
        let folder = try TemporaryFolder()
        let plan = ShardPlan(costs: (0 ..< 1000).map { Double($0) }, count: 300)
        try plan.write(to: folder.file("plan"), AtomicFile.Durability())
        #expect(try ShardPlan.read(folder.file("plan"), jobs: 1000, count: 300)?.shards == plan.shards)
        #expect(try ShardPlan.read(folder.file("none"), jobs: 1000, count: 300) == nil)
        #expect(throws: FileError.self) { try ShardPlan.read(folder.file("plan"), jobs: 999, count: 300) }
        #expect(throws: FileError.self) { try ShardPlan.read(folder.file("plan"), jobs: 1000, count: 299) }
    }
}
