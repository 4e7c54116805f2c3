/// The sessions of one call: one for each way in which its images are restored, made when the first image asks for it.
package final class RestorationSessionCache {
    /// What decides which session restores an image.
    package struct Key: Hashable {
        /// Name or path of the prior.
        package let prior: String
        package let noise: RegularizationRule.NoiseLevel

        package init(prior: String, noise: RegularizationRule.NoiseLevel) { (self.prior, self.noise) = (prior, noise) }
    }

    private let makeRestorer: (_ prior: String) throws -> Restorer
    private let makeSession: (Restorer, RegularizationRule.NoiseLevel) throws -> RestorationSession
    private var restorers: [String: Restorer] = [:]
    private var sessions: [Key: RestorationSession] = [:]
    /// The priors in the order in which they were first asked for.
    package private(set) var priors: [String] = []

    /// The noise of all sessions, where it is one.
    package var sharedNoise: RegularizationRule.NoiseLevel? {
        let noises = Set(sessions.keys.map(\.noise))
        return noises.count == 1 ? noises.first : nil
    }

    /// - Parameters:
    ///   - restorer: loads a prior and configures its solver.
    ///   - session: poses the problem for a restorer and a noise.
    package init(
        restorer: @escaping (_ prior: String) throws -> Restorer,
        session: @escaping (Restorer, RegularizationRule.NoiseLevel) throws -> RestorationSession
    ) {
        (makeRestorer, makeSession) = (restorer, session)
    }

    /// - Throws: what loading the prior throws.
    package func restorer(_ prior: String) throws -> Restorer {
        if let restorer = restorers[prior] { return restorer }
        let restorer = try makeRestorer(prior)
        restorers[prior] = restorer
        priors.append(prior)
        return restorer
    }

    /// - Throws: what loading the prior throws.
    package func session(_ key: Key) throws -> RestorationSession {
        if let session = sessions[key] { return session }
        let session = try makeSession(try restorer(key.prior), key.noise)
        sessions[key] = session
        return session
    }
}
