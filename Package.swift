// swift-tools-version: 6.2
import PackageDescription

/// Each instruction set is one module: the same kernel bodies (symlinked) compiled with other machine flags.
///
/// Without checks: their arguments are made by GlowModel, never from outside, and a branch for the overflow of every index costs as
/// much as the arithmetic of the small kernels.
func kernels(_ name: String, march: String?, _ features: String...) -> Target {
    let machine = (march.map { ["-march=\($0)"] } ?? []) + features
    return .target(
        name: name,
        dependencies: ["KernelInterface", "CPUFeatures"],
        swiftSettings: [.unsafeFlags(["-Ounchecked"] + machine.flatMap { ["-Xcc", $0] })]
    )
}

let package = Package(
    name: "Reglow",
    products: [
        .library(name: "Reglow", targets: ["Reglow"]),
        .executable(name: "reglow", targets: ["ReglowCommand"]),
        // What `.ci/library` links into libreglow.so, for C and the languages that call it.
        .library(name: "LibReglow", type: .static, targets: ["LibReglow"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(name: "CPUFeatures"),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CFFTW", providers: [.apt(["libfftw3-dev"])]),
        .target(
            name: "CImageCodecs",
            linkerSettings: ["png", "jpeg", "turbojpeg", "tiff", "webp", "webpdemux", "z"].map { .linkedLibrary($0) }),

        .systemLibrary(name: "CNettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CCSV", providers: [.apt(["libcsv-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        .target(name: "Files", dependencies: ["CNettle", "CCSV"]),
        .target(name: "KernelInterface"),
        kernels("KernelsPortable", march: nil),
        kernels("KernelsAVX2", march: "x86-64-v3"),
        kernels("KernelsAVX512", march: "x86-64-v4"),
        kernels("KernelsAVX512BF16", march: "x86-64-v4", "-mavx512bf16"),
        .target(
            name: "KernelDispatch",
            dependencies: [
                "CPUFeatures", "Files", "KernelInterface", "KernelsPortable", "KernelsAVX2", "KernelsAVX512", "KernelsAVX512BF16",
            ]),

        .target(name: "GlowModel", dependencies: ["KernelDispatch", "KernelInterface", "CPUFeatures", "Files"]),
        .target(name: "CheckpointImport", dependencies: ["CZlib", "Files", "GlowModel"]),
        .target(name: "ForwardOperators", dependencies: ["Files", "KernelInterface", "CFFTW", "COpenBLAS"]),
        .target(
            name: "InverseSolvers",
            dependencies: ["Files", "GlowModel", "ForwardOperators", "KernelDispatch", "KernelInterface", "CFFTW"]),
        .target(name: "GlowTraining", dependencies: ["GlowModel", "KernelDispatch", "KernelInterface", "CPUFeatures", "Files"]),
        .target(name: "Imaging", dependencies: ["CImageCodecs", "KernelInterface", "Files"]),
        .target(name: "TrainingImages", dependencies: ["Imaging", "KernelInterface", "Files"]),
        .target(name: "Plots"),
        .target(name: "ReportPages", dependencies: ["Files", "Imaging", "KernelInterface", "Plots"]),
        .target(name: "TrainingReports", dependencies: ["Files", "Plots"]),
        .target(
            name: "Reglow",
            dependencies: [
                "CPUFeatures", "Files", "KernelInterface", "KernelDispatch", "GlowModel", "CheckpointImport", "ForwardOperators",
                "InverseSolvers", "GlowTraining",
                "Imaging", "Plots", "ReportPages", "TrainingImages", "TrainingReports",
            ]),
        // What reglow.h declares: `CReglow` has the header, `LibReglow` the functions, and the Makefile links them into libreglow.
        .target(name: "CReglow"),
        .target(name: "LibReglow", dependencies: ["CReglow", "Reglow", "TrainingImages"]),
        .executableTarget(
            name: "ReglowCommand",
            dependencies: [
                "Plots", "Reglow", "ReportPages", "TrainingReports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // The laws, references, folders and samples that several tests need.
        .target(
            name: "TestSupport", dependencies: ["Files", "GlowModel", "Imaging", "KernelInterface"], path: "Tests/TestSupport"),
        // Checkpoints of each family, and twins of the families' codes: for tests and for the fuzzer.
        .target(name: "CheckpointSupport", dependencies: ["CheckpointImport"], path: "Tests/CheckpointSupport"),
        // A folder of tests for each module: `.ci/check-mirror`.
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
        .testTarget(name: "KernelInterfaceTests", dependencies: ["KernelInterface", "TestSupport"]),
        .testTarget(name: "KernelDispatchTests", dependencies: ["KernelDispatch", "KernelInterface", "TestSupport"]),
        .testTarget(
            name: "KernelBodiesTests", dependencies: ["KernelDispatch", "KernelInterface", "CPUFeatures", "TestSupport"]),
        .testTarget(name: "GlowModelTests", dependencies: ["GlowModel", "CPUFeatures", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(name: "CheckpointImportTests", dependencies: ["CheckpointImport", "CheckpointSupport", "TestSupport"]),
        .testTarget(name: "ForwardOperatorsTests", dependencies: ["ForwardOperators", "TestSupport"]),
        .testTarget(name: "InverseSolversTests", dependencies: ["InverseSolvers", "TestSupport"]),
        .testTarget(
            name: "GlowTrainingTests", dependencies: ["GlowTraining", "GlowModel", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "TrainingImagesTests", dependencies: ["TrainingImages", "TestSupport"]),
        .testTarget(name: "PlotsTests", dependencies: ["Plots", "TestSupport"]),
        .testTarget(name: "ReportPagesTests", dependencies: ["ReportPages", "TestSupport"]),
        .testTarget(name: "TrainingReportsTests", dependencies: ["TrainingReports", "TestSupport"]),
        .testTarget(name: "ReglowTests", dependencies: ["Reglow", "CheckpointSupport", "TestSupport"]),
        .testTarget(name: "LibReglowTests", dependencies: ["LibReglow", "CReglow", "CheckpointSupport", "TestSupport"]),
        .testTarget(
            name: "ReglowCommandTests", dependencies: ["Reglow", "ReglowCommand", "CheckpointSupport", "TestSupport"], exclude: ["Cases"]),

        // Allocations are counted in a process of their own, whose malloc is replaced.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .executableTarget(name: "AllocationProbe", dependencies: ["Reglow", "AllocationCounter"], path: "Tests/AllocationProbe"),
        .testTarget(name: "AllocationTests", dependencies: ["AllocationProbe"]),
    ],
    swiftLanguageModes: [.v6]
)

// What only some callers build stands in the package too, because it uses what the product does not show: `Benchmarks/run` and `.ci/fuzz` ask
// for their part by this variable.
switch Context.environment["REGLOW_TARGETS"] {
case "benchmarks":
    // Its traits count allocations, with libraries that it would have to fetch.
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    let benchmark = Target.Dependency.product(name: "Benchmark", package: "benchmark")
    package.targets.append(.target(name: "Measuring", dependencies: ["Reglow", benchmark], path: "Benchmarks/Measuring"))
    // A target cannot have the name of its folder too: the module that it measures has it.
    package.targets += [
        ("KernelBenchmarks", "Kernels"), ("GlowModelBenchmarks", "GlowModel"), ("GlowTrainingBenchmarks", "GlowTraining"),
        ("ForwardOperatorBenchmarks", "ForwardOperators"), ("InverseSolverBenchmarks", "InverseSolvers"),
    ].map { name, folder in
        .executableTarget(
            name: name, dependencies: ["Measuring", "Reglow", benchmark], path: "Benchmarks/" + folder,
            resources: folder == "Kernels" ? [.copy("layers.json")] : [],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    }
case "fuzzing":
    // All modules are compiled with sanitizers and counters for it, and it is linked with a runtime that not every toolchain has.
    package.targets += [
        .target(name: "LibFuzzer", path: "Tests/Fuzzing/LibFuzzer"),
        .target(name: "CallFuzzer", dependencies: ["CReglow"], path: "Tests/Fuzzing/CallFuzzer"),
        .executableTarget(
            name: "FuzzReglow", dependencies: ["Reglow", "LibReglow", "LibFuzzer", "CallFuzzer", "CheckpointSupport"],
            path: "Tests/Fuzzing/FuzzReglow"),
    ]
default: break
}
