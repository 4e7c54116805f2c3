/// The six maps of a flow, and of each of its steps.
package enum FlowMap: String, CaseIterable, Sendable {
    case forward, inverse, forwardJVP, forwardVJP, inverseJVP, inverseVJP
}
