import Codetta

/// The times of kernels as a table for people: longest first, with the rest of the work as its last line.
struct KernelProfileTable {
    let text: String

    /// - Parameters:
    ///   - work: seconds of all work, kernels or not.
    ///   - peak: operations per second that a core does at most.
    init(_ times: [KernelTime], work: Double, peak: Double) {
        var rows = [["Kernel", "share", "ms", "calls", "GFLOP/s", "of peak"]]
        for time in times {
            let rate = time.seconds > 0 ? time.operations / time.seconds : 0
            rows.append([
                time.name, Self.share(time.seconds, of: work), Format.decimal(time.seconds * 1000, 1), "\(time.calls)",
                time.operations > 0 ? Format.decimal(rate / 1e9, 1) : "–", time.operations > 0 ? Self.share(rate, of: peak) : "–",
            ])
        }
        let rest = work - times.reduce(0) { $0 + $1.seconds }
        rows.append(["all else", Self.share(rest, of: work), Format.decimal(rest * 1000, 1), "", "", ""])
        text = TextTable(rows, beginsWithNames: true).text
    }

    private static func share(_ part: Double, of whole: Double) -> String {
        whole > 0 ? Format.decimal(100 * part / whole, 1) + " %" : "–"
    }
}

extension KernelTime {
    /// The kernel and its shape, as in "convolution 7 /2 ×3 96→192".
    var name: String {
        var words = [kernel]
        if kernelSize > 1 { words.append("\(kernelSize)") }
        if stride > 1 { words.append("/\(stride)") }
        if dilation > 1 { words.append("×\(dilation)") }
        if groups > 1 { words.append("\(groups) groups") }
        words.append(inputs == outputs ? "\(inputs)" : "\(inputs)→\(outputs)")
        return words.joined(separator: " ")
    }
}
