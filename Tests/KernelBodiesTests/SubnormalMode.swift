import CPUFeatures

/// Runs `body` with subnormal numbers counted as zero, as they are inside of a pass over a flow, or as numbers.
func withSubnormals(flushed: Bool, _ body: () -> Void) {
    guard flushed else { return body() }
    let mode = reglow_flush_subnormals()
    defer { reglow_restore_float_mode(mode) }
    body()
}
