import Reglow
import Testing

@Suite struct ShardTests {
    @Test func aTextNamesAShard() throws {
        #expect(try Shard(parsing: "1/1", environment: [:]) == .whole)
        #expect(try Shard(parsing: "2/4", environment: [:]) == Shard(index: 1, count: 4))
        #expect(try Shard(parsing: "0/4", base: 0, environment: [:]) == Shard(index: 0, count: 4))
        #expect(
            try Shard(parsing: "JOB_COMPLETION_INDEX/8", base: 0, environment: ["JOB_COMPLETION_INDEX": "7"]) == Shard(index: 7, count: 8))
        #expect(try Shard(parsing: "ID/TASKS", environment: ["ID": "3", "TASKS": "5"]) == Shard(index: 2, count: 5))
        #expect(try "\(Shard(index: 1, count: 4))" == "2/4")
    }

    @Test(arguments: [
        ("", "'' is no shard"), ("3", "no shard"), ("1/2/3", "no shard"), ("a b/2", "no shard"), ("0/4", "--shard-base 0"),
        ("5/4", "called 1 to 4"),
        ("-1/4", "not there"), ("1/0", "0 shards"), ("1/65536", "65536 shards"), ("NONE/4", "NONE is not set"), ("BAD/4", "BAD is 'x'"),
        ("/4", "no shard"), ("1/", "no shard"),
    ])
    func whatNamesNoneIsRefused(text: String, words: String) {
        #expect {
            _ = try Shard(parsing: text, environment: ["BAD": "x"])
        } throws: {
            "\($0)".contains(words)
        }
    }

    /// Tasks of an array, whatever its first number and step.
    @Test(arguments: [(0, 1, 4), (1, 1, 4), (5, 3, 6), (100, 10, 1)])
    func slurmsArrayNamesThem(least: Int, step: Int, count: Int) throws {
        for index in 0 ..< count {
            let shard = try Shard(slurm: [
                "SLURM_ARRAY_TASK_ID": "\(least + index * step)", "SLURM_ARRAY_TASK_MIN": "\(least)",
                "SLURM_ARRAY_TASK_MAX": "\(least + (count - 1) * step)", "SLURM_ARRAY_TASK_STEP": "\(step)",
                "SLURM_ARRAY_TASK_COUNT": "\(count)",
            ])
            #expect(try shard == Shard(index: index, count: count))
        }
        #expect(try Shard(slurm: [:]) == nil)
        #expect(try Shard(slurm: ["SLURM_JOB_ID": "1"]) == nil)
    }

    @Test func anArrayWithGapsIsRefused() {
        func variables(_ id: Int, _ min: Int, _ max: Int, _ step: Int, _ count: String?) -> [String: String] {
            var variables = [
                "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(min)", "SLURM_ARRAY_TASK_MAX": "\(max)",
                "SLURM_ARRAY_TASK_STEP": "\(step)",
            ]
            variables["SLURM_ARRAY_TASK_COUNT"] = count
            return variables
        }
        // 1,3,7 has three tasks, from 1 to 7.
        for id in [1, 3, 7] { #expect(throws: ShardError.slurm) { try Shard(slurm: variables(id, 1, 7, 1, "3")) } }
        #expect(throws: ShardError.slurm) { try Shard(slurm: variables(2, 1, 4, 1, nil)) }
        #expect(throws: ShardError.slurm) { try Shard(slurm: variables(2, 1, 4, 0, "4")) }
    }

    /// None of them overflows.
    @Test func numbersFarOutsideAreRefused() {
        let far = [Int.min, -1, 0, 1, Int.max]
        for id in far {
            for least in far {
                for most in far {
                    for step in far where !(id == least && most >= least && least >= 0 && step > 0) {
                        let variables = [
                            "SLURM_ARRAY_TASK_ID": "\(id)", "SLURM_ARRAY_TASK_MIN": "\(least)", "SLURM_ARRAY_TASK_MAX": "\(most)",
                            "SLURM_ARRAY_TASK_STEP": "\(step)", "SLURM_ARRAY_TASK_COUNT": "1",
                        ]
                        #expect(throws: ShardError.slurm) { try Shard(slurm: variables) }
                    }
                }
            }
        }
        #expect(throws: ShardError.index(.max, count: 4)) { try Shard(index: .max, count: 4) }
        #expect(throws: ShardError.self) { try Shard(parsing: "\(Int.min)/4", base: 1, environment: [:]) }
        #expect(throws: ShardError.self) { try Shard(parsing: "1/4", base: .max, environment: [:]) }
    }
}
