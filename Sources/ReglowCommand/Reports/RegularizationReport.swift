import Reglow

/// A `RegularizationStep` in the report.
struct RegularizationPathEntry: Encodable {
    let regularizationWeight: Double
    let dataFidelity: JSONNumber
    let prior: JSONNumber
    let measure: JSONNumber
    let evaluations: Int

    init(_ step: RegularizationStep) {
        regularizationWeight = step.regularizationWeight
        dataFidelity = JSONNumber(step.dataFidelity)
        prior = JSONNumber(step.prior)
        measure = JSONNumber(step.measure)
        evaluations = step.evaluations
    }
}

extension RegularizationRule {
    var name: String {
        switch self {
        case .fixed: "fixed"
        case .noiseVariance: "noise-variance"
        case .discrepancy: "discrepancy"
        case .whiteness: "whiteness"
        }
    }

    /// Whether lambda takes several solves.
    var isSearch: Bool {
        switch self {
        case .fixed, .noiseVariance: false
        case .discrepancy, .whiteness: true
        }
    }

    /// lambda, where every measurement gets the same.
    var sharedRegularizationWeight: Double? {
        switch self {
        case .fixed(let weight): weight
        case .noiseVariance(.known(let deviation)): Restorer.defaultRegularizationWeight(noiseDeviation: deviation)
        default: nil
        }
    }
}
