import CallFuzzer
import Foundation
import LibReglow
import Reglow

/// The functions of reglow.h, called by what the bytes say.
enum CallTarget {
    /// The paths of a small model of each coupling, as C has them. They stay.
    private nonisolated(unsafe) static let models: [UnsafePointer<CChar>?] = GlowArchitecture.Coupling.allCases.map { coupling in
        let path = "/dev/shm/reglow-fuzz-\(getpid())-\(coupling.rawValue).safetensors"
        do {
            let architecture = try GlowArchitecture(levels: 2, steps: 2, hidden: 8, coupling: coupling)
            try ModelFile.write(RandomGlow(architecture: architecture, seed: 3), to: path)
        } catch {
            fatalError("cannot write a model: \(error)")
        }
        return UnsafePointer(strdup(path))
    }

    /// What is done when the process ends: the calls are counted, and the models go.
    private static let atTheEnd: Void = {
        atexit {
            let counted = reglow_fuzz_counted()
            FileHandle.standardError.write(Data("stat::calls: \(counted.calls)\nstat::refused_calls: \(counted.refused)\n".utf8))
            for case let path? in CallTarget.models { unlink(path) }
        }
    }()

    static func take(_ bytes: [UInt8]) {
        _ = atTheEnd
        models.withUnsafeBufferPointer { models in
            bytes.withUnsafeBufferPointer { reglow_fuzz_calls($0.baseAddress, $0.count, models.baseAddress) }
        }
    }
}
