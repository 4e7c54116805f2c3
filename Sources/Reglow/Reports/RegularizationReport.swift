import InverseSolvers

/// A `RegularizationStep` in the report.
package struct RegularizationPathEntry: Encodable {
    package let regularizationWeight: Double
    package let dataFidelity: JSONNumber
    package let prior: JSONNumber
    package let measure: JSONNumber
    package let evaluations: Int

    package init(_ step: RegularizationStep) {
        regularizationWeight = step.regularizationWeight
        dataFidelity = JSONNumber(step.dataFidelity)
        prior = JSONNumber(step.prior)
        measure = JSONNumber(step.measure)
        evaluations = step.evaluations
    }
}

extension RegularizationRule {
    package var name: String {
        switch self {
        case .fixed: "fixed"
        case .noiseVariance: "noise-variance"
        case .discrepancy: "discrepancy"
        case .whiteness: "whiteness"
        }
    }

    /// Whether lambda takes several solves.
    package var isSearch: Bool {
        switch self {
        case .fixed, .noiseVariance: false
        case .discrepancy, .whiteness: true
        }
    }

    /// lambda, where every measurement gets the same.
    package var sharedRegularizationWeight: Double? {
        switch self {
        case .fixed(let weight): weight
        case .noiseVariance(.known(let deviation)): Restorer.defaultRegularizationWeight(noiseDeviation: deviation)
        default: nil
        }
    }
}
