import Foundation

/// A number that the reference Glow computes with: `Double` for values, `Dual` for derivatives.
protocol ReferenceNumber: Sendable {
    init(_ value: Double)
    var value: Double { get }
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static func / (a: Self, b: Self) -> Self
    var exponential: Self { get }
    var logarithm: Self { get }
}

extension ReferenceNumber {
    /// max(0, self)
    var rectified: Self { value > 0 ? self : Self(0) }
    var sigmoid: Self { Self(1) / (Self(1) + (Self(0) - self).exponential) }
}

extension Double: ReferenceNumber {
    var value: Double { self }
    var exponential: Double { exp(self) }
    var logarithm: Double { log(self) }
}

/// value + derivative * epsilon with epsilon^2 = 0: what a map does to it is its directional derivative, exactly.
struct Dual: ReferenceNumber {
    let value: Double
    let derivative: Double

    init(_ value: Double) { self.init(value, 0) }
    init(_ value: Double, _ derivative: Double) { (self.value, self.derivative) = (value, derivative) }

    static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.derivative + b.derivative) }
    static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.derivative - b.derivative) }
    static func * (a: Dual, b: Dual) -> Dual {
        Dual(a.value * b.value, a.derivative * b.value + a.value * b.derivative)
    }
    static func / (a: Dual, b: Dual) -> Dual {
        let quotient = a.value / b.value
        return Dual(quotient, (a.derivative - quotient * b.derivative) / b.value)
    }
    var exponential: Dual { Dual(exp(value), exp(value) * derivative) }
    var logarithm: Dual { Dual(log(value), derivative / value) }
}
