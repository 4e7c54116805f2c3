// swift-tools-version: 6.2
import PackageDescription

/// The benchmarks of one module, in the folder of its name. A target cannot have that name too: the module has it.
func benchmarks(_ name: String, of folder: String, resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "Measuring", .product(name: "Reglow", package: "reglow"), .product(name: "Benchmark", package: "benchmark"),
        ],
        path: folder,
        resources: resources,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
    name: "ReglowBenchmarks",
    dependencies: [
        .package(name: "reglow", path: ".."),
        // Its traits count allocations, with libraries that it would have to fetch.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .target(
            name: "Measuring",
            dependencies: [.product(name: "Reglow", package: "reglow"), .product(name: "Benchmark", package: "benchmark")],
            path: "Measuring"),
        benchmarks("KernelBenchmarks", of: "Kernels", resources: [.copy("layers.json")]),
        benchmarks("GlowModelBenchmarks", of: "GlowModel"),
        benchmarks("ForwardOperatorBenchmarks", of: "ForwardOperators"),
        benchmarks("InverseSolverBenchmarks", of: "InverseSolvers"),
        .target(name: "Comparison", path: "Tools/Comparison"),
        // Not right in this folder: the plugin takes every executable there for a benchmark.
        .executableTarget(
            name: "compare",
            dependencies: [
                "Comparison", .product(name: "Reglow", package: "reglow"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tools/Compare"),
        .testTarget(name: "ComparisonTests", dependencies: ["Comparison"], path: "Tests/ComparisonTests"),
    ],
    swiftLanguageModes: [.v5]
)
