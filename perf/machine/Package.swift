// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Machine",
    dependencies: [.package(name: "Reglow", path: "../..")],
    targets: [
        .executableTarget(name: "Machine", dependencies: [.product(name: "Reglow", package: "Reglow")])
    ],
    swiftLanguageModes: [.v6]
)
