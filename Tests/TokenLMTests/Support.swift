import Checkpoints
import Foundation
import TestSupport
import TokenLM
import Tokens

func fixture(_ name: String) -> String { Bundle.module.fixture(name) }

func tinyModel(_ name: String = "tiny-lm") throws -> TokenLanguageModel {
    try TokenLanguageModel(folder: ModelFolder(path: fixture(name)))
}

/// Codes drawn evenly, for a number of base frames.
func randomCodes(frames: Int, sizes: [Int], strides: [Int], seed: UInt64) -> Codes {
    var random = CounterGenerator(seed: seed)
    return Codes(
        streams: zip(sizes, strides).map { size, stride in
            (0..<((frames + stride - 1) / stride)).map { _ in Int32(random.next() % UInt64(size)) }
        })
}

/// χ² of counts against probabilities, and its degrees of freedom; cells that expect less than five are joined.
func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> (statistic: Double, freedom: Int) {
    let total = Double(counts.reduce(0, +))
    var (statistic, cells) = (0.0, 0)
    var (restCount, restExpected) = (0.0, 0.0)
    for (count, probability) in zip(counts, probabilities) {
        let expected = total * probability
        if expected < 5 {
            restCount += Double(count)
            restExpected += expected
        } else {
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
            cells += 1
        }
    }
    if restExpected > 1 {
        statistic += (restCount - restExpected) * (restCount - restExpected) / restExpected
        cells += 1
    } else if restExpected == 0 && restCount > 0 {
        statistic = .infinity
    }
    return (statistic, cells - 1)
}

/// χ² of two samples' counts being from one distribution.
func chiSquare(_ a: [Int], and b: [Int]) -> (statistic: Double, freedom: Int) {
    var (statistic, cells) = (0.0, 0)
    let ratio = (Double(b.reduce(0, +)) / Double(a.reduce(0, +))).squareRoot()
    for (x, y) in zip(a, b) where x + y > 0 {
        let difference = Double(x) * ratio - Double(y) / ratio
        statistic += difference * difference / Double(x + y)
        cells += 1
    }
    return (statistic, cells - 1)
}

/// A bound that χ² of `freedom` exceeds about once in 30 000 (Wilson and Hilferty 1931).
func chiSquareBound(_ freedom: Int) -> Double {
    let f = Double(freedom)
    let root = 1 - 2 / (9 * f) + 4 * (2 / (9 * f)).squareRoot()
    return f * root * root * root
}
