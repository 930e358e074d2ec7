import Kernels
import Platform

/// All links of an Ogg file, one after the other, at the rate and with the channels of the first.
final class OggSource: SampleSource {
    let format: AudioFormat
    let sampleRate: Int
    let channelCount: Int
    let totalSamples: Int?
    let speakers: [Speaker]?
    let isLive = false
    var warnings: [AudioWarning] { earlierWarnings + (current?.warnings ?? []) }

    private let bytes: SeekableBytes
    private let links: [OggLinks.Link]
    private let name: String
    private let isLenient: Bool
    private let converter: PartConverter
    private var current: LibrarySource?
    private var opened = 1
    private var earlierWarnings: [AudioWarning] = []
    private var ready: AudioBlock
    private var buffer: [Float] = []

    /// Links whose length is asked before the first sample is read.
    private static let mostCounted = 64

    /// Nil for what libsndfile reads by itself: a single link without FLAC.
    /// - Throws: as `LibrarySource.init`; `.notAudio` for parts that cannot be joined.
    init?(_ bytes: SeekableBytes, name: String, isLenient: Bool) throws(AudioError) {
        let links: [OggLinks.Link]
        do {
            guard let magic = try bytes.bytes(at: 0, count: 4), magic == OggPages.magic else { return nil }
            links = try OggLinks.find(in: bytes)
        } catch {
            throw .io(file: name, operation: "reading", reason: error.reason)
        }
        guard links.count > 1 || links.contains(where: { OggFLAC.matches($0.firstPacket) }) else { return nil }
        let first = try Self.open(links[0], of: bytes, name: name, isLenient: isLenient)
        (self.bytes, self.links, self.name, self.isLenient) = (bytes, links, name, isLenient)
        (sampleRate, channelCount, speakers) = (first.sampleRate, first.channelCount, first.speakers)
        let isFLAC = OggFLAC.matches(links[0].firstPacket)
        let link = isFLAC ? "Ogg, FLAC, \(first.format.sampleFormat?.title ?? "")" : first.format.description
        format = AudioFormat(
            container: .ogg, sampleFormat: first.format.sampleFormat,
            description: links.count == 1 ? link : "\(link), \(links.count) parts")
        let converter = PartConverter(sampleRate: sampleRate, channelCount: channelCount, name: name)
        self.converter = converter
        ready = AudioBlock(channelCount: channelCount)
        current = first
        var total = first.totalSamples
        if links.count <= Self.mostCounted {
            for link in links.dropFirst() {
                let part = try Self.open(link, of: bytes, name: name, isLenient: isLenient)
                guard let known = total, let samples = part.totalSamples else { total = nil; continue }
                total = known + converter.length(of: samples, at: part.sampleRate)
            }
        } else {
            total = nil
        }
        totalSamples = total
    }

    private static func open(
        _ link: OggLinks.Link, of bytes: SeekableBytes, name: String, isLenient: Bool
    ) throws(AudioError) -> LibrarySource {
        let part = SeekableBytes(descriptor: bytes.descriptor, owner: bytes, base: bytes.base + link.range.lowerBound, size: link.range.count)
        guard OggFLAC.matches(link.firstPacket) else { return try LibrarySource(part, name: name, isLenient: isLenient) }
        // The pages are checked before they go, since plain FLAC does not tell that one was cut.
        let warnings = try DeclaredExtent.check(part, name: name, isLenient: isLenient)
        let plain: SeekableBytes
        do {
            plain = try OggFLAC.unwrap(part)
        } catch {
            throw .io(file: name, operation: "making a temporary copy", reason: error.reason)
        }
        return try LibrarySource(plain, name: name, isLenient: isLenient, warnings: warnings)
    }

    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        while ready.isEmpty, let part = current { try fill(from: part, count: count) }
        let given = min(count, ready.sampleCount)
        ready.takeFirst(given, into: samples)
        return given
    }

    private func fill(from part: LibrarySource, count: Int) throws(AudioError) {
        let channels = part.channelCount
        if buffer.count < count * channels { buffer = [Float](repeating: 0, count: count * channels) }
        let got = try buffer.withUnsafeMutableBufferPointer { space throws(AudioError) in
            guard let base = space.baseAddress else { return 0 }
            return try part.read(into: base, count: count)
        }
        if got > 0 {
            let block = AudioBlock(Frames(count: got, channels: channels, values: Array(buffer.prefix(got * channels))))
            ready.append(try converter.convert(block))
            return
        }
        earlierWarnings += part.warnings
        current = nil
        if opened < links.count {
            let next = try Self.open(links[opened], of: bytes, name: name, isLenient: isLenient)
            opened += 1
            if let rest = try converter.begin(sampleRate: next.sampleRate, channelCount: next.channelCount) { ready.append(rest) }
            current = next
        } else if let rest = try converter.finish() {
            ready.append(rest)
        }
    }
}
