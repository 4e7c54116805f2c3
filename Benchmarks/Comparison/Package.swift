// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that its tests need nothing of what the benchmarks are built from.
let package = Package(
    name: "Comparison",
    products: [.executable(name: "compare", targets: ["Compare"])],
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")],
    targets: [
        .target(name: "Comparison"),
        .executableTarget(
            name: "Compare",
            dependencies: ["Comparison", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .testTarget(name: "ComparisonTests", dependencies: ["Comparison"]),
    ],
    swiftLanguageModes: [.v6]
)
