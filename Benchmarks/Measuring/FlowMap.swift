/// The six maps of a flow, and of each of its steps.
public enum FlowMap: String, CaseIterable, Sendable {
    case forward, inverse, forwardJVP, forwardVJP, inverseJVP, inverseVJP
}
