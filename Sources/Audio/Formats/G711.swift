/// The two companding laws of ITU-T G.711, as tables.
///
/// Decoding gives the 16-bit values of the recommendation divided by 32768; encoding picks the nearest of them.
struct G711: Sendable {
    /// Sample value of each of the 256 codes.
    let levels: [Float]
    /// Code for every 16-bit value v, at index v + 32768.
    private let codes: [UInt8]

    static let mulaw = G711(decode: decodeMulaw)
    static let alaw = G711(decode: decodeAlaw)

    private init(decode: (UInt8) -> Int) {
        let values = (0...255).map { decode(UInt8($0)) }
        levels = values.map { Float($0) / 32768 }
        // μ-law has two zeros; later codes overwrite earlier ones, which keeps the positive zero, 0xFF.
        let codeOfValue = Dictionary(values.enumerated().map { ($1, UInt8($0)) }) { _, later in later }
        let ladder = codeOfValue.sorted { $0.key < $1.key }
        var codes = [UInt8](repeating: 0, count: 65536)
        var step = 0
        for value in -32768...32767 {
            while step + 1 < ladder.count, abs(ladder[step + 1].key - value) < abs(ladder[step].key - value) { step += 1 }
            codes[value + 32768] = ladder[step].value
        }
        self.codes = codes
    }

    /// The code nearest to a 16-bit value.
    func code(for value: Int32) -> UInt8 { codes[Int(value) + 32768] }

    private static func decodeMulaw(_ code: UInt8) -> Int {
        let bits = ~code
        let magnitude = ((Int(bits & 0x0F) << 3) + 0x84) << Int(bits >> 4 & 0x07)
        return bits & 0x80 == 0 ? magnitude - 0x84 : 0x84 - magnitude
    }

    private static func decodeAlaw(_ code: UInt8) -> Int {
        let bits = code ^ 0x55
        let segment = Int(bits >> 4 & 0x07)
        let step = Int(bits & 0x0F) << 4
        let magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1)
        return bits & 0x80 == 0 ? -magnitude : magnitude
    }
}
