// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "LiveStream",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "codetta", path: "../..")],
    targets: [
        .executableTarget(
            name: "LiveStream",
            dependencies: [
                .product(name: "Codetta", package: "codetta"),
                .product(name: "CodettaModels", package: "codetta"),
            ])
    ])
