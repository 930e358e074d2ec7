import Codetta
import Platform

/// The codecs to compare with: external programs, and Lyra from its published weights.
public enum Peers {
    /// The names that `systems` knows.
    public static var names: [String] { PeerFormat.all.map(\.name) + [lyra] }

    private static let lyra = "lyra"

    /// The systems of `NAME:SETTING,SETTING…`, such as `opus:6,9,12`. What is not installed is there all the same: its scores
    /// say what is missing, and so does `unavailable`.
    /// - Parameter loadModel: loads the model of a name or folder.
    /// - Throws: `EvaluationError.unknownPeer` or `.badSetting`; what `loadModel` throws for a model that is there and unsound.
    public static func systems(
        _ specification: String, loadModel: (String) throws -> Model
    ) throws -> (systems: [any CodingSystem], unavailable: EvaluationError?) {
        let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let settings = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
        if parts[0] == lyra { return try lyraSystems(settings, loadModel) }
        guard let format = PeerFormat.all.first(where: { $0.name == parts[0] }) else {
            throw EvaluationError.unknownPeer(parts[0], known: names)
        }
        if settings.isEmpty { throw EvaluationError.badSetting(peer: format.name, setting: "", expected: format.settings) }
        var missing: EvaluationError?
        let systems: [any CodingSystem] = try settings.map { setting in
            do {
                return try PeerSystem(format, setting: setting)
            } catch let error as EvaluationError {
                guard case .missingProgram = error else { throw error }
                missing = error
                return UnavailableSystem(description: try PeerSystem.description(format, setting: setting), reason: error)
            }
        }
        return (systems, missing)
    }

    /// The folder that `CODETTA_LYRA_MODEL` names, or a model called lyra-v2.
    private static func lyraSystems(
        _ settings: [String], _ loadModel: (String) throws -> Model
    ) throws -> (systems: [any CodingSystem], unavailable: EvaluationError?) {
        let rates = try settings.map { setting in
            guard let rate = Double(setting), rate > 0, rate.isFinite else {
                throw EvaluationError.badSetting(peer: lyra, setting: setting, expected: "a bitrate in kb/s")
            }
            return rate
        }
        if rates.isEmpty { throw EvaluationError.badSetting(peer: lyra, setting: "", expected: "a bitrate in kb/s") }
        do {
            let model = try loadModel(environment("CODETTA_LYRA_MODEL") ?? "lyra-v2")
            return (try rates.map { try ModelSystem(model, name: lyra, choice: .bitrate($0 * 1000), kind: .peer) }, nil)
        } catch CheckpointError.modelNotFound {
            let systems = rates.map { rate in
                EvaluatedSystem(
                    id: "\(lyra)@\(rateText(rate))", name: lyra, kind: .peer, setting: rateText(rate), nominalRate: rate)
            }
            return (systems.map { UnavailableSystem(description: $0, reason: .missingLyra) }, .missingLyra)
        }
    }
}
