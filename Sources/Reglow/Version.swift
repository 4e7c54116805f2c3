/// The version of Reglow, by semantic versioning.
public let reglowVersion = "0.2.0"
