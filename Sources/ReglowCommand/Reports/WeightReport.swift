import Reglow

/// A `WeightStep` in the report.
struct WeightPathEntry: Encodable {
    let weight: Double
    let dataFidelity: JSONNumber
    let prior: JSONNumber
    let measure: JSONNumber
    let evaluations: Int

    init(_ step: WeightStep) {
        weight = step.weight
        dataFidelity = JSONNumber(step.dataFidelity)
        prior = JSONNumber(step.prior)
        measure = JSONNumber(step.measure)
        evaluations = step.evaluations
    }
}

extension WeightRule {
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
    var sharedWeight: Double? {
        switch self {
        case .fixed(let weight): weight
        case .noiseVariance(.known(let deviation)): Restorer.defaultWeight(noiseDeviation: deviation)
        default: nil
        }
    }
}
