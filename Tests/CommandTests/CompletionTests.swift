import Foundation
#if canImport(Glibc)
    import Glibc
#endif
import Platform
import TestSupport
import Testing

/// Completion as a user meets it: keys typed into a shell on a terminal.
@Suite(.serialized) struct CompletionTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        for name in ["talk-one.wav", "talk-two.flac", "unlike.txt"] { try scratch.write([], to: name) }
        try FileManager.default.createDirectory(atPath: scratch.path("modelfolder"), withIntermediateDirectories: true)
        try scratch.link("codetta", to: Command.executable.path)
        for shell in ["bash", "zsh", "fish"] {
            let made = try Command.run(["--generate-completion-script", shell])
            #expect(made.status == 0)
            try scratch.write(made.output, to: shell == "zsh" ? "_codetta" : "completion.\(shell)")
        }
    }

    /// What stands on the terminal after `keys` were typed at the prompt of `shell`.
    private func typing(_ keys: String, in shell: [String], setup: String, until wanted: String) throws -> String {
        let (primary, name) = try #require(PseudoTerminal.open())
        var size = winsize(ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(primary, UInt(TIOCSWINSZ), &size)
        let terminal = try #require(FileHandle(forUpdatingAtPath: name))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = shell
        process.currentDirectoryURL = scratch.url
        process.environment = [
            "PATH": "\(scratch.path):/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "HOME": scratch.path, "TERM": "xterm", "LC_ALL": "C.UTF-8",
            "CODETTA_MODELS": PackageFolder.path("Models"),
        ]
        (process.standardInput, process.standardOutput, process.standardError) = (terminal, terminal, terminal)
        try process.run()
        defer {
            // Hangs up: what setsid started is no child of ours.
            close(primary)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        _ = fcntl(primary, F_SETFL, O_NONBLOCK)
        var screen = ""
        func see(_ text: String, seconds: Double = 30) -> Bool {
            let end = Date(timeIntervalSinceNow: seconds)
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while !screen.contains(text), Date() < end {
                let got = buffer.withUnsafeMutableBytes { read(primary, $0.baseAddress, $0.count) }
                // The bell is no part of what stands there.
                if got > 0 { screen += String(decoding: buffer[..<got].filter { $0 != 7 }, as: UTF8.self) } else { usleep(20_000) }
            }
            return screen.contains(text)
        }
        send(Array((setup + "; echo rea''dy\r").utf8), to: primary)
        #expect(see("ready"), "\(screen)")
        usleep(300_000)
        screen = ""
        send(Array(keys.utf8), to: primary)
        _ = see(wanted)
        return screen
    }

    private static func has(_ shell: String) -> Bool {
        ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(shell)") }
    }

    /// Keys, and what must come to stand on the line.
    private static let cases: [(keys: String, wanted: String)] = [
        ("codetta encode talk-o\t", "talk-one.wav"), ("codetta encode talk-one.wav -o talk-t\t", "talk-two.flac"),
        ("codetta encode --model codetta-2\t", "codetta-24k"), ("codetta encode -m modelf\t", "modelfolder"),
        ("codetta encode --entropy ada\t", "adaptive"), ("codetta decode x --container fl\t", "flac"), ("codetta generate --format saf\t", "safetensors"),
        ("codetta info codetta-2\t", "codetta-24k"), ("codetta info talk-t\t", "talk-two.flac"), ("codetta evaluate a b --measures visqolA\t", "visqolAudio"),
        ("codetta models show codetta-2\t", "codetta-24k"), ("codetta rou\t", "roundtrip"),
    ]

    @Test(.enabled(if: has("bash")), arguments: cases) func bashCompletes(keys: String, wanted: String) throws {
        let screen = try typing(keys, in: ["bash", "--noprofile", "--norc", "-i"], setup: "PS1='> '; source completion.bash", until: wanted)
        #expect(screen.contains(wanted), "\(screen)")
    }

    @Test(.enabled(if: has("zsh")), arguments: cases) func zshCompletes(keys: String, wanted: String) throws {
        let setup = "PS1='> '; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D"
        let screen = try typing(keys, in: ["zsh", "-f", "-i"], setup: setup, until: wanted)
        #expect(screen.contains(wanted), "\(screen)")
    }

    /// fish wants the terminal for its own, which setsid gives it.
    @Test(.enabled(if: has("fish") && has("setsid")), arguments: cases) func fishCompletes(keys: String, wanted: String) throws {
        let setup = "function fish_prompt; echo '> '; end; set fish_autosuggestion_enabled 0; source completion.fish"
        let screen = try typing(keys, in: ["setsid", "--ctty", "fish", "--no-config", "-i"], setup: setup, until: wanted)
        #expect(screen.contains(wanted), "\(screen)")
    }
}

/// A terminal whose keyboard and screen are a descriptor.
private enum PseudoTerminal {
    /// The descriptor, and the name that programs open the terminal by.
    static func open() -> (primary: Int32, name: String)? {
        #if canImport(Darwin)
            let primary = posix_openpt(O_RDWR | O_NOCTTY)
            guard primary >= 0, grantpt(primary) == 0, unlockpt(primary) == 0, let name = ptsname(primary) else { return nil }
            return (primary, String(cString: name))
        #else
            // Glibc's calls for this are hidden from Swift; these are the requests that they make (TIOCSPTLCK and TIOCGPTN).
            let primary = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (lock, number): (Int32, UInt32) = (0, 0)
            guard primary >= 0, ioctl(primary, 0x4004_5431, &lock) == 0, ioctl(primary, 0x8004_5430, &number) == 0 else { return nil }
            return (primary, "/dev/pts/\(number)")
        #endif
    }
}
