// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Evaluate",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "codetta", path: "../..")],
    targets: [
        .executableTarget(
            name: "Evaluate",
            dependencies: [
                .product(name: "Codetta", package: "codetta"),
            ])
    ])
