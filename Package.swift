// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "codetta",
    platforms: [.macOS(.v13)],
    products: [
        .library(name: "Codetta", targets: ["Codetta"]),
        .library(name: "Codecs", targets: ["Codecs"]),
        .library(name: "Quantizers", targets: ["Quantizers"]),
        .library(name: "Layers", targets: ["Layers"]),
        .library(name: "Checkpoints", targets: ["Checkpoints"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "TokenStream", targets: ["TokenStream"]),
        .library(name: "AudioIO", targets: ["AudioIO"]),
        .library(name: "Spectral", targets: ["Spectral"]),
        .library(name: "Metrics", targets: ["Metrics"]),
        .library(name: "TokenLM", targets: ["TokenLM"]),
        .library(name: "Plots", targets: ["Plots"]),
        .library(name: "Evaluation", targets: ["Evaluation"]),
        .library(name: "Hub", targets: ["Hub"]),
        .library(name: "Reports", targets: ["Reports"]),
        .executable(name: "codetta", targets: ["CodettaCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // L0: system libraries and our C compute kernels.
        .systemLibrary(
            name: "CSndFile", pkgConfig: "sndfile",
            providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
        .systemLibrary(
            name: "CFFTW", pkgConfig: "fftw3f",
            providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
        .systemLibrary(
            name: "CSoxr", pkgConfig: "soxr",
            providers: [.apt(["libsoxr-dev"]), .brew(["libsoxr"])]),
        .systemLibrary(
            name: "CEbur128", pkgConfig: "libebur128",
            providers: [.apt(["libebur128-dev"]), .brew(["libebur128"])]),
        .systemLibrary(
            name: "CCairo", pkgConfig: "cairo",
            providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CKernels"),

        // L1
        .target(name: "Tensors", dependencies: ["CKernels"]),
        .target(name: "AudioIO", dependencies: ["CSndFile", "CSoxr", "Tensors"]),
        .target(name: "Spectral", dependencies: ["CFFTW", "Tensors"]),
        .target(name: "TokenStream", dependencies: ["CKernels", "Tensors"]),

        // L2
        .target(name: "Checkpoints", dependencies: ["Tensors"]),
        .target(name: "Layers", dependencies: ["Tensors", "Checkpoints"]),
        .target(name: "Quantizers", dependencies: ["Tensors", "TokenStream", "Checkpoints"]),

        // L3
        .target(
            name: "Codecs",
            dependencies: [
                "Tensors", "Spectral", "TokenStream", "Checkpoints", "Layers", "Quantizers",
            ]),
        .target(name: "Metrics", dependencies: ["CEbur128", "Tensors", "Spectral", "TokenStream"]),
        .target(name: "TokenLM", dependencies: ["Tensors", "TokenStream", "Checkpoints", "Layers"]),
        .target(name: "Plots", dependencies: ["CCairo", "Tensors", "Spectral", "TokenStream"]),
        .target(name: "Hub", dependencies: ["Tensors", "TokenStream", "Checkpoints"]),

        // L4
        .target(
            name: "Codetta",
            dependencies: [
                "Tensors", "AudioIO", "Spectral", "TokenStream", "Checkpoints", "Layers",
                "Quantizers", "Codecs", "Metrics", "TokenLM",
            ]),
        .target(name: "Evaluation", dependencies: ["Codetta"]),
        .target(name: "Reports", dependencies: ["Codetta", "Evaluation", "Plots"]),
        .executableTarget(
            name: "CodettaCommand",
            dependencies: [
                "CMalloc", "Codetta", "Evaluation", "Hub", "Plots", "Reports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "KernelBenchmark", dependencies: ["Tensors"], path: "Tools/bench/KernelBenchmark"),
        .executableTarget(
            name: "PacketLossCurve", dependencies: ["Codetta", "Evaluation", "Plots"], path: "Tools/bench/PacketLossCurve"),

        .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
        .testTarget(name: "AudioIOTests", dependencies: ["AudioIO"]),
        .testTarget(name: "SpectralTests", dependencies: ["Spectral"], resources: [.copy("Fixtures")]),
        .testTarget(name: "TokenStreamTests", dependencies: ["TokenStream", "Tensors"], resources: [.copy("Fixtures")]),
        .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints"]),
        .testTarget(name: "LayersTests", dependencies: ["Layers"], resources: [.copy("Fixtures")]),
        .testTarget(name: "QuantizersTests", dependencies: ["Quantizers", "TokenStream"], resources: [.copy("Fixtures")]),
        .testTarget(name: "CodecsTests", dependencies: ["Codecs"], resources: [.copy("Fixtures")]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TokenStream", "AudioIO"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "TokenLMTests", dependencies: ["TokenLM", "TokenStream", "Checkpoints"], resources: [.copy("Fixtures")]),
        .testTarget(name: "EvaluationTests", dependencies: ["Codetta", "Evaluation"]),
        .testTarget(name: "PlotsTests", dependencies: ["Plots", "CCairo"]),
        .testTarget(name: "HubTests", dependencies: ["Hub", "Checkpoints", "TokenStream"], resources: [.copy("server.py")]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "Evaluation", "Plots", "Codetta"]),
        .testTarget(name: "CommandTests", dependencies: ["Codetta", "Evaluation", "CodettaCommand"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
