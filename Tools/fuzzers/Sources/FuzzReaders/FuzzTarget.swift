/// A reader that takes hostile bytes. It may throw any error; it may not end the process, nor break what it checks of itself.
struct FuzzTarget: Sendable {
    let name: String
    /// Takes the input without its first byte, which chooses among the ways to read the rest.
    let body: @Sendable (_ choice: UInt8, _ bytes: [UInt8]) throws -> Void

    static let all = [
        FuzzTarget(name: "container", body: readContainer), FuzzTarget(name: "verdict", body: judgeContainer),
        FuzzTarget(name: "entropy", body: readEntropyCodedChunks),
        FuzzTarget(name: "foreign", body: readForeignTokens), FuzzTarget(name: "ecdc", body: readECDC),
        FuzzTarget(name: "dac", body: readDAC), FuzzTarget(name: "safetensors", body: readCheckpoint),
        FuzzTarget(name: "config", body: loadModel), FuzzTarget(name: "audio", body: readAudio),
        FuzzTarget(name: "coded", body: readCodedAudio),
        FuzzTarget(name: "results", body: readResults),
    ]

    static var names: [String] { all.map(\.name) }

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// The one that the command line names.
    static let chosen: FuzzTarget = {
        let names = CommandLine.arguments.filter { $0.hasPrefix("--target=") }.map { $0.dropFirst("--target=".count) }
        return names.first.flatMap { named(String($0)) } ?? all[0]
    }()

    func run(_ input: UnsafeBufferPointer<UInt8>) {
        guard let choice = input.first else { return }
        do {
            try body(choice, Array(input.dropFirst()))
        } catch {
            // What a user would see: one line.
            require(!"\(error)".contains("\n"), "the error has several lines: \(error)")
        }
    }
}

/// Ends the process, which libFuzzer reports as a crash, unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

extension UInt8 {
    /// Bit `index`, as an answer to a question.
    func says(_ index: Int) -> Bool { self >> UInt8(index) & 1 == 1 }
}

/// The bytes of `value`, the least significant first.
func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
