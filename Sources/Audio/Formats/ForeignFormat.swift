/// Audio formats that are not read here, by their first bytes.
enum ForeignFormat {
    /// The format's name, or nil for bytes that begin none of them.
    static func name(_ bytes: UnsafeRawBufferPointer) -> String? {
        if let known = magics.first(where: { known in
            bytes.count >= known.offset + known.magic.count && bytes[known.offset...].starts(with: known.magic)
        }) {
            return known.name
        }
        if bytes.starts(with: "RIFF".utf8), bytes.count >= 12, bytes[8..<12].elementsEqual("AVI ".utf8) { return "AVI" }
        if bytes.starts(with: OggPages.magic) { return oggName(bytes) }
        // Synchronisation word and layer 0: MPEG-2 and MPEG-4 AAC (ADTS).
        if bytes.count >= 2, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 { return "AAC (ADTS)" }
        // A transport stream has its synchronisation byte every 188 bytes.
        if bytes.count > 376, bytes[0] == 0x47, bytes[188] == 0x47, bytes[376] == 0x47 { return "an MPEG transport stream" }
        return nil
    }

    private static let magics: [(offset: Int, magic: [UInt8], name: String)] = [
        (4, Array("ftypM4A".utf8), "M4A (MP4 audio)"), (4, Array("ftypqt".utf8), "QuickTime"), (4, Array("ftyp3g".utf8), "3GP"),
        (4, Array("ftyp".utf8), "MP4"), (4, Array("moov".utf8), "QuickTime"),
        (0, [0x1A, 0x45, 0xDF, 0xA3], "WebM or Matroska"),
        (0, [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "WMA (ASF)"),
        (0, Array("#!AMR-WB".utf8), "AMR-WB"), (0, Array("#!AMR".utf8), "AMR"), (0, Array("ADIF".utf8), "AAC (ADIF)"),
        (0, Array("FLV".utf8), "Flash video"), (0, Array("MThd".utf8), "MIDI"), (0, Array("wvpk".utf8), "WavPack"),
        (0, Array("MAC ".utf8), "Monkey's Audio"), (0, Array("TTA1".utf8), "TTA"), (0, Array("MPCK".utf8), "Musepack"),
        (0, Array("MP+".utf8), "Musepack"), (0, Array("DSD ".utf8), "DSF"), (0, Array("FRM8".utf8), "DSDIFF"),
        (0, Array("tBaK".utf8), "TAK"), (0, Array("OFR ".utf8), "OptimFROG"), (0, Array(".RMF".utf8), "RealMedia"),
        (0, [0x0B, 0x77], "AC-3"), (0, [0x7F, 0xFE, 0x80, 0x01], "DTS"), (0, [0, 0, 1, 0xBA], "an MPEG program stream"),
        (0, Array("LA0".utf8), "LA"), (0, Array("ajkg".utf8), "Shorten"),
    ]

    private static func oggName(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count > OggPages.headerBytes else { return nil }
        let packet = UnsafeRawBufferPointer(rebasing: bytes[min(bytes.count, OggPages.headerBytes + Int(bytes[26]))...])
        let names: [(magic: String, name: String)] = [
            ("Speex   ", "Ogg Speex"), ("\u{80}theora", "Ogg Theora"), ("PCM     ", "Ogg PCM"), ("fishead", "Ogg with several streams"),
        ]
        return names.first { name in packet.starts(with: name.magic.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }) }?.name
    }
}
