import Files
import ForwardOperators
import FoundationEssentials
import InverseSolvers
import KernelInterface

/// What decides a result, as text: records say it, and by it a folder knows whether it is of the same job.
extension RestorationSettings {
    /// Each option with its value; what was named by a file has the hash of the file or of its numbers. Limits of time are left out: they end a
    /// solve, and do not belong to the question.
    ///
    /// - Parameter hash: gives the SHA-256 of a file; many settings name the same ones.
    /// - Throws: `FileError` that names the prior or the mask.
    package func options(
        hash: (_ path: String) throws -> String = { try SHA256.hexDigest(ofFile: $0).digest }
    ) throws -> [String: String] {
        var options = problem.options
        options["noise"] = noise.map { $0.deviation.map { "\($0)" } ?? "auto" }
        options["regularization_weight"] =
            switch regularization {
            case .noiseVariance: nil
            case .fixed(let weight): "\(weight)"
            case .discrepancy: "discrepancy"
            case .whiteness: "whiteness"
            }
        options["precision"] =
            choosesGradientPrecision
            ? "auto" : gradientPrecision == nil || gradientPrecision == precision ? precision.rawValue : "mixed"
        options["solver"] = "\(solver.minimizer)"
        options["method"] = solver.formulation?.rawValue
        options["max_evaluations"] = "\(solver.maximumEvaluations)"
        options["gradient_tolerance"] = "\(solver.gradientTolerance)"
        options["progress_tolerance"] = solver.progressTolerance.map { "\($0)" }
        options["ensemble"] = solver.ensemble > 1 ? "\(solver.ensemble)" : nil
        options["full_map"] = solver.includeLogDeterminant ? "true" : nil
        options["seed"] = "\(seed)"
        options["white"] = white.map { "\($0)" }
        options["start"] =
            switch start {
            case nil: nil
            case .zero: "zero"
            case .normalizedAdjoint: "adjoint"
            case .random(let seed): "random \(seed)"
            case .image(let image): "image " + Self.digest(of: image)
            }
        options["prior"] = prior.map { fileName(of: $0) }
        for name in prior.map({ [$0] }) ?? ShippedFiles.standardPriors {
            let path = try ShippedFiles.priorPath(name)
            options["sha256_of_\(fileName(of: name))"] = try hash(path)
        }
        options["mask"] =
            switch masks.source {
            case nil: nil
            case .alpha: "alpha"
            case .file(let path): try hash(path)
            }
        options["mask_inverted"] = masks.isInverted ? "true" : nil
        options["mask_threshold"] = masks.source == nil ? nil : "\(masks.threshold)"
        options["saturated"] = masks.saturated.map { "\($0)" }
        return options
    }

    fileprivate static func digest(of numbers: [Float]) -> String {
        var hash = SHA256()
        numbers.withUnsafeBytes { hash.update($0) }
        return String(hash.hexDigest().prefix(16))
    }

    /// One hash of options.
    static func digest(of options: [String: String]) -> String {
        let lines = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
        return SHA256.hexDigest(of: Array(lines.joined().utf8))
    }

    /// Where two sets of options differ, for an error: `noise 0.05, not 0.1`.
    static func differences(_ found: [String: String], wanted: [String: String]) -> [String] {
        Set(found.keys).union(wanted.keys).sorted().compactMap { key in
            let (was, now) = (found[key], wanted[key])
            if was == now { return nil }
            let name = key.split(separator: "_").joined(separator: " ")
            return "\(name) \(was ?? "not given"), not \(now ?? "left out")"
        }
    }
}

extension Problem {
    /// The problem with its parameters.
    fileprivate var options: [String: String] {
        switch self {
        case .denoise: ["problem": "denoise"]
        case .deblur(let pointSpread, let border):
            [
                "problem": "deblur", "border": "\(border)",
                "point_spread": "\(pointSpread.height)x\(pointSpread.width) \(RestorationSettings.digest(of: pointSpread.values))",
            ]
        case .superresolve(let scale, let filter, let border):
            ["problem": "superres", "scale": "\(scale)", "filter": "\(filter)", "border": "\(border)"]
        case .inpaint(.random(let fraction)): ["problem": "inpaint", "missing": "\(fraction)"]
        case .inpaint(.hole(let side)): ["problem": "inpaint", "hole": "\(side)"]
        case .inpaint(.mask(let keep, let size)):
            ["problem": "inpaint", "known": "\(size) \(RestorationSettings.digest(of: keep.map { $0 ? 1 : 0 }))"]
        case .compressive(let measurements, let size):
            ["problem": "compressive", "measurements": "\(measurements)", "size": "\(size)"]
        case .linear(let forwardOperator): ["problem": "linear \(type(of: forwardOperator)) of \(forwardOperator.imageShape)"]
        }
    }
}
