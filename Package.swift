// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "codetta",
    platforms: [.macOS(.v13)],
    products: [
        .library(name: "Codetta", targets: ["Codetta"]),
        .library(name: "CodettaModels", targets: ["CodettaModels"]),
        .library(name: "Codecs", targets: ["Codecs"]),
        .library(name: "Quantizers", targets: ["Quantizers"]),
        .library(name: "Layers", targets: ["Layers"]),
        .library(name: "Checkpoints", targets: ["Checkpoints"]),
        .library(name: "Platform", targets: ["Platform"]),
        .library(name: "Kernels", targets: ["Kernels"]),
        .library(name: "Tokens", targets: ["Tokens"]),
        .library(name: "TokenFiles", targets: ["TokenFiles"]),
        .library(name: "Audio", targets: ["Audio"]),
        .library(name: "Transforms", targets: ["Transforms"]),
        .library(name: "Spectral", targets: ["Spectral"]),
        .library(name: "Metrics", targets: ["Metrics"]),
        .library(name: "TokenLM", targets: ["TokenLM"]),
        .library(name: "Plots", targets: ["Plots"]),
        .library(name: "Evaluation", targets: ["Evaluation"]),
        .library(name: "Hub", targets: ["Hub"]),
        .library(name: "Reports", targets: ["Reports"]),
        .executable(name: "codetta", targets: ["CodettaCommand"]),
    ],
    traits: [
        .default(enabledTraits: ["FFTW"]),
        .trait(name: "FFTW", description: "Fourier transforms by FFTW, which is under the GPL."),
        .trait(name: "PermissiveFFT", description: "Fourier transforms by KissFFT, under a BSD licence, in place of FFTW."),
        .trait(
            name: "Standalone",
            description: "For libcodetta: no Foundation is linked, and libraries for audio are loaded when they are first needed."),
    ],
    dependencies: [
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        // L0: system libraries and our C compute kernels.
        .systemLibrary(
            name: "CSndFile", pkgConfig: "sndfile",
            providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
        .systemLibrary(
            name: "CMPG123", pkgConfig: "libmpg123",
            providers: [.apt(["libmpg123-dev"]), .brew(["mpg123"])]),
        .systemLibrary(
            name: "CFFTW", pkgConfig: "fftw3f",
            providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
        .systemLibrary(
            name: "CKissFFT", pkgConfig: "kissfft-float",
            providers: [.apt(["libkissfft-dev"]), .brew(["kissfft"])]),
        .systemLibrary(
            name: "CSoxr", pkgConfig: "soxr",
            providers: [.apt(["libsoxr-dev"]), .brew(["libsoxr"])]),
        .systemLibrary(
            name: "CEbur128", pkgConfig: "libebur128",
            providers: [.apt(["libebur128-dev"]), .brew(["libebur128"])]),
        .systemLibrary(
            name: "CCairo", pkgConfig: "cairo",
            providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CKernels"),
        // In place of the system libraries that it names, where the trait Standalone is on.
        .target(
            name: "CLateLibraries",
            dependencies: ["CEbur128", .target(name: "CKissFFT", condition: .when(traits: ["PermissiveFFT"])), "CMPG123", "CSndFile", "CSoxr"],
            cSettings: [.define("PermissiveFFT", .when(traits: ["PermissiveFFT"]))]),

        // L1: the ground floor.
        .target(
            name: "Platform", dependencies: ["CKernels", .product(name: "SystemPackage", package: "swift-system")]),
        .target(name: "Kernels", dependencies: ["CKernels", "Platform"]),
        .target(name: "Tokens", dependencies: ["Platform"]),
        .target(name: "TokenFiles", dependencies: ["Checkpoints", "Kernels", "Platform", "Tokens"]),
        .target(name: "Audio", dependencies: ["CMPG123", "CSndFile", "CSoxr", "Kernels", "Platform"]),
        // Transforms is arithmetic on top of a library of Fourier transforms; Spectral is that on top of one.
        .target(name: "Transforms", dependencies: ["Kernels", "Platform"]),
        .target(
            name: "Spectral",
            dependencies: [
                .target(name: "CFFTW", condition: .when(traits: ["FFTW"])),
                .target(name: "CKissFFT", condition: .when(traits: ["PermissiveFFT"])),
                "Platform", "Transforms",
            ]),

        // L2
        .target(name: "Checkpoints", dependencies: ["Kernels", "Platform"]),
        .target(name: "Layers", dependencies: ["Kernels", "Platform"]),
        .target(name: "Quantizers", dependencies: ["Checkpoints", "Kernels", "Platform", "Tokens"]),

        // L3
        .target(
            name: "Codecs",
            dependencies: [
                "Checkpoints", "Kernels", "Layers", "Platform", "Quantizers", "Tokens", "Transforms",
            ]),
        .target(name: "Metrics", dependencies: ["CEbur128", "Kernels", "Platform", "Spectral", "Tokens"]),
        .target(name: "TokenLM", dependencies: ["Checkpoints", "Kernels", "Layers", "Platform", "Tokens"]),
        .target(name: "Plots", dependencies: ["CCairo", "Kernels", "Platform", "Spectral", "Tokens"]),
        .target(name: "Hub", dependencies: ["CCurl", "Checkpoints", "Kernels", "Platform", "TokenFiles"]),

        // L4
        .target(
            name: "Codetta",
            dependencies: [
                "Audio", "Checkpoints", "Codecs", "Kernels", "Layers", "Metrics", "Platform", "Quantizers", "Spectral",
                "TokenFiles", "TokenLM", "Tokens",
            ]),
        // The models that travel with the package, as resources of whatever program links the product.
        .target(
            name: "CodettaModels", path: "Models", exclude: ["codetta-24k-lm"], sources: ["BundledModels.swift"],
            resources: [.copy("codetta-24k")]),
        .target(name: "Evaluation", dependencies: ["Audio", "Codetta", "Kernels", "Metrics", "Platform", "Tokens"]),
        .target(name: "Reports", dependencies: ["Codetta", "Evaluation", "Metrics", "Platform", "Plots"]),
        .executableTarget(
            name: "CodettaCommand",
            dependencies: [
                "CMalloc", "Codetta", "Evaluation", "Hub", "Platform", "Plots", "Quantizers", "Reports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .executableTarget(
            name: "CodecsAlone", dependencies: ["Checkpoints", "Codecs", "Kernels"], path: "Tools/linkage/CodecsAlone"),
        .executableTarget(
            name: "KernelBenchmark", dependencies: ["Kernels"], path: "Tools/bench/KernelBenchmark"),
        .executableTarget(
            name: "TransformBenchmark", dependencies: ["Kernels", "Spectral"], path: "Tools/bench/TransformBenchmark"),
        .executableTarget(
            name: "TokenFileBenchmark", dependencies: ["Codetta", "Evaluation", "Platform"], path: "Tools/bench/TokenFileBenchmark"),
        .executableTarget(
            name: "PacketLossCurve", dependencies: ["Codetta", "Evaluation", "Platform", "Plots"], path: "Tools/bench/PacketLossCurve"),

        .target(name: "TestSupport", dependencies: ["Audio", "Kernels", "Platform"], path: "Tests/TestSupport"),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestSupport"]),
        .target(name: "CForkCheck", dependencies: ["CKernels"], path: "Tests/CForkCheck"),
        .testTarget(name: "KernelsTests", dependencies: ["CForkCheck", "CKernels", "Kernels", "Platform", "TestSupport"]),
        .testTarget(name: "AudioTests", dependencies: ["Audio", "Kernels", "Platform", "TestSupport"]),
        .testTarget(name: "SpectralTests", dependencies: ["Kernels", "Platform", "Spectral", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "TokenFilesTests", dependencies: ["Kernels", "Platform", "TestSupport", "TokenFiles", "Tokens"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "Kernels", "Platform", "TestSupport"]),
        .testTarget(
            name: "LayersTests", dependencies: ["Checkpoints", "Kernels", "Layers", "Platform", "TestSupport"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "QuantizersTests",
            dependencies: ["Checkpoints", "Kernels", "Platform", "Quantizers", "TestSupport", "TokenFiles", "Tokens"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "CodecsTests",
            dependencies: [
                "Checkpoints", "Codecs", "Kernels", "Layers", "Platform", "Quantizers", "Spectral", "TestSupport", "TokenFiles",
                "Tokens",
            ],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "MetricsTests", dependencies: ["Audio", "Kernels", "Metrics", "Platform", "Spectral", "TestSupport", "Tokens"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "TokenLMTests", dependencies: ["Checkpoints", "Kernels", "Layers", "Platform", "TestSupport", "TokenLM", "Tokens"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "EvaluationTests", dependencies: ["Codetta", "Evaluation", "Platform", "TestSupport"]),
        .testTarget(name: "PlotsTests", dependencies: ["CCairo", "Kernels", "Platform", "Plots", "Spectral", "TestSupport", "Tokens"]),
        .testTarget(name: "HubTests", dependencies: ["Checkpoints", "Hub", "Platform", "TestSupport", "TokenFiles"], resources: [.copy("server.py")]),
        .testTarget(name: "ReportsTests", dependencies: ["Codetta", "Evaluation", "Platform", "Plots", "Reports", "TestSupport"]),
        .testTarget(
            name: "CodettaTests",
            dependencies: ["Checkpoints", "Codetta", "CodettaModels", "Platform", "TestSupport"]),
        .testTarget(name: "CommandTests", dependencies: ["Codetta", "CodettaCommand", "Evaluation", "Hub", "Layers", "Platform", "Plots", "Spectral", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)

// The C library: CCodetta has its header, CodettaC what stands behind it, by `@c` of Swift 6.3. Tools/library/build.sh makes libcodetta of it.
#if compiler(>=6.3)
    package.products.append(.library(name: "CodettaC", type: .dynamic, targets: ["CodettaC"]))
    package.targets += [
        .target(name: "CCodetta"),
        .target(
            name: "CodettaC",
            dependencies: [
                "Audio", "CCodetta", .target(name: "CLateLibraries", condition: .when(traits: ["Standalone"])), "Checkpoints", "Codecs",
                "Codetta", "Kernels", "Metrics", "Platform", "Quantizers", "Spectral", "TokenFiles", "Tokens",
            ]),
    ]
#endif
