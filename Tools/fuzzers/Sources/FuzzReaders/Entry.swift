import Foundation

/// libFuzzer's loop, with a `main` of our own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// What SwiftPM makes the program start with: `FuzzReaders --target=NAME [libFuzzer's options] CORPUS…`. libFuzzer leaves options
/// with two dashes alone.
@_cdecl("FuzzReaders_main")
public func entry(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    let words = (0..<Int(count)).compactMap { arguments[$0].map { String(cString: $0) } }
    let prefix = "--target="
    guard let word = words.first(where: { $0.hasPrefix(prefix) }), FuzzTarget.named(String(word.dropFirst(prefix.count))) != nil
    else {
        let usage = "usage: FuzzReaders --target=\(FuzzTarget.names.joined(separator: "|")) [OPTION…] CORPUS…\n"
        FileHandle.standardError.write(Data(usage.utf8))
        return 64
    }
    // Sizes that a file may ask for, well below what libFuzzer takes for a leak.
    setenv("CODETTA_MEMORY_BUDGET", "\(256 << 20)", 1)
    signal(SIGPIPE, SIG_IGN)
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments, fuzzOne)
}

/// One execution. Every input is tried with the target that the command line names.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
    FuzzTarget.chosen.run(UnsafeBufferPointer(start: data, count: size))
    return 0
}
