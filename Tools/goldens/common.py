"""What both editions of the .codetta container share: checksums, packing into bits, bounds of the header's fields, segments and lengths.

Flaws are `Refused`, with the kind and the part that Docs/container.md, "Strict reading", names.
"""
import math
import struct

MAGIC = b"\x89CODETTA"
TOP = 2**48


class Refused(Exception):
    """`kind` is one of those in Docs/container.md; `part` is where, `field` what, `found` its value."""

    def __init__(self, kind, part="", field="", found=""):
        super().__init__(kind, part, field, found)
        self.kind, self.part, self.field, self.found = kind, part, field, found

    def __str__(self):
        return f"{self.kind}: " + " ".join(str(word) for word in (self.part, self.field, self.found) if word != "")


def require(condition, kind, part="", field="", found=""):
    if not condition:
        raise Refused(kind, part, field, found)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def preamble(major, minor=0):
    head = MAGIC + struct.pack("<HH", major, minor)
    return head + struct.pack("<I", crc32c(head))


def read_preamble(data, at=0):
    """(major, minor) of the recording at byte `at`."""
    head = data[at : at + 16]
    require(head[:8] == MAGIC[: len(head)], "notCodetta")
    require(len(head) == 16, "truncated", "the magic")
    require(crc32c(head[:12]) == struct.unpack("<I", head[12:])[0], "checksum", "magic and version")
    major, minor = struct.unpack("<HH", head[8:12])
    require(major == 1 or (major, minor) == (2, 0), "newerVersion", found=f"{major}.{minor}")
    return major, minor


# Codes


def width(size):
    """Bits of a code of a codebook of `size`."""
    return (size - 1).bit_length()


def superframe(h):
    return math.lcm(*(stride for _, stride in h["codebooks"]))


def frame_total(h, tracks):
    return len(tracks[0][0]) * h["codebooks"][0][1]


def packed_bits(h, frames):
    return h["trackCount"] * sum(frames // stride * width(size) for size, stride in h["codebooks"])


def packed_length(h, frames):
    return (packed_bits(h, frames) + 7) // 8


def code_count(h, frames):
    return h["trackCount"] * sum(frames // stride for _, stride in h["codebooks"])


def none(h):
    """No codes of any track."""
    return [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]


def part_of(h, tracks, first, last):
    """The codes of frames `first` to `last` - 1."""
    return [[s[first // stride : last // stride] for s, (_, stride) in zip(track, h["codebooks"])] for track in tracks]


def extend(tracks, more):
    for track, streams in zip(tracks, more):
        for stream, codes in zip(track, streams):
            stream.extend(codes)


def by_time(h, frames):
    """(track, codebook, index) of codes in order of the frame at which they start, those of one frame by codebook, then by track."""
    for frame in range(frames):
        for k, (_, stride) in enumerate(h["codebooks"]):
            if frame % stride == 0:
                for t in range(h["trackCount"]):
                    yield t, k, frame // stride


def by_stream(h, frames):
    """(track, codebook, index) of codes by track, then by codebook, then in order of time."""
    for t in range(h["trackCount"]):
        for k, (_, stride) in enumerate(h["codebooks"]):
            for i in range(frames // stride):
                yield t, k, i


def pack(h, tracks, frames, order):
    """The codes as one whole number, the first in its lowest bits."""
    number, filled = 0, 0
    for t, k, i in order(h, frames):
        number |= tracks[t][k][i] << filled
        filled += width(h["codebooks"][k][0])
    return number.to_bytes((filled + 7) // 8, "little")


def unpack(h, payload, frames, order, part):
    require(len(payload) == packed_length(h, frames), "invalidField", part, "payload length", len(payload))
    number, tracks = int.from_bytes(payload, "little"), none(h)
    for t, k, _ in order(h, frames):
        size = h["codebooks"][k][0]
        code = number & (1 << width(size)) - 1
        number >>= width(size)
        require(code < size, "codeOutOfRange", found=code)
        tracks[t][k].append(code)
    require(number == 0, "invalidField", part, "padding")
    return tracks


# Fields


def number(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def numbers(values):
    return b"".join(map(number, values))


def text(value):
    data = value.encode()
    return number(len(data)) + data


class Fields:
    """Takes fields off a record, in order and within its bounds."""

    def __init__(self, data, part):
        self.data, self.at, self.part = data, 0, part

    def fail(self, field, found=""):
        raise Refused("invalidField", self.part, field, found)

    def require(self, condition, field, found=""):
        if not condition:
            self.fail(field, found)

    def take(self, count):
        self.require(self.at + count <= len(self.data), "length", "too short")
        self.at += count
        return self.data[self.at - count : self.at]

    def unsigned(self, count):
        return int.from_bytes(self.take(count), "little")

    def number(self, field, low=0, high=2**63 - 1):
        """An unsigned number in groups of seven bits."""
        value = 0
        for count in range(9):
            byte = self.unsigned(1)
            value |= (byte & 127) << 7 * count
            if byte < 128:
                self.require(byte or not count, field, "a long form")
                self.require(low <= value <= high, field, value)
                return value
        return self.fail(field, "a long form")

    def text(self, field, length):
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            return self.fail(field, "bytes")

    def end(self):
        self.require(self.at == len(self.data), "length", f"{len(self.data) - self.at} byte(s) too many")


def check_header(h):
    """The bounds of fields, in the order in which they are looked at."""

    def bound(value, low, high, field):
        require(low <= value <= high, "invalidField", "header", field, value)

    def text(value, low, field):
        bound(len(value.encode()), low, 255, field)
        require(not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in value), "invalidField", "header", field, "with control characters")

    text(h["codecName"], 1, "codec name")
    text(h["modelType"], 1, "model type")
    text(h["subtype"], 0, "original subtype")
    bound(h["sampleRate"], 1, 2**24 - 1, "codec sample rate")
    bound(h["hopLength"], 1, 2**24 - 1, "hop length")
    bound(h["channels"], 1, 1024, "codec channels")
    bound(h["trackCount"], 1, 256, "track count")
    bound(h["originalRate"], 1, 2**24 - 1, "original sample rate")
    bound(h["originalChannels"], 1, 1024, "original channels")
    if h["trackCount"] > 1:
        bound(h["originalChannels"], h["trackCount"] * h["channels"], h["trackCount"] * h["channels"], "original channels")
    if h["sampleCount"] is not None:
        bound(h["sampleCount"], 0, TOP, "sample count")
    bound(len(h["codebooks"]), 1, 1024, "codebook count")
    for k, (size, stride) in enumerate(h["codebooks"]):
        bound(size, 2, 2**31, f"size of codebook {k}")
        bound(stride, 1, 65535, f"stride of codebook {k}")
    if h["entropy"] == 2:
        require(set(h["codebooks"]) == {(h["codebooks"][0][0], 1)}, "invalidField", "header", "codebooks")


# Segments


def segments_payload(tracks):
    """(first frame, scale) of the segments of each track."""
    return b"".join(struct.pack("<H", len(track)) + b"".join(struct.pack("<Hf", *segment) for segment in track) for track in tracks)


def segments_limit(h, frames):
    return h["trackCount"] * (2 + 6 * frames)


def read_segments(payload, h, frames):
    f, tracks = Fields(payload, "segments"), []
    for _ in range(h["trackCount"]):
        track = [struct.unpack("<Hf", f.take(2) + f.take(4)) for _ in range(f.unsigned(2))]
        least = 0
        for first, scale in track:
            f.require(least <= first < frames, "frame", first)
            f.require(math.isfinite(scale) and scale >= 0, "scale", scale)
            least = first + 1
        tracks.append(track)
    f.end()
    f.require(any(tracks), "count", 0)
    return tracks


# Lengths. Python's integers have no bound; elsewhere products need 128 bits.


def origin(h):
    """The original's sample with which the recording begins."""
    first, dropped = h.get("cut", (0, 0))
    return -(-first * h["hopLength"] * h["originalRate"] // h["sampleRate"]) + dropped


def check_cover(h, frames, samples):
    first, end = h.get("cut", (0, 0))[0], origin(h) + samples
    covered = (first + frames) * h["hopLength"] >= end * h["sampleRate"] // h["originalRate"] and (first + frames > 0 or end == 0)
    require(samples <= TOP and (frames > 0 or samples == 0) and covered, "invalidField", "end mark", "sample total", samples)


def check_padding(h, frames, samples, tail):
    """Frames hold no more than the samples and `tail` frames."""
    first = h.get("cut", (0, 0))[0]
    held = max(first, first + frames - tail) * h["hopLength"] * h["originalRate"] // h["sampleRate"]
    require(min(held, TOP) <= origin(h) + samples, "invalidField", "end mark", "sample total", samples)


def usual_tail(h):
    return 2 * superframe(h) + 32
