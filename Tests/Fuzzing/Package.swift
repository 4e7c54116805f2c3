// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because all modules are compiled with sanitizers and counters for it. `.ci/fuzz` builds and runs it.
let package = Package(
    name: "Fuzzing",
    dependencies: [.package(name: "Reglow", path: "../..")],
    targets: [
        .target(name: "LibFuzzer"),
        .executableTarget(name: "FuzzReglow", dependencies: ["LibFuzzer", .product(name: "Reglow", package: "Reglow")]),
    ],
    swiftLanguageModes: [.v5]
)
