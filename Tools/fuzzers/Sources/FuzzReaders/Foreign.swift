import Foundation
import TokenStream

/// Token files of other programs: `.npy` arrays and JSON.
func readForeignTokens(_ choice: UInt8, _ input: [UInt8]) throws {
    if choice.says(0) {
        let document = try JSONTokens.decode(Data(input))
        let again = try JSONTokens.decode(JSONTokens.encode(document))
        require(again == document, "JSON tokens change when they are written again")
    } else {
        let tracks = try NumPyCodes.decode(choice.says(1) ? withHeaderLength(input) : input)
        // An array without codebooks or tracks is no set of streams, and cannot be written as one.
        guard let again = try? NumPyCodes.encode(tracks) else { return }
        require(try NumPyCodes.decode(again) == tracks, "an array changes when it is written again")
    }
}

/// The magic, version 1.0 and the length of a header that ends with the first `}` put before `text`, so that the fuzzer need
/// not keep them in step.
private func withHeaderLength(_ text: [UInt8]) -> [UInt8] {
    let length = (text.firstIndex(of: UInt8(ascii: "}")) ?? text.count - 1) + 1
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(UInt16(truncatingIfNeeded: length)) + text
}
