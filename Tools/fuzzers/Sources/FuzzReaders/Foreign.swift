import Foundation
import TokenFiles
import Tokens

/// `.ecdc` files, from a pipe or with a header put before the input, so that the fuzzer need not make JSON.
func readECDC(_ choice: UInt8, _ input: [UInt8]) throws {
    var bytes = input
    if choice.says(0), let length = input.first {
        let (name, most) = choice.says(1) ? ("encodec_48khz", 16) : ("encodec_24khz", 32)
        let json = "{\"m\": \"\(name)\", \"al\": \(Int(length) * 500), \"nc\": \(1 + Int(choice >> 3) % most), \"lm\": false}"
        bytes = Array("ECDC".utf8) + [0, 0, 0, 0, UInt8(json.utf8.count)] + Array(json.utf8) + input.dropFirst()
    }
    let memory = MemorySource(bytes)
    let piece = choice.says(2) ? 5 : 1 << 16
    let reader = try ECDCReader(source: ClosureSource { memory.read(into: UnsafeMutableRawBufferPointer(rebasing: $0.prefix(piece))) })
    var codes = Codes(codebooks: reader.header.layout.codebooks.count)
    while let more = try reader.next() { codes.append(more) }
    guard !codes.isEmpty else { return }
    let again = try ECDCTokens.encode(EncodedAudio(header: reader.header, tracks: [codes], samples: reader.samples))
    // The header's JSON may have been spelled otherwise.
    let payload = again.dropFirst(9 + Int(again[8]))
    require(bytes.suffix(payload.count).elementsEqual(payload), "an .ecdc file changes when it is written again")
}

/// `.dac` files, and pickles with the header of an array put before them.
func readDAC(_ choice: UInt8, _ input: [UInt8]) throws {
    let header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
    let file = try DACTokens(choice.says(0) ? withHeaderLength(Array(header.utf8) + input) : input)
    guard let again = try? file.encode() else { return }
    let read = try DACTokens(again)
    require(read.tracks == file.tracks && read.samples == file.samples, "a .dac file changes when it is written again")
}

/// Token files of other programs: `.npy` and `.npz` arrays and JSON.
func readForeignTokens(_ choice: UInt8, _ input: [UInt8]) throws {
    if choice.says(0) {
        let document = try JSONTokens.decode(Array(input))
        let again = try JSONTokens.decode(JSONTokens.encode(document))
        require(again == document, "JSON tokens change when they are written again")
    } else if choice.says(2) {
        let arrays = try TokenArrays(npz: input)
        guard let again = try? arrays.npz() else { return }
        // Scales that are not numbers are not equal to themselves; containers refuse them.
        require(try TokenArrays(npz: again).tracks.map(\.streams) == arrays.tracks.map(\.streams), "an archive changes when it is written again")
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
