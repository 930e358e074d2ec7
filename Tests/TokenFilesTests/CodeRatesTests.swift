import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// What codes are said to cost before they are coded.
@Suite struct CodeRatesTests {
    private func sum(_ bits: [Float]) -> Double { bits.reduce(0) { $0 + exp2(-Double($1)) } }

    private func header(_ entropy: EntropyMode, model: EntropyModel? = nil, framesPerChunk: Int = 4) -> TokenHeader {
        TokenHeader(
            codecName: "rates", modelType: "fixture", weights: SHA256.hash([1]),
            layout: CodeLayout(uniform: 2, size: 20, hopLength: 320, sampleRate: 24000),
            original: OriginalAudio(sampleRate: 24000, channels: 1, subtype: "pcm16"), entropy: entropy, entropyModel: model?.name,
            framesPerChunk: framesPerChunk)
    }

    private func draw(_ bits: [Float], _ random: inout SplitMix64) -> Int32 {
        var left = Double.random(in: 0..<1, using: &random)
        for (code, bits) in bits.enumerated() {
            left -= exp2(-Double(bits))
            if left < 0 { return Int32(code) }
        }
        return Int32(bits.count - 1)
    }

    private func fileSize(_ header: TokenHeader, _ streams: [[Int32]], _ model: EntropyModel?) throws -> Int {
        let writer = try ContainerWriter(header: header, sink: MemorySink(), entropyModel: model)
        try writer.write([Codes(streams: streams)])
        try writer.finish(samples: streams[0].count * 320)
        return writer.payloadByteCount
    }

    @Test func packedCodesHaveNone() throws {
        #expect(try header(.none).makeCodeRates(entropyModel: nil) as Any? == nil)
        #expect(throws: TokenStreamError.self) { try header(.lm, model: fixtureModel()).makeCodeRates(entropyModel: nil) }
    }

    /// Codes drawn as the rates say cost a coder what the rates say.
    @Test func learnedRatesAreTheCodersOwn() throws {
        let model = try fixtureModel()
        let header = header(.lm, model: model, framesPerChunk: 50)
        var rates = try #require(try header.makeCodeRates(entropyModel: model))
        var random = SplitMix64(seed: 5)
        var (streams, total) = ([[Int32]](repeating: [], count: 2), 0.0)
        for _ in 0..<6000 {
            var frame: [Int32] = [-1, -1]
            for k in 0..<2 {
                let bits = rates.bits(of: k, given: [frame, frame])
                #expect(bits[0] == bits[1] && abs(sum(bits[0]) - 1) < 1e-4)
                frame[k] = draw(bits[0], &random)
                total += Double(bits[0][Int(frame[k])])
                streams[k].append(frame[k])
            }
            rates.advance(by: frame)
        }
        let coded = Double(8 * (try fileSize(header, streams, model)))
        #expect(abs(coded / total - 1) < 0.03, "\(coded) bits, \(total) foreseen")
        // Codes that are all alike could not tell.
        #expect(total < 0.98 * 12000 * log2(20))
    }

    @Test func adaptiveRatesFollowTheFrequencies() throws {
        let header = header(.adaptive)
        var rates = try #require(try header.makeCodeRates(entropyModel: nil))
        let fresh = rates.bits(of: 1, given: [[3, -1]])[0]
        #expect(fresh.allSatisfy { abs($0 - log2(20)) < 1e-5 })
        var last = fresh[7]
        for _ in 0..<255 {
            rates.advance(by: [2, 7])
            let bits = rates.bits(of: 1, given: [[2, -1]])[0]
            #expect(bits[7] < last && bits[8] > fresh[8] && abs(sum(bits) - 1) < 1e-5)
            last = bits[7]
        }
        #expect(last < 0.1)
        // A chunk has 4 frames here, and the coder forgets after 64 chunks.
        rates.advance(by: [2, 7])
        #expect(rates.bits(of: 1, given: [[3, -1]])[0] == fresh)
    }

    @Test func learnedRatesStartAnewWithTheCoder() throws {
        let model = try fixtureModel()
        var rates = try #require(try header(.lm, model: model).makeCodeRates(entropyModel: model))
        let fresh = rates.bits(of: 1, given: [[3, -1]])
        for i in 0..<255 { rates.advance(by: [Int32(i % 20), Int32(i % 7)]) }
        #expect(rates.bits(of: 1, given: [[3, -1]]) != fresh)
        rates.advance(by: [1, 1])
        #expect(rates.bits(of: 1, given: [[3, -1]]) == fresh)
    }
}
