import Codetta
import Foundation

func number(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

/// The table of sizes of `files`, written anew in every form.
func sizes(_ files: [String]) throws {
    let model = try Model.load("codetta-24k")
    let documents = try files.map { try EncodedAudio(contentsOf: URL(fileURLWithPath: $0)) }
    let seconds = documents.reduce(0) { $0 + $1.duration }
    let frames = documents.reduce(0) { $0 + $1.header.layout.frames(of: $1.tracks) }
    print("\(documents.count) file(s), \(number(seconds, 1)) s, \(frames) frames\n")
    print("| entropy | edition | bytes | kb/s | around the codes | a file | per 100 frames | of the codes |\n|---|---|---|---|---|---|---|---|")
    for form in Form.all {
        let written = try documents.map { try write($0, form, model) }
        let (bytes, payload) = (written.reduce(0) { $0 + $1.bytes.count }, written.reduce(0) { $0 + $1.payload })
        let around = Double(bytes - payload)
        print(
            "| \(form.entropy.name) | \(form.name) | \(bytes) | \(number(Double(bytes) * 8 / seconds / 1000, 3)) | \(bytes - payload) "
                + "| \(number(around / Double(files.count), 0)) | \(number(around * 100 / Double(frames), 1)) | \(number(around * 100 / Double(payload), 1)) % |")
    }
}
