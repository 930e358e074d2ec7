// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "QuickStart",
    platforms: [.macOS(.v13)],
    // In a package of your own: .package(url: "…", from: "…") in place of the path.
    dependencies: [.package(name: "codetta", path: "../..")],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "Codetta", package: "codetta"),
                .product(name: "CodettaModels", package: "codetta"),
            ])
    ])
