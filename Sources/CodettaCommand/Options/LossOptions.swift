import ArgumentParser
import Codetta

/// Packets to lose on the way.
struct LossOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Simulate a transport of one packet a frame that loses some, and make them up: random:10 loses 10 %, bursty:10 \
            in runs of \(Int(PacketLoss.defaultBurst)) on average, bursty:10:8 of 8.
            """,
            valueName: "pattern"))
    var lose: String?

    @Option(help: ArgumentHelp("Which packets: the same number loses the same ones (default: 0).", valueName: "n"))
    var seed: UInt64?

    func validate() throws {
        if lose == nil && seed != nil { throw ValidationError("--seed is for --lose.") }
        do {
            _ = try loss()
        } catch {
            throw ValidationError("--lose \(error).")
        }
    }

    /// Nil when nothing is to be lost.
    /// - Throws: `TokenStreamError.usage`; not after `validate()`.
    func loss() throws(TokenStreamError) -> PacketLoss? {
        guard let lose else { return nil }
        return try PacketLoss(lose, seed: seed ?? 0)
    }
}
