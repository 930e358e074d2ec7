import Foundation
import Testing
import TokenLM

@Suite struct SamplingTests {
    /// Logits of the probabilities 1/2, 1/4, 1/8, 1/8.
    private let logits: [Float] = [0.5, 0.25, 0.125, 0.125].map { Float(log($0)) }

    private func distribution(_ change: (inout SamplingOptions) -> Void, history: [Int32] = []) -> [Double] {
        var options = SamplingOptions()
        change(&options)
        return options.distribution(logits, history: history)
    }

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool { a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 } }

    @Test func theGeneratorIsPhilox() {
        // The known answers of the authors' Random123 library.
        #expect(CounterGenerator.philox(counter: .zero, key: .zero) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = UInt32.max
        #expect(
            CounterGenerator.philox(counter: [ones, ones, ones, ones], key: [ones, ones])
                == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        #expect(
            CounterGenerator.philox(
                counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
                == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
        var generator = CounterGenerator(seed: 0)
        #expect(generator.next() == 0xe169_c58d_6627_e8d5)
        #expect(generator.next() == 0x9b00_dbd8_bc57_ac4c)
    }

    @Test func streamsOfOneSeedDiffer() {
        var (a, b) = (CounterGenerator(seed: 5, stream: 0), CounterGenerator(seed: 5, stream: 1))
        #expect((0..<8).map { _ in a.next() } != (0..<8).map { _ in b.next() })
    }

    @Test func everyFilterGivesItsExactDistribution() {
        #expect(isClose(distribution { _ in }, [0.5, 0.25, 0.125, 0.125]))
        #expect(isClose(distribution { $0.temperature = 0.5 }, [16, 4, 1, 1].map { $0 / 22 }))
        #expect(isClose(distribution { $0.topK = 3 }, [4, 2, 1, 0].map { $0 / 7 }))
        #expect(isClose(distribution { $0.topK = 1 }, [1, 0, 0, 0]))
        #expect(isClose(distribution { $0.topP = 0.7 }, [2.0 / 3, 1.0 / 3, 0, 0]))
        #expect(isClose(distribution { $0.topP = 0.4 }, [1, 0, 0, 0]))
        #expect(isClose(distribution { $0.minP = 0.4 }, [2.0 / 3, 1.0 / 3, 0, 0]))
        // Entropy 1.75 bits: 2 bits (code 1) is nearest, then 1 bit (code 0).
        #expect(isClose(distribution { $0.typical = 0.2 }, [0, 1, 0, 0]))
        #expect(isClose(distribution { $0.typical = 0.7 }, [2.0 / 3, 1.0 / 3, 0, 0]))
        #expect(isClose(distribution { ($0.topK, $0.topP) = (3, 0.8) }, [2.0 / 3, 1.0 / 3, 0, 0]))
    }

    @Test func temperatureZeroTakesTheFirstOfTheLikeliest() {
        var options = SamplingOptions()
        options.temperature = 0
        #expect(options.distribution([1, 3, 3, 2] as [Float], history: [Int32]()) == [0, 1, 0, 0])
    }

    @Test func repeatedCodesAreDrawnAgainFromTheWholeDistribution() {
        let aware = distribution(
            { ($0.topK, $0.repetition) = (2, .init(window: 4, threshold: 0.5)) }, history: [1, 1, 1, 0, 0, 0, 1])
        // Of the last four, three are code 0: its 2/3 go through [1/2, 1/4, 1/8, 1/8] again.
        #expect(isClose(aware, [1.0 / 3, 1.0 / 3 + 1.0 / 6, 1.0 / 12, 1.0 / 12]))
        let unaware = distribution({ ($0.topK, $0.repetition) = (2, .init(window: 4, threshold: 0.8)) }, history: [0, 0, 0, 1])
        #expect(isClose(unaware, [2.0 / 3, 1.0 / 3, 0, 0]))
    }

    @Test(arguments: [1, 7, 99]) func drawnCodesFollowTheDistribution(seed: UInt64) {
        let p = [0.05, 0, 0.4, 0.3, 0.25]
        var generator = CounterGenerator(seed: seed)
        var counts = [Int](repeating: 0, count: p.count)
        for _ in 0..<20_000 { counts[Int(generator.code(from: p))] += 1 }
        #expect(counts[1] == 0)
        let (statistic, freedom) = chiSquare(counts, p)
        #expect(statistic < chiSquareBound(freedom))
        #expect(chiSquare(counts, [0.07, 0, 0.38, 0.3, 0.25]).statistic > chiSquareBound(freedom))
    }

    @Test func senselessOptionsAreNamed() {
        let bad: [(String, (inout SamplingOptions) -> Void)] = [
            ("temperature", { $0.temperature = .nan }), ("temperature", { $0.temperature = -1 }),
            ("temperature", { $0.temperature = .infinity }), ("top-k", { $0.topK = 0 }), ("top-k", { $0.topK = 17 }),
            ("top-p", { $0.topP = 0 }), ("top-p", { $0.topP = 1.5 }), ("top-p", { $0.topP = .nan }), ("min-p", { $0.minP = -0.1 }),
            ("typical", { $0.typical = 0 }), ("guidance", { $0.guidance = .nan }),
            ("repetition window", { $0.repetition = .init(window: 0) }),
            ("repetition threshold", { $0.repetition = .init(threshold: 2) }),
        ]
        for (name, change) in bad {
            var options = SamplingOptions()
            change(&options)
            do {
                try options.validate(vocabulary: 16)
                Issue.record("\(name) was accepted")
            } catch {
                #expect(error.description.hasPrefix(name), "\(error)")
            }
        }
        #expect(throws: Never.self) { try SamplingOptions().validate(vocabulary: 2) }
    }
}
