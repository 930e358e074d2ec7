/// The logistic function and its inverse in integers: probabilities in 1/65536, log odds in 1/256.
enum Logistic {
    /// Largest magnitude of log odds, just under 12.
    static let bound = 3071

    /// round(65536 / (1 + e^(−(i − 24) / 2))): the function at steps of one half. Written out, since no two mathematical libraries
    /// need agree on the last bit.
    private static let steps: [Int] = [
        0, 1, 1, 2, 3, 5, 8, 13, 22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625,
        24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438,
        65476, 65500, 65514, 65523, 65528, 65531, 65533, 65534, 65535, 65535, 65536,
    ]

    /// 65536 / (1 + e^(−x / 256)) for x of −3071 to 3071, linear between the steps.
    static func squash(_ x: Int) -> Int {
        let shifted = x + 3072
        let (step, weight) = (shifted >> 7, shifted & 127)
        return (steps[step] * (128 - weight) + steps[step + 1] * weight) >> 7
    }

    /// Entry q is the least x with squash(x) ≥ 16·q + 8, at most 3071: the inverse for probabilities of 16·q to 16·q + 15.
    static let stretch: [Int32] = {
        var x = -bound
        return (0..<4096).map { q in
            while x < bound, squash(x) < 16 * q + 8 { x += 1 }
            return Int32(x)
        }
    }()

    static func clamp(_ x: Int) -> Int { min(max(x, -bound), bound) }
}
