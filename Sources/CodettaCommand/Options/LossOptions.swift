import ArgumentParser
import Codetta

/// Packets to lose on the way.
struct LossOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Simulate lost packets, one packet per frame, and conceal them: random:10 loses 10 % of the packets, bursty:10 loses \
            them in runs of \(Int(PacketLoss.defaultBurst)) on average, bursty:10:8 in runs of 8.
            """,
            valueName: "pattern"))
    var lose: String?

    @Option(help: ArgumentHelp("Chooses the packets; the same seed loses the same packets (default: 0).", valueName: "n"))
    var seed: UInt64?

    func validate() throws {
        if lose == nil && seed != nil { throw ValidationError("--seed needs --lose.") }
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
