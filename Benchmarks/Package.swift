// swift-tools-version: 6.2
import PackageDescription

/// The benchmarks of one module, in the folder of its name. A target cannot have that name too: the module has it.
func benchmarks(_ name: String, of folder: String, resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "Measuring", .product(name: "Reglow", package: "Reglow"), .product(name: "Benchmark", package: "benchmark"),
        ],
        path: folder,
        resources: resources,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
    name: "ReglowBenchmarks",
    dependencies: [
        // A link to the folder above. SwiftPM calls a package by the last part of its path: by "..", that would be whatever the
        // checkout is called, and in one called "benchmarks" this package could not be told from the other.
        .package(path: "Reglow"),
        // Its traits count allocations, with libraries that it would have to fetch.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(
            name: "Measuring",
            dependencies: [.product(name: "Reglow", package: "Reglow"), .product(name: "Benchmark", package: "benchmark")],
            path: "Measuring"),
        benchmarks("KernelBenchmarks", of: "Kernels", resources: [.copy("layers.json")]),
        benchmarks("GlowModelBenchmarks", of: "GlowModel"),
        benchmarks("GlowTrainingBenchmarks", of: "GlowTraining"),
        benchmarks("ForwardOperatorBenchmarks", of: "ForwardOperators"),
        benchmarks("InverseSolverBenchmarks", of: "InverseSolvers"),
    ],
    swiftLanguageModes: [.v5]
)
