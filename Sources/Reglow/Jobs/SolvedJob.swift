import Imaging
import InverseSolvers

/// What was solved of an image, whole or in windows.
struct SolvedJob: Sendable {
    let image: Image
    let diverged: Restoration?
    let solution: SolutionReport
    let isComplete: Bool
    let noiseEstimate: NoiseEstimate?

    init(_ restored: RestoredImage) {
        (image, diverged, solution) = (restored.image, restored.diverged, SolutionReport(restored))
        let stops = [restored.restoration, restored.mirrored].compactMap { $0?.stop }
        isComplete = !stops.contains { $0 == .time || $0 == .budget }
        noiseEstimate = restored.noiseEstimate
    }

    init(_ restored: WindowedImage) {
        (image, diverged, solution) = (restored.image, restored.solves.diverged, SolutionReport(restored))
        isComplete = !restored.solves.stops.contains { $0 == .time || $0 == .budget }
        noiseEstimate = restored.noiseEstimate
    }
}
