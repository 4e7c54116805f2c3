import Foundation
import LibFuzzer
import Reglow

// With REGLOW_FUZZ_SEED the program writes a small model to that path, for a mutator to begin with, and nothing else.
if let path = ProcessInfo.processInfo.environment["REGLOW_FUZZ_SEED"] {
    try ModelFile.write(RandomGlow(architecture: GlowArchitecture(levels: 1, steps: 1, hidden: 4), seed: 3), to: path)
    exit(0)
}

// With REGLOW_FUZZ_CHECKPOINTS it writes a small checkpoint of each family and container into that folder.
if let folder = ProcessInfo.processInfo.environment["REGLOW_FUZZ_CHECKPOINTS"] {
    try CheckpointSeeds.write(to: folder)
    exit(0)
}

let target = Target.chosen
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { start, count in
        target.take([UInt8](UnsafeBufferPointer(start: start, count: count)))
        return 0
    })
