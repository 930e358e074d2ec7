/// What a track's codes will cost an entropy coder, estimated before they are chosen: what an encoder can weigh against the error that
/// codes leave. It moves along a stream frame by frame; a copy is a checkpoint.
public protocol CodeRates: Sendable {
    /// Bits of each code of `codebook` in the current frame, given codes of the same frame: an array for each of `frames`, whose
    /// entry k is the code of codebook k, or −1 where it is still open.
    func bits(of codebook: Int, given frames: [[Int32]]) -> [[Float]]
    /// Goes on to the next frame; `frame` are the codes that this one got.
    mutating func advance(by frame: [Int32])
}
