// swift-tools-version: 6.0
import PackageDescription

// A package of its own, so that nobody who builds Codetta builds its fuzzers. Tools/fuzzers/README.md says how to run them.
let package = Package(
    name: "codetta-fuzz",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "codetta", path: "../..")],
    targets: [
        .executableTarget(
            name: "FuzzReaders",
            dependencies: [
                .product(name: "Audio", package: "codetta"),
                .product(name: "Checkpoints", package: "codetta"),
                .product(name: "Codecs", package: "codetta"),
                .product(name: "Codetta", package: "codetta"),
                .product(name: "Evaluation", package: "codetta"),
                .product(name: "Kernels", package: "codetta"),
                .product(name: "Reports", package: "codetta"),
                .product(name: "TokenLM", package: "codetta"),
                .product(name: "Platform", package: "codetta"),
                .product(name: "TokenFiles", package: "codetta"),
                .product(name: "Tokens", package: "codetta"),
            ],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    ],
    swiftLanguageModes: [.v6]
)
