// What the container costs, what one second out of the middle costs, and what damage costs, as Docs/container.md shows it:
//
//     swift run -c release TokenFileBenchmark sizes FILE...           sizes of the codes of token files by codetta-24k in every edition, preset, mode
//     swift run -c release TokenFileBenchmark access PLACES FILE      bytes, reads and time of one second at so many random places
//     swift run -c release TokenFileBenchmark loss FILE...            quality of audio files over damaged chunks and pages
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "sizes" where arguments.count > 1: try sizes(Array(arguments.dropFirst()))
case "loss" where arguments.count > 1: try loss(Array(arguments.dropFirst()))
case "access" where arguments.count == 3 && (Int(arguments[1]) ?? 0) > 0: try access(arguments[2], places: Int(arguments[1]) ?? 0)
default:
    FileHandle.standardError.write(Data("usage: TokenFileBenchmark sizes FILE... | access PLACES FILE | loss FILE...\n".utf8))
    exit(64)
}
