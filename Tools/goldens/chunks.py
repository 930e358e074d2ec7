"""Edition 1 of the .codetta container, as Docs/container-1.md specifies it: writer and strict reader, all in memory."""
import struct

import coder
from common import (
    TOP, Fields, Refused, by_stream, check_cover, check_header, check_padding, code_count, crc32c, extend, frame_total, none, pack,
    packed_bits, packed_length, part_of, preamble, read_preamble, read_segments, require, segments_limit, segments_payload, superframe,
    unpack, usual_tail)

SYNC = bytes.fromhex("c0de77a5")
HEADER, CHUNK, INDEX, END, SEGMENTS, OPTIONAL = 1, 2, 3, 4, 5, 0x8000
NAMES = {HEADER: "header", CHUNK: "chunk", INDEX: "index", END: "end mark", SEGMENTS: "segments"}
UNKNOWN = 2**64 - 1
# Chunks from one fresh model to the next.
CHUNKS_PER_MODEL = 64
# Chunks that may be missing in a row before a jump is taken for damage.
NEAR = 65536


class ChunkModel(coder.Model):
    """Fresh in every 64th chunk."""

    def __init__(self, h):
        super().__init__(h, coder.table_bits(CHUNKS_PER_MODEL * packed_bits(h, h["framesPerChunk"])))

    def begin(self, first):
        if first % (CHUNKS_PER_MODEL * self.h["framesPerChunk"]) == 0:
            self.restart()


# Writing


def section(kind, sequence, payload, first=0, frames=0):
    head = SYNC + struct.pack("<HHIQII", kind, frames, sequence, first, len(payload), crc32c(payload))
    return head + struct.pack("<I", crc32c(head)) + payload


def header_payload(h):
    known = h["sampleCount"]
    name, kind, subtype = (h[key].encode() for key in ("codecName", "modelType", "subtype"))
    fixed = struct.pack(
        "<32sIIIHHQHHHBB", bytes.fromhex(h["weights"]), h["sampleRate"], h["hopLength"], h["originalRate"], h["channels"],
        h["originalChannels"], UNKNOWN if known is None else known, h["trackCount"], len(h["codebooks"]), h["framesPerChunk"],
        h["entropy"], len(subtype))
    table = b"".join(struct.pack("<II", size, stride) for size, stride in h["codebooks"])
    return fixed + table + bytes([len(name)]) + name + bytes([len(kind)]) + kind + subtype + bytes.fromhex(h.get("entropyModel", ""))


def index_payload(offsets):
    spacing = 1
    while -(-len(offsets) // spacing) > 65536:
        spacing *= 2
    kept = offsets[::spacing]
    return struct.pack("<II", spacing, len(kept)) + struct.pack(f"<{len(kept)}Q", *kept)


def write(h, tracks, samples, minor=None, optional=()):
    """`tracks[track][codebook]` are the codes; `optional` are (type, payload) pairs put before the first chunk. `h["segments"]`, if
    there, has the (first frame, scale) of the segments of each track."""
    model = ChunkModel(h) if h["entropy"] else None
    out = preamble(1, h["entropy"] if minor is None else minor) + section(HEADER, 0, header_payload(h))
    sequence = 1
    for kind, payload in optional:
        out += section(kind, sequence, payload)
        sequence += 1
    frames, offsets = frame_total(h, tracks), []
    for first in range(0, frames, h["framesPerChunk"]):
        count = min(h["framesPerChunk"], frames - first)
        codes = part_of(h, tracks, first, first + count)
        payload = pack(h, codes, count, by_stream)
        if model:
            model.begin(first)
            payload = model.write(codes, count, payload)
        offsets.append(len(out))
        begun = [[(at - first, scale) for at, scale in track if first <= at < first + count] for track in h.get("segments", [])]
        if any(begun):
            out += section(SEGMENTS, sequence, segments_payload(begun), first, count)
            sequence += 1
        out += section(CHUNK, sequence, payload, first, count)
        sequence += 1
    index = len(out)
    out += section(INDEX, sequence, index_payload(offsets))
    return out + section(END, sequence + 1, struct.pack("<QQQII", frames, samples, index, len(offsets), crc32c(out)))


# Reading


def read_header(payload):
    f = Fields(payload, "header")
    h = dict(
        weights=f.take(32).hex(), sampleRate=f.unsigned(4), hopLength=f.unsigned(4), originalRate=f.unsigned(4), channels=f.unsigned(2),
        originalChannels=f.unsigned(2))
    samples = f.unsigned(8)
    h.update(trackCount=f.unsigned(2))
    count = f.unsigned(2)
    h.update(sampleCount=None if samples == UNKNOWN else samples, framesPerChunk=f.unsigned(2), entropy=f.unsigned(1))
    require(h["entropy"] <= 2, "unknownEntropyMode", found=h["entropy"])
    length = f.unsigned(1)
    h["codebooks"] = [(f.unsigned(4), f.unsigned(4)) for _ in range(count)]
    h["codecName"] = f.text("codec name", f.unsigned(1))
    h["modelType"] = f.text("model type", f.unsigned(1))
    h["subtype"] = f.text("original subtype", length)
    if h["entropy"] == 2:
        h["entropyModel"] = f.take(8).hex()
    f.end()
    check_header(h)
    frames = h["framesPerChunk"]
    f.require(frames >= 1 and frames % superframe(h) == 0, "frames per chunk", frames)
    f.require(code_count(h, frames) <= 2**22, "codes in a chunk")
    return h


def check_section(h, kind, first, frames, length):
    """What a section's header may say; `h` is None before the header was read."""

    def fail(field, found):
        raise Refused("invalidField", NAMES.get(kind, f"section of type {kind}"), field, found)

    if kind in (CHUNK, SEGMENTS):
        if not 1 <= frames <= h["framesPerChunk"] or frames % superframe(h):
            fail("frame count", frames)
        if first >= TOP or first % h["framesPerChunk"]:
            fail("first frame", first)
        if kind == SEGMENTS and superframe(h) != 1:
            fail("superframe", superframe(h))
        longest = segments_limit(h, frames) if kind == SEGMENTS else packed_length(h, frames)
        least = longest if kind == CHUNK and not h["entropy"] else 1
        if not least <= length <= longest:
            fail("payload length", length)
    elif kind in (HEADER, INDEX, END):
        if frames:
            fail("frame count", frames)
        if first:
            fail("first frame", first)


def read_section(data, at, h):
    """(type, sequence number, first frame, frame count, payload, end) of the section at byte `at`."""
    head = data[at : at + 32]
    require(len(head) == 32, "truncated", "a section header")
    require(head[:4] == SYNC and crc32c(head[:28]) == struct.unpack("<I", head[28:])[0], "checksum", "section header")
    kind, frames, sequence, first, length, checksum = struct.unpack("<HHIQII", head[4:28])
    name = NAMES.get(kind, f"section of type {kind}")
    require(length <= 2**24, "invalidField", name, "payload length", length)
    if h:
        check_section(h, kind, first, frames, length)
    payload = data[at + 32 : at + 32 + length]
    require(len(payload) == length, "truncated", f"the rest of the {name}")
    require(crc32c(payload) == checksum, "checksum", name)
    return kind, sequence, first, frames, payload, at + 32 + length


class Reader:
    """The strict reader of one file: what was read so far."""

    def __init__(self, data):
        self.data, self.at = data, 16
        require(self.at < len(data), "truncated", "the header")
        kind, sequence, first, frames, payload, at = read_section(data, self.at, None)
        require(kind == HEADER, "invalidField", "first section", "type", kind)
        self.h = read_header(payload)
        coder.check_model(self.h)
        check_section(self.h, kind, first, frames, len(payload))
        self.sequence = 0
        self.check_sequence(sequence)
        self.at, self.index, self.offsets = at, None, []
        self.tracks, self.frames = none(self.h), 0
        self.begun = None  # segments that wait for their chunk: offset, frames, segments
        self.model = ChunkModel(self.h) if self.h["entropy"] else None

    def check_sequence(self, sequence):
        require(sequence == self.sequence, "outOfSequence", found=sequence)
        self.sequence += 1

    def check_place(self, name):
        require(self.index is None, "invalidField", name, "place", "after the index")

    def check_turn(self, name, first, sequence):
        require(first >= self.frames, "repeatedChunk", found=first)
        require(first - self.frames <= NEAR * self.h["framesPerChunk"], "invalidField", name, "first frame", first)
        if first == self.frames:
            self.check_sequence(sequence)
        require(first == self.frames, "missingFrames", found=self.frames)
        self.check_place(name)

    def read_next(self):
        """Reads a section. The samples if it is the end mark, else None."""
        require(self.at < len(self.data), "truncated", "the end mark")
        begin = self.at
        kind, sequence, first, frames, payload, self.at = read_section(self.data, begin, self.h)
        name = NAMES.get(kind, f"section of type {kind}")
        if self.begun and (kind != CHUNK or self.begun[1] != (first, frames)):
            raise Refused("invalidField", "segments", "frames", self.begun[1])
        if kind == CHUNK:
            self.read_chunk(begin, sequence, first, frames, payload)
        elif kind == SEGMENTS:
            self.check_turn(name, first, sequence)
            self.begun = (begin, (first, frames), read_segments(payload, self.h, frames))
        elif kind == INDEX:
            self.check_sequence(sequence)
            self.check_place(name)
            require(payload == index_payload(self.offsets), "disagreement", field="index")
            self.index = begin
        elif kind == END:
            self.check_sequence(sequence)
            return self.read_end(payload, begin)
        else:
            require(kind != HEADER, "invalidField", "section", "type", kind)
            require(kind & OPTIONAL, "unknownSection", found=kind)
            self.check_sequence(sequence)
            self.check_place(name)
        return None

    def read_chunk(self, begin, sequence, first, frames, payload):
        self.check_turn("chunk", first, sequence)
        coder.require_model(self.h)
        if self.model:
            self.model.begin(first)
            codes = self.model.read(payload, frames, by_stream, "chunk")
        else:
            codes = unpack(self.h, payload, frames, by_stream, "chunk")
        extend(self.tracks, codes)
        self.offsets.append(self.begun[0] if self.begun else begin)
        if self.begun:
            for track, more in zip(self.h.setdefault("segments", [[] for _ in self.tracks]), self.begun[2]):
                track.extend((first + start, scale) for start, scale in more)
        self.begun = None
        self.frames += frames

    def read_end(self, payload, begin):
        f, h = Fields(payload, "end mark"), self.h
        total, samples, index, chunks, checksum = f.unsigned(8), f.unsigned(8), f.unsigned(8), f.unsigned(4), f.unsigned(4)
        f.end()
        f.require(total <= TOP and total % superframe(h) == 0, "frame total", total)
        f.require(chunks == -(-total // h["framesPerChunk"]), "chunk total", chunks)
        check_cover(h, total, samples)
        require(h["sampleCount"] in (None, samples), "disagreement", field="sample count")
        near = total - self.frames <= NEAR * h["framesPerChunk"]
        require(total >= self.frames and near, "disagreement", field="frame total")
        require(total == self.frames, "missingFrames", found=self.frames)
        if "segments" not in h:
            check_padding(h, total, samples, usual_tail(h))
        require(index == self.index, "disagreement", field="index offset")
        require(checksum == crc32c(self.data[:begin]), "checksum", "the file as a whole")
        require(self.at == len(self.data), "trailingBytes")
        return samples


def read(data):
    """The strict reader: (header, tracks, samples)."""
    read_preamble(data)
    reader, samples = Reader(data), None
    while samples is None:
        samples = reader.read_next()
    return reader.h, reader.tracks, samples
