/// The payload of the END section: totals, and a checksum of the whole file before it.
struct EndRecord: Equatable {
    static let length = 32
    /// Bytes of the whole section, which is the last of every file.
    static let sectionLength = SectionHeader.length + length

    var frames: UInt64
    var samples: UInt64
    var indexOffset: UInt64
    var chunkCount: UInt32
    var fileChecksum: UInt32

    init(frames: Int, samples: Int, indexOffset: Int, chunkCount: Int, fileChecksum: UInt32) {
        self.frames = UInt64(frames)
        self.samples = UInt64(samples)
        self.indexOffset = UInt64(indexOffset)
        self.chunkCount = UInt32(chunkCount)
        self.fileChecksum = fileChecksum
    }

    init(_ payload: [UInt8], offset: Int) throws(TokenStreamError) {
        var fields = FieldReader(payload, part: "end mark", offset: offset)
        frames = try fields.take(UInt64.self)
        samples = try fields.take(UInt64.self)
        indexOffset = try fields.take(UInt64.self)
        chunkCount = try fields.take(UInt32.self)
        fileChecksum = try fields.take(UInt32.self)
        try fields.finish()
    }

    var payload: [UInt8] {
        var fields = FieldWriter()
        fields.put(frames)
        fields.put(samples)
        fields.put(indexOffset)
        fields.put(chunkCount)
        fields.put(fileChecksum)
        return fields.bytes
    }

    /// Checks the totals against each other and the header.
    func check(_ geometry: ChunkGeometry, offset: Int) throws(TokenStreamError) {
        func require(
            _ valid: Bool, _ field: String, _ found: some CustomStringConvertible, _ expected: String
        ) throws(TokenStreamError) {
            if !valid {
                throw .invalidField(
                    part: "end mark", field: field, found: found.description, expected: expected, offset: offset)
            }
        }
        try require(
            frames <= UInt64(FormatLimits.sampleCount.upperBound) && frames % UInt64(geometry.superframe) == 0,
            "frame total", frames, "a multiple of \(geometry.superframe)")
        let chunks = geometry.chunkCount(frames: Int(frames))
        try require(Int(chunkCount) == chunks, "chunk total", chunkCount, "\(chunks)")
        try length.checkCover(geometry.header, offset: offset)
        if let known = geometry.header.original.sampleCount, UInt64(known) != samples {
            throw .disagreement(field: "sample count", recorded: "\(known)", found: "\(samples)", offset: offset)
        }
    }

    /// Checks that the frames hold no more than the samples and an encoder's padding. After `check(_:offset:)`.
    func checkPadding(_ geometry: ChunkGeometry, hasSegments: Bool, offset: Int) throws(TokenStreamError) {
        try length.checkPadding(geometry.header, hasSegments: hasSegments, offset: offset)
    }

    private var length: RecordingLength { RecordingLength(samples: Int(clamping: samples), frames: Int(clamping: frames)) }
}
