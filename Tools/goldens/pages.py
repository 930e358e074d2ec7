#!/usr/bin/env python3
"""A second implementation of the .codetta container, edition 2, as Docs/container.md specifies it, on top of that of edition 1.

    pages.py write        writes the test vectors of TokenFilesTests (Fixtures/edition2)
    pages.py check        checks that they are what this implementation writes, and read as they say
    pages.py show FILE    reads FILE of either edition strictly and prints what it holds as JSON, or the flaw

It shares no code and no method with the Swift package. Needs NumPy for entropy mode 2 alone, otherwise nothing beyond the standard library.
"""
import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import container as one
from container import MAGIC, Adaptive, Refused, crc32c, pack, require, width

SYNC = b"\xc5\x7a"
HEADER, PAGE, END, TAGS = 1, 2, 3, 0xC0
FRESH, SEGMENTS, ENTRY = 1, 2, 4
TYPES = ["soundstream", "lyra", "encodec", "dac", "mimi", "snac", "wavtokenizer", "vocos-encodec", "hificodec", "bigcodec", "xcodec",
         "languagecodec"]
FORMATS = ["", "pcm16", "pcm24", "pcm32", "float", "double", "pcm8", "u8", "mulaw", "alaw", "generated", "mp3", "vorbis", "opus"]


class Paged(Adaptive):
    """Fresh where a page says so, with the table that the header says."""

    def __init__(self, h):
        super().__init__(h)
        self.fresh = False

    def table(self):
        return self.h["tableBits"]

    def starts(self, first):
        fresh, self.fresh = self.fresh, False
        return fresh


# Writing


def number(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    data = value.encode()
    return number(len(data)) + data


def block(kind, payload, place=()):
    head = SYNC + bytes([kind])
    if kind == PAGE:
        head += bytes([place[0]]) + number(place[1]) + number(place[2])
    head += number(len(payload))
    data = head + struct.pack("<H", crc32c(head) & 0xFFFF) + payload
    return data + struct.pack("<I", crc32c(data))


def numbered(value, names, first=0):
    return bytes([names.index(value) + first]) if value in names else b"\xff" + text(value)


def runs(codebooks):
    found = []
    for book in codebooks:
        if found and found[-1][1:] == book:
            found[-1] = (found[-1][0] + 1, *book)
        else:
            found.append((1, *book))
    return found


def header_payload(h):
    channels = (h["channels"], h["originalChannels"], h["trackCount"])
    fields = [
        (1, channels != (1, 1, 1) and b"".join(map(number, channels))), (2, bytes.fromhex(h.get("identity", ""))),
        (4, h["sampleCount"] is not None and number(h["sampleCount"])), (8, h.get("tail") is not None and number(h["tail"])),
        (16, any(h.get("cut", ())) and b"".join(map(number, h["cut"]))), (32, h.get("context") and context_payload(*h["context"]))]
    present = sum(flag for flag, field in fields if field) + (64 if h.get("tags") else 0)
    name, rate = h["codecName"], h["sampleRate"]
    out = bytes([0]) + number(present) + number(rate) + number(h["hopLength"])
    out += number(0 if h["originalRate"] == rate else h["originalRate"]) + bytes([h["entropy"]]) + number(h["framesPerPacket"])
    out += bytes([h["tableBits"]]) if h["entropy"] else b""
    out += number(len(h["codebooks"])) + b"".join(number(x) for run in runs(h["codebooks"]) for x in run) + text(name)
    out += b"\0" if h["modelType"] == name.split("-")[0] else numbered(h["modelType"], TYPES, 1)
    out += numbered(h["subtype"], FORMATS) + bytes.fromhex(h.get("entropyModel", ""))
    return out + b"".join(field for _, field in fields if field)


def context_payload(back, ahead, alignment):
    return number(0 if back is None else back + 1) + number(ahead) + number(alignment)


def visits(h, frames):
    """(track, codebook, index) of the codes of a page in their order."""
    for frame in range(frames):
        for k, (_, stride) in enumerate(h["codebooks"]):
            if frame % stride == 0:
                for t in range(h["trackCount"]):
                    yield t, k, frame // stride


def packed(h, codes, frames):
    return pack(([codes[t][k][i]], width(h["codebooks"][k][0])) for t, k, i in visits(h, frames))


def part(h, codes, first, last):
    return [[s[first // stride : last // stride] for s, (_, stride) in zip(track, h["codebooks"])] for track in codes]


def page_codes(h, model, codes, frames):
    if not h["entropy"]:
        return packed(h, codes, frames)
    out = b""
    for first in range(0, frames, h["framesPerPacket"]):
        last = min(first + h["framesPerPacket"], frames)
        piece = part(h, codes, first, last)
        payload = model.write(piece, first, packed(h, piece, last - first))
        out += (number(len(payload)) if frames > h["framesPerPacket"] else b"") + payload
    return out


def digest(h, tracks, frames):
    found = hashlib.sha256()
    for t, k, i in visits(h, frames):
        if t == 0 and k == 0:
            for track, segments in enumerate(h.get("segments", [])):
                for at, scale in segments:
                    if at == i:
                        found.update(struct.pack("<IIf", 0xFFFFFFFF, track, scale))
        found.update(struct.pack("<I", tracks[t][k][i]))
    return found.digest()[:8]


def end_block(frames, samples, length, codes, entries):
    payload = number(frames) + number(samples) + number(length) + codes + number(len(entries))
    last = (0, 0)
    for entry in entries:
        payload += number(entry[0] - last[0]) + number(entry[1] - last[1])
        last = entry
    for count in range(1, 10):
        head = 3 + len(number(len(payload) + count)) + 2
        distance = number(head + len(payload))
        if len(distance) == count:
            return block(END, payload + distance[::-1])


def write(h, tracks, samples, optional=()):
    """`tracks[track][codebook]` are the codes; `optional` are (kind, payload) pairs put before the first page. `h["segments"]`, if there, has the
    (first frame, scale) of the segments of each track, counted from the recording's first frame."""
    h = dict(h)
    frames = len(tracks[0][0]) * h["codebooks"][0][1]
    page = h["framesPerPage"]
    if h["entropy"]:
        h.setdefault("tableBits", one.table_bits(one.packed_bits(h, page) * h["pagesPerModel"]))
    out = one.preamble(major=2) + block(HEADER, header_payload(h))
    if h.get("tags"):
        pairs = sorted((key.encode(), value.encode()) for key, value in h["tags"].items())
        out += block(TAGS, number(len(pairs)) + b"".join(number(len(x)) + x for pair in pairs for x in pair))
    out += b"".join(block(*pair) for pair in optional)
    model, entries, since = Paged(h), [], 0
    for count, first in enumerate(range(0, frames, page)):
        last = min(first + page, frames)
        start = not h["entropy"] or count % h["pagesPerModel"] == 0
        model.fresh = start
        flags = FRESH if start and h["entropy"] else 0
        place = h.get("cut", (0, 0))[0] + first
        if start and count and since >= h["pagesPerEntry"]:
            flags |= ENTRY
            entries.append((place, len(out)))
            since = 0
        begun = [[(at - first, scale) for at, scale in track if first <= at < last] for track in h.get("segments", [])]
        payload = b""
        if any(begun):
            flags |= SEGMENTS
            record = one.segments_payload(begun)
            payload = number(len(record)) + record
        payload += page_codes(h, model, part(h, tracks, first, last), last - first)
        out += block(PAGE, payload, (flags, place, last - first))
        since += 1
    return out + end_block(frames, samples, len(out), digest(h, tracks, frames), entries)


# Reading


class Fields:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(self.at + count <= len(self.data), "too short")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def number(self, low=0, high=2**63 - 1):
        value = 0
        for count in range(9):
            byte = self.byte()
            value |= (byte & 127) << 7 * count
            if byte < 128:
                require(byte or not count, "a number in a long form")
                require(low <= value <= high, "a number out of bounds")
                return value
        raise Refused("a number in a long form")

    def text(self, low, high=255):
        return self.take(self.number(low, high)).decode()

    def end(self):
        require(self.at == len(self.data), "bytes too many")


def read_header(p):
    f = Fields(p)
    f.byte()
    present = f.number()
    rate, hop, original = f.number(1, 2**24 - 1), f.number(1, 2**24 - 1), f.number(0, 2**24 - 1)
    require(original != rate, "the codec's rate spelt out")
    entropy = f.byte()
    require(entropy <= 2, "needs a newer reader: entropy mode")
    packet = f.number(1, 65535)
    table = f.byte() if entropy else None
    count, codebooks = f.number(1, 1024), []
    while len(codebooks) < count:
        run = f.number(1, count - len(codebooks))
        book = (f.number(2, 2**31), f.number(1, 65535))
        require(codebooks[-1:] != [book], "codebooks alike in two runs")
        codebooks += [book] * run
    name = f.text(1)
    kind = f.byte()
    if kind == 255:
        kind = f.text(0)
        require(kind != name.split("-")[0] and kind not in TYPES, "a model type spelt out that has a number")
    else:
        require(kind <= len(TYPES), "number of a model type")
        require(not kind or TYPES[kind - 1] != name.split("-")[0], "a model type that the name says")
        kind = TYPES[kind - 1] if kind else name.split("-")[0]
    form = f.byte()
    if form == 255:
        form = f.text(0)
        require(form not in FORMATS, "a sample format spelt out that has a number")
    else:
        form = FORMATS[form] if form < len(FORMATS) else ""
    model = f.take(8).hex() if entropy == 2 else None
    channels = (1, 1, 1)
    if present & 1:
        channels = (f.number(1, 1024), f.number(1, 1024), f.number(1, 256))
        require(channels != (1, 1, 1), "channels that are all 1")
    h = dict(
        codecName=one.read_text(name.encode(), 1), modelType=one.read_text(kind.encode(), 1), subtype=one.read_text(form.encode(), 0), sampleRate=rate,
        hopLength=hop, originalRate=original or rate, channels=channels[0], originalChannels=channels[1], trackCount=channels[2], codebooks=codebooks,
        entropy=entropy, framesPerPacket=packet)
    if present & 2:
        h["identity"] = f.take(8).hex()
        require(h["identity"] != "00" * 8, "an identity of zeros")
    h["sampleCount"] = f.number(0, 2**48) if present & 4 else None
    if present & 8:
        h["tail"] = f.number(0, 2**48)
    if present & 16:
        h["cut"] = (f.number(0, 2**48), f.number(0, 2**48))
    if present & 32:
        back = f.number(0, 2**48)
        h["context"] = (back - 1 if back else None, f.number(0, 2**48), f.number(1, 65535))
    require(channels[2] == 1 or channels[2] * channels[0] == channels[1], "original channels")
    superframe = math.lcm(*(stride for _, stride in codebooks))
    require(packet % superframe == 0 and channels[2] * sum(packet // stride for _, stride in codebooks) <= 2**22, "frames per packet")
    require(entropy != 2 or set(codebooks) == {(codebooks[0][0], 1)}, "codebooks of an entropy model")
    if entropy:
        require(12 <= table <= 21, "size of the table")
        h["tableBits"] = table
    if model:
        h["entropyModel"] = model
    return h, bool(present & 64)


def read_tags(p):
    f, tags, last = Fields(p), {}, b""
    for _ in range(f.number(1, 2**20)):
        key, value = f.text(1), f.text(0, 2**20)
        require(last < key.encode() and set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-") and "\0" not in value, "tags")
        last, tags[key] = key.encode(), value
    f.end()
    require(sum(len(x.encode()) for pair in tags.items() for x in pair) <= 2**20, "length of the tags")
    return tags


def unpack(h, payload, frames):
    bits = one.packed_bits(h, frames)
    require(len(payload) == (bits + 7) // 8, "payload length")
    value = int.from_bytes(payload, "little")
    require(value >> bits == 0, "padding bits")
    found = [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]
    for t, k, _ in visits(h, frames):
        size = h["codebooks"][k][0]
        code = value & (1 << width(size)) - 1
        value >>= width(size)
        require(code < size, "code out of range")
        found[t][k].append(code)
    return found


def extend(tracks, more):
    for track, streams in zip(tracks, more):
        for stream, codes in zip(track, streams):
            stream.extend(codes)


def read_packets(h, model, payload, frames):
    f, found = Fields(payload), [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]
    for first in range(0, frames, h["framesPerPacket"]):
        count = min(h["framesPerPacket"], frames - first)
        longest = (one.packed_bits(h, count) + 7) // 8
        length = f.number(1, longest) if frames > h["framesPerPacket"] else len(payload)
        require(1 <= length <= longest, "payload length")
        data = f.take(length)
        if length == longest:
            coder, codes = one.Encoder(), unpack(h, data, count)
            model.run(coder, codes, first, count)
            require(len(coder.finish()) >= length, "packed codes that range coding makes shorter")
        else:
            coder = one.Decoder(data)
            codes = model.run(coder, None, first, count)
            coder.finish()
        extend(found, codes)
    f.end()
    return found


def read_block(data, at):
    """(kind, place, payload, end) of the block at `at`."""
    f = Fields(data[at:])
    require(f.take(2) == SYNC, "sync word")
    kind = f.byte()
    place = (f.byte(), f.number(), f.number()) if kind == PAGE else None
    length = f.number()
    head = f.data[: f.at]
    require(struct.unpack("<H", f.take(2))[0] == crc32c(head) & 0xFFFF, "block header checksum")
    require(length <= 2**24, "payload length")
    payload = f.take(length)
    body = f.data[: f.at]
    require(struct.unpack("<I", f.take(4))[0] == crc32c(body), "block checksum")
    return kind, place, payload, at + f.at


def read(data, at=0):
    """The strict reader of one recording: (header, tracks, samples, end)."""
    start = at
    require(data[at : at + 8] == MAGIC[: len(data[at : at + 8])], "magic")
    require(len(data) >= at + 16, "truncated")
    require(crc32c(data[at : at + 12]) == struct.unpack_from("<I", data, at + 12)[0], "preamble checksum")
    major, minor = struct.unpack_from("<HH", data, at + 8)
    require(major == 2 and minor == 0, "needs a newer reader: version")
    kind, _, payload, at = read_block(data, at + 16)
    require(kind == HEADER, "no header")
    h, tagged = read_header(payload)
    if tagged:
        kind, _, payload, at = read_block(data, at)
        require(kind == TAGS, "no tags")
        h["tags"] = read_tags(payload)
    first = frames = h.get("cut", (0, 0))[0]
    superframe = math.lcm(*(stride for _, stride in h["codebooks"]))
    tracks = [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]
    model, entries = Paged(h), []
    while True:
        require(at < len(data), "truncated")
        begin = at
        kind, place, payload, at = read_block(data, at)
        if kind == PAGE:
            flags, page, count = place
            fresh = bool(flags & FRESH)
            require(flags < 8 and (h["entropy"] or not fresh) and (fresh or not h["entropy"] or not flags & ENTRY), "flags")
            require(1 <= count <= 65535 and count % superframe == 0 and page == frames, "place of a page")
            require(h["trackCount"] * sum(count // stride for _, stride in h["codebooks"]) <= 2**22, "codes in a page")
            require(not h["entropy"] or fresh or page > first, "no fresh model")
            if flags & ENTRY:
                entries.append((page, begin - start))
            if flags & SEGMENTS:
                require(superframe == 1, "segments of codebooks of several rates")
                f = Fields(payload)
                begun = one.read_segments(f.take(f.number(1)), h, count)
                payload = payload[f.at :]
                for track, more in zip(h.setdefault("segments", [[] for _ in tracks]), begun):
                    track.extend((frames - first + place, scale) for place, scale in more)
            model.fresh = fresh
            extend(tracks, read_packets(h, model, payload, count) if h["entropy"] else unpack(h, payload, count))
            frames += count
        elif kind == END:
            samples = read_end(h, Fields(payload), begin, at, start, first, frames - first, tracks, entries)
            return h, tracks, samples, at
        else:
            require(kind & 0x80 and kind != TAGS, "needs a newer reader: critical block" if kind > 3 and kind < 128 else "place of a block")


def read_end(h, f, begin, at, start, first, seen, tracks, entries):
    total, samples, length = f.number(0, 2**48), f.number(0, 2**48), f.number(0, 2**48)
    found = f.take(8)
    index, last = [], (0, 0)
    for _ in range(f.number(0, 65536)):
        last = (last[0] + f.number(), last[1] + f.number(1))
        index.append(last)
    head = at - begin - len(f.data) - 4
    require(f.data[f.at :] == number(head + f.at)[::-1], "distance")
    rate, codec, hop = h["originalRate"], h["sampleRate"], h["hopLength"]
    origin = -(-first * hop * rate // codec) + h.get("cut", (0, 0))[1]
    require(total == seen, "frames")
    require(total or not samples, "samples without frames")
    require((first + total) * hop >= (origin + samples) * codec // rate, "samples not covered")
    require(h["sampleCount"] in (None, samples), "samples")
    tail = h.get("tail")
    if tail is None and h["sampleCount"] is None and "segments" not in h:
        tail = 2 * math.lcm(*(stride for _, stride in h["codebooks"])) + 32
    require(tail is None or max(first, first + total - tail) * hop * rate // codec <= origin + samples, "tail")
    require(length == begin - start, "length")
    spacing = 1
    while -(-len(entries) // spacing) > 65536:
        spacing *= 2
    require(index == entries[::spacing], "index")
    require(found == digest(h, tracks, total), "digest")
    return samples


def read_all(data):
    """The recordings of a file of edition 2."""
    at, recordings = 0, []
    while at < len(data) or not recordings:
        h, tracks, samples, at = read(data, at)
        recordings.append((h, tracks, samples))
    return recordings


def main(arguments):
    import vectors

    if arguments == ["write"]:
        vectors.write()
    elif arguments == ["check"]:
        vectors.check()
    elif len(arguments) == 2 and arguments[0] == "show":
        data = Path(arguments[1]).read_bytes()
        try:
            recordings = [one.read(data)] if data[8:9] == b"\1" else read_all(data)
        except (Refused, UnicodeDecodeError) as flaw:
            sys.exit(f"{arguments[1]}: {flaw}")
        print(json.dumps([dict(header=h, samples=samples, tracks=tracks) for h, tracks, samples in recordings]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
