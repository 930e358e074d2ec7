import Platform
import Tokens

/// Which packets a transport loses: a model of it with a seed, so that every run loses the same ones.
public struct PacketLoss: Sendable, Hashable, CustomStringConvertible {
    /// Probability that a packet is lost.
    public let rate: Double
    /// Mean number of packets lost in a row; nil for packets that are lost independently of each other.
    public let burst: Double?
    /// Seed of the random numbers: the same seed loses the same packets.
    public let seed: UInt64

    /// Probabilities that can be asked for.
    public static let rates = 0.0...0.9
    /// Mean lengths of a burst, in packets, that can be asked for.
    public static let bursts = 1.0...1000.0
    /// Packets lost in a row on average when none is said: 80 ms at 50 frames per second.
    public static let defaultBurst = 4.0

    /// - Throws: `TokenStreamError.usage` outside `rates` and `bursts`, and for a rate that bursts with at least one packet between
    ///   them cannot reach, burst / (burst + 1).
    public init(rate: Double, burst: Double? = nil, seed: UInt64 = 0) throws(TokenStreamError) {
        guard Self.rates.contains(rate), burst.map({ Self.bursts.contains($0) && rate <= $0 / ($0 + 1) }) ?? true else {
            throw .usage("a loss of \(rate * 100) %\(burst.map { " in bursts of \($0)" } ?? "") is out of range")
        }
        (self.rate, self.burst, self.seed) = (rate, burst, seed)
    }

    /// Reads `random:10` (10 % of the packets), `bursty:10` (the same in runs of 4 on average) or `bursty:10:8` (of 8).
    /// - Throws: `TokenStreamError.usage` for anything else.
    public init(_ text: String, seed: UInt64 = 0) throws(TokenStreamError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Double($0) }
        let isBursty = parts.first == "bursty"
        guard isBursty || parts.first == "random", (1...(isBursty ? 2 : 1)).contains(numbers.count),
            numbers.count == parts.count - 1
        else { throw .usage("\(text): expected random:PERCENT, bursty:PERCENT or bursty:PERCENT:PACKETS") }
        try self.init(
            rate: numbers[0] / 100, burst: isBursty ? (numbers.count > 1 ? numbers[1] : Self.defaultBurst) : nil, seed: seed)
    }

    /// As `init(_:seed:)` reads it.
    public var description: String {
        let percent = Self.text((rate * 1e6).rounded() / 1e4)
        return burst.map { "bursty:\(percent):\(Self.text($0))" } ?? "random:\(percent)"
    }

    private static func text(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
}

/// Codes on their way through a transport that loses packets, each the codes of one superframe of all tracks.
///
/// Every stream repeats its last code before a lost packet, or 0 before there is any, as a lenient `ContainerReader` does for chunks
/// that are missing. Runs of losses follow the two-state chain of Gilbert ("Capacity of a burst-noise channel", 1960).
public struct PacketLossChannel: Sendable {
    /// Base frames sent so far.
    public private(set) var frames = 0
    /// Base frames that were lost so far.
    public private(set) var lostFrames = 0

    private let layout: CodeLayout
    private let superframe: Int
    /// Probabilities that the next packet is lost, after one that came and after one that was lost.
    private let afterArrival, afterLoss: Double
    /// Of the first packet, which has none before it.
    private let averageLoss: Double
    private var random: SplitMix64
    /// Nil before the first packet.
    private var wasLost: Bool?
    /// `[track][codebook]`.
    private var lastCodes: [[Int32]]

    /// A channel for the codes that a valid `header` introduces.
    public init(_ loss: PacketLoss, header: TokenHeader) {
        layout = header.layout
        superframe = header.layout.superframe
        afterLoss = loss.burst.map { 1 - 1 / $0 } ?? loss.rate
        afterArrival = loss.burst.map { loss.rate / ($0 * (1 - loss.rate)) } ?? loss.rate
        averageLoss = loss.rate
        random = SplitMix64(seed: loss.seed)
        lastCodes = Array(repeating: Array(repeating: 0, count: layout.codebooks.count), count: header.trackCount)
    }

    /// What arrives of `tracks`, one entry per track, whole superframes: as many codes as were sent.
    public mutating func transmit(_ tracks: [Codes]) -> [Codes] {
        var received = tracks
        let sent = layout.frames(of: tracks)
        for packet in 0..<sent / superframe {
            let isLost = loseNext()
            if isLost { lostFrames += superframe }
            for track in received.indices { pass(packet, isLost, &received[track].streams, &lastCodes[track]) }
        }
        frames += sent
        return received
    }

    private mutating func loseNext() -> Bool {
        let probability = wasLost.map { $0 ? afterLoss : afterArrival } ?? averageLoss
        // 53 bits of the generator: a number in 0..<1.
        let isLost = Double(random.next() >> 11) * 0x1p-53 < probability
        wasLost = isLost
        return isLost
    }

    private func pass(_ packet: Int, _ isLost: Bool, _ streams: inout [[Int32]], _ last: inout [Int32]) {
        for (k, codebook) in layout.codebooks.enumerated() {
            let count = superframe / codebook.stride
            let range = packet * count..<(packet + 1) * count
            if isLost {
                for i in range { streams[k][i] = last[k] }
            } else {
                last[k] = streams[k][range.upperBound - 1]
            }
        }
    }
}
