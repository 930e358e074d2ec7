#!/usr/bin/env python3
"""A second implementation of the .codetta container, edition 1, as Docs/container-1.md specifies it; pages.py is that of edition 2.

It shares no code and no method with the Swift package (bitwise CRC, whole-number bit packing, all in memory), so that
agreement of the two on every byte shows that the document says enough.

    container.py write        writes the fixtures of TokenFilesTests
    container.py check        checks the fixtures and the examples in the document against this implementation
    container.py show FILE    reads FILE strictly and prints what it holds as JSON

Needs NumPy for entropy mode 2 alone (Tools/goldens/entropy.py), otherwise nothing beyond Python's standard library.
"""

import bisect
import hashlib
import json
import math
import re
import struct
import sys
from pathlib import Path

import entropy as networks

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/TokenFilesTests/Fixtures"
DOCUMENT = ROOT / "Docs/container-1.md"

MAGIC = b"\x89CODETTA"
SYNC = bytes.fromhex("c0de77a5")
HEAD, CHUNK, INDEX, END, SEGMENTS, OPTIONAL = 1, 2, 3, 4, 5, 0x8000
UNKNOWN = 2**64 - 1


class Refused(Exception):
    pass


def require(condition, reason):
    if not condition:
        raise Refused(reason)


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def width(size):
    return (size - 1).bit_length()


# Adaptive payloads

STEPS = [0, 1, 1, 2, 3, 5, 8, 13, 22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625,
         24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374,
         65438, 65476, 65500, 65514, 65523, 65528, 65531, 65533, 65534, 65535, 65535, 65536]
GUESSES, CONTEXTS = 6, 10
CHUNKS = 64


def clamp(value, bound):
    return max(-bound, min(bound, value))


def squash(x):
    step, weight = divmod(x + 3072, 128)
    return (STEPS[step] * (128 - weight) + STEPS[step + 1] * weight) // 128


ODDS = range(-3071, 3072)
SQUASHED = [squash(x) for x in ODDS]
STRETCH = [min(bisect.bisect_left(SQUASHED, 16 * q + 8), len(ODDS) - 1) - 3071 for q in range(4096)]


def table_bits(decisions):
    return clamp(max((CONTEXTS * decisions - 1).bit_length(), 12), 21)


def hashed(*values):
    state = values[0]
    for value in values[1:]:
        state = (state ^ value) * 0x9E3779B1 % 2**32
        state = (state ^ state >> 15) * 0x85EBCA77 % 2**32
        state ^= state >> 13
    return state


class Encoder:
    """The payload as one whole number, whose length grows by a byte at a time."""

    def __init__(self):
        self.low, self.span, self.length = 0, 2**32 - 1, 0

    def code(self, bit, probability):
        bound = (self.span >> 16) * probability
        if bit:
            self.span = bound
        else:
            self.low += bound
            self.span -= bound
        while self.span < 2**24:
            self.low <<= 8
            self.span <<= 8
            self.length += 1
        return bit

    def finish(self):
        return (-(-self.low >> 24)).to_bytes(self.length + 1, "big")


class Decoder:
    def __init__(self, payload):
        self.payload, self.encoder = payload, Encoder()
        self.value = int.from_bytes((payload + bytes(4))[:4], "big")
        self.at = 4

    def code(self, _, probability):
        e = self.encoder
        bit = int(self.value - e.low < (e.span >> 16) * probability)
        before = e.length
        e.code(bit, probability)
        for _ in range(e.length - before):
            self.value = self.value << 8 | (self.payload[self.at] if self.at < len(self.payload) else 0)
            self.at += 1
        require(e.length < len(self.payload), "payload ends early")
        return bit

    def finish(self):
        require(self.encoder.finish() == self.payload, "payload differs from an encoder's")


class Adaptive:
    """Codes and learns chunk after chunk."""

    def __init__(self, h):
        self.h = h

    def restart(self):
        self.slot_bits = self.table()
        self.slots, self.guess_slots, self.followers = {}, {}, {}
        self.weights = {}
        self.learned = None
        if self.h.get("entropy") == 2:
            require(self.h["entropyModel"] in MODELS, "needs its entropy model")
            self.learned = [networks.IntegerModel(MODELS[self.h["entropyModel"]]) for _ in range(self.h["trackCount"])]
        streams = [(t, k) for t in range(self.h["trackCount"]) for k in range(len(self.h["codebooks"]))]
        self.recent = {s: [0, 0, 0] for s in streams}
        self.outcomes = {s: [0] * GUESSES for s in streams}

    def table(self):
        """The exponent of the size of the table of contexts."""
        return table_bits(CHUNKS * packed_bits(self.h, self.h["framesPerChunk"]))

    def starts(self, first):
        """Whether the model is fresh at this frame."""
        return first % (CHUNKS * self.h["framesPerChunk"]) == 0

    def run(self, coder, codes, first, frames):
        """Codes `codes`, or reads and returns them when they are None."""
        if self.starts(first):
            self.restart()
        found = [[[] for _ in self.h["codebooks"]] for _ in range(self.h["trackCount"])]
        for frame in range(frames):
            for k, (size, stride) in enumerate(self.h["codebooks"]):
                for t in range(self.h["trackCount"] if frame % stride == 0 else 0):
                    code = codes[t][k][frame // stride] if codes else 0
                    found[t][k].append(self.code(coder, code, t, k, size))
        return found

    def write(self, codes, first, packed):
        coder = Encoder()
        self.run(coder, codes, first, len(codes[0][0]) * self.h["codebooks"][0][1])
        payload = coder.finish()
        return payload if len(payload) < len(packed) else packed

    def read(self, payload, first, frames):
        length = (packed_bits(self.h, frames) + 7) // 8
        require(1 <= len(payload) <= length, "chunk payload length")
        if len(payload) == length:
            coder = Encoder()
            codes = self.run(coder, unpack(payload, self.h, frames), first, frames)
            require(len(coder.finish()) >= length, "packed codes that range coding makes shorter")
            return codes
        coder = Decoder(payload)
        codes = self.run(coder, None, first, frames)
        coder.finish()
        return codes

    def code(self, coder, code, t, k, size):
        last, second, third = self.recent[t, k]
        below = self.recent[t, k - 1][0] if k >= 1 else 0
        lowest = self.recent[t, 0][0] if k >= 2 else 0
        below_below = self.recent[t, k - 2][0] if k >= 3 else 0
        other = self.recent[t - 1, k][0] if t >= 1 else 0
        pairs = [(1, 0), (last, 0), (below, 0), (lowest, 0), (last, below), (last, second), (below, lowest), (second, 0),
                 (below_below, 0), (other, 0)]
        predicted = [int(w) for w in self.learned[t].weights(k)] if self.learned else None
        stream = t * len(self.h["codebooks"]) + k
        places = [hashed(16 + i, stream, c) >> 16 if c else None for i, c in enumerate((last, below, lowest))]
        guesses = [last, second, third] + [self.followers.get(place, 0) for place in places]
        bits = width(size)
        node = 1
        for depth in reversed(range(bits)):
            bit = 0
            if (2 * node + 1 << depth) - (1 << bits) < size:
                prior = None
                if self.learned:
                    least, half = (node << depth + 1) - (1 << bits), 1 << depth
                    upper = sum(predicted[least + half : least + 2 * half])
                    prior = upper * 65536 // sum(predicted[least : least + 2 * half])
                bit = self.decide(
                    coder, code >> depth & 1, k, pairs, guesses, self.outcomes[t, k], node, bits, depth, prior)
            node = 2 * node + bit
        code = node - (1 << bits)
        if self.learned:
            self.learned[t].learn(k, code)
        self.outcomes[t, k] = [
            (2 * o + (g == code + 1)) % 16 if g else o for g, o in zip(guesses, self.outcomes[t, k])]
        for place in places:
            if place is not None:
                self.followers[place] = code + 1
        self.recent[t, k] = [code + 1, last, second]
        return code

    def decide(self, coder, bit, k, pairs, guesses, outcomes, node, bits, depth, prior):
        inputs, agreement = [], 0  # (number, table, key of the slot, check, probability, count)
        for i, (a, b) in enumerate(pairs):
            if a:
                key = hashed(i, k, a, b, node)
                place, check = key >> 32 - self.slot_bits, key % 256
                evidence = self.slots.get(place, (0, 32768, 0))
                inputs.append((i, self.slots, place, check, *(evidence[1:] if evidence[0] == check else (32768, 0))))
        for i, guess in enumerate(guesses):
            leading = guess - 1 + (1 << bits)
            if 0 < guess <= 1 << bits and leading >> depth + 1 == node:
                agreement |= 1 << i
                place = (i, outcomes[i], depth, leading >> depth & 1)
                inputs.append((CONTEXTS + i, self.guess_slots, place, 0, *self.guess_slots.get(place, (0, 32768, 0))[1:]))
        terms = []  # (odds, input and confidence class)
        for i, _, _, _, probability, count in inputs:
            confidence = min(8, (count - 1).bit_length() + 1) if count else 0
            terms.append((STRETCH[probability >> 4], (i, confidence)))
        start = 2185 if self.learned else 9830
        if self.learned:
            terms.append((STRETCH[min(prior, 65535) >> 4], ("learned", 1)))

        def weight(name, at):
            return self.weights.get((name, at), 65536 if at[0] == "learned" else start if at[1] else 0)

        sets = [("agreement", agreement), ("depth", depth)]
        mixed = []
        for name in sets:
            total = sum(odds * weight(name, at) for odds, at in terms)
            mixed.append(clamp(total >> 16, 3071))
        bit = coder.code(bit, max(32, min(65504, squash(sum(mixed) >> 1))))
        for name, output in zip(sets, mixed):
            error = 65536 * bit - squash(output)
            for odds, at in terms:
                self.weights[name, at] = clamp(weight(name, at) + (odds * error >> 13), 2**20)
        for _, table, place, check, probability, count in inputs:
            moved = probability + ((65535 * bit - probability) * (65536 // (count + 3)) >> 16)
            table[place] = (check, moved, min(count + 1, 255))
        return bit


# Writing


def preamble(major=1, minor=0):
    head = MAGIC + struct.pack("<HH", major, minor)
    return head + struct.pack("<I", crc32c(head))


def section(kind, sequence, payload, first_frame=0, frame_count=0):
    head = SYNC + struct.pack("<HHIQII", kind, frame_count, sequence, first_frame, len(payload), crc32c(payload))
    return head + struct.pack("<I", crc32c(head)) + payload


def head_payload(h):
    known = h.get("sampleCount")
    name, kind, subtype = (h[key].encode() for key in ("codecName", "modelType", "subtype"))
    fixed = struct.pack(
        "<32sIIIHHQHHHBB", bytes.fromhex(h["weights"]), h["sampleRate"], h["hopLength"], h["originalRate"],
        h["channels"], h["originalChannels"], UNKNOWN if known is None else known, h["trackCount"],
        len(h["codebooks"]), h["framesPerChunk"], h.get("entropy", 0), len(subtype))
    table = b"".join(struct.pack("<II", size, stride) for size, stride in h["codebooks"])
    return fixed + table + bytes([len(name)]) + name + bytes([len(kind)]) + kind + subtype + bytes.fromhex(h.get("entropyModel", ""))


def pack(streams_and_widths):
    number, filled = 0, 0
    for stream, bits in streams_and_widths:
        for code in stream:
            number |= code << filled
            filled += bits
    return number.to_bytes((filled + 7) // 8, "little")


def index_payload(offsets):
    spacing = 1
    while math.ceil(len(offsets) / spacing) > 65536:
        spacing *= 2
    kept = offsets[::spacing]
    return struct.pack("<II", spacing, len(kept)) + struct.pack(f"<{len(kept)}Q", *kept)


def segments_payload(tracks):
    return b"".join(
        struct.pack("<H", len(track)) + b"".join(struct.pack("<Hf", *segment) for segment in track) for track in tracks)


def write(h, tracks, samples, minor=0, optional=()):
    """`tracks[track][codebook]` are the codes; `optional` are (type, payload) pairs put before the first chunk. `h["segments"]`,
    if there, has the (first frame, scale) of the segments of each track."""
    adaptive = Adaptive(h) if h.get("entropy") else None
    out = preamble(minor=h.get("entropy", minor)) + section(HEAD, 0, head_payload(h))
    sequence = 1
    for kind, payload in optional:
        out += section(kind, sequence, payload)
        sequence += 1
    frames = len(tracks[0][0]) * h["codebooks"][0][1]
    offsets = []
    for first in range(0, frames, h["framesPerChunk"]):
        last = min(first + h["framesPerChunk"], frames)
        payload = pack(
            (stream[first // stride : last // stride], width(size))
            for track in tracks
            for stream, (size, stride) in zip(track, h["codebooks"]))
        if adaptive:
            cut = [[s[first // stride : last // stride] for s, (_, stride) in zip(t, h["codebooks"])] for t in tracks]
            payload = adaptive.write(cut, first, payload)
        offsets.append(len(out))
        begun = [[(at - first, scale) for at, scale in track if first <= at < last] for track in h.get("segments", [])]
        if any(begun):
            out += section(SEGMENTS, sequence, segments_payload(begun), first, last - first)
            sequence += 1
        out += section(CHUNK, sequence, payload, first, last - first)
        sequence += 1
    index_offset = len(out)
    out += section(INDEX, sequence, index_payload(offsets))
    end = struct.pack("<QQQII", frames, samples, index_offset, len(offsets), crc32c(out))
    return out + section(END, sequence + 1, end)


# Reading


def read_text(data, low):
    require(low <= len(data) <= 255, "text length")
    text = data.decode("utf-8")
    require(not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text), "control character")
    return text


def read_head(p):
    require(len(p) >= 64, "header too short")
    (weights, rate, hop, original_rate, channels, original_channels, samples, tracks, codebook_count, chunk, entropy,
     subtype_length) = struct.unpack_from("<32sIIIHHQHHHBB", p)
    require(entropy in (0, 1, 2), "needs a newer reader: entropy mode")
    at = 64 + 8 * codebook_count
    require(len(p) > at, "header too short")
    codebooks = [struct.unpack_from("<II", p, 64 + 8 * k) for k in range(codebook_count)]
    name = p[at + 1 : at + 1 + p[at]]
    at += 1 + len(name)
    require(len(p) > at, "header too short")
    kind = p[at + 1 : at + 1 + p[at]]
    at += 1 + len(kind)
    subtype, model = p[at : at + subtype_length], p[at + subtype_length :]
    require(len(subtype) == subtype_length and len(model) == (8 if entropy == 2 else 0), "header length")
    for value, top in ((rate, 2**24 - 1), (hop, 2**24 - 1), (original_rate, 2**24 - 1), (channels, 1024),
                       (original_channels, 1024), (tracks, 256), (codebook_count, 1024)):
        require(1 <= value <= top, "header field out of bounds")
    require(tracks == 1 or tracks * channels == original_channels, "original channels")
    for size, stride in codebooks:
        require(2 <= size <= 2**31 and 1 <= stride <= 65535, "codebook out of bounds")
    superframe = math.lcm(*(stride for _, stride in codebooks))
    require(chunk >= 1 and chunk % superframe == 0, "frames per chunk")
    require(tracks * sum(chunk // stride for _, stride in codebooks) <= 2**22, "chunk too large")
    require(samples == UNKNOWN or samples <= 2**48, "sample count")
    require(entropy != 2 or set(codebooks) == {(codebooks[0][0], 1)}, "codebooks of an entropy model")
    return dict(
        codecName=read_text(name, 1), modelType=read_text(kind, 1), subtype=read_text(subtype, 0),
        weights=weights.hex(), sampleRate=rate, hopLength=hop, originalRate=original_rate, channels=channels,
        originalChannels=original_channels, sampleCount=None if samples == UNKNOWN else samples, trackCount=tracks,
        codebooks=codebooks, framesPerChunk=chunk, **({"entropy": entropy} if entropy else {}),
        **({"entropyModel": model.hex()} if entropy == 2 else {}))


def packed_bits(h, frames):
    return h["trackCount"] * sum(frames // stride * width(size) for size, stride in h["codebooks"])


def unpack(payload, h, frames):
    bits = packed_bits(h, frames)
    require(len(payload) == (bits + 7) // 8, "chunk payload length")
    number = int.from_bytes(payload, "little")
    require(number >> bits == 0, "padding bits")
    tracks = []
    for _ in range(h["trackCount"]):
        streams = []
        for size, stride in h["codebooks"]:
            stream = []
            for _ in range(frames // stride):
                stream.append(number & ((1 << width(size)) - 1))
                number >>= width(size)
            require(all(code < size for code in stream), "code out of range")
            streams.append(stream)
        tracks.append(streams)
    return tracks


def sections(data):
    """Yields (offset, type, first frame, frame count, payload) of every section after the preamble."""
    at, sequence = 16, 0
    while at < len(data):
        head = data[at : at + 32]
        require(len(head) == 32, "truncated")
        require(head[:4] == SYNC, "sync word")
        kind, count, number, first, length, payload_crc, head_crc = struct.unpack("<HHIQIII", head[4:])
        require(crc32c(head[:28]) == head_crc, "section header checksum")
        require(number == sequence, "sequence")
        require(length <= 2**24, "payload length")
        payload = data[at + 32 : at + 32 + length]
        require(len(payload) == length, "truncated")
        require(crc32c(payload) == payload_crc, "payload checksum")
        yield at, kind, first, count, payload
        at += 32 + length
        sequence += 1


def read_segments(payload, h, frames):
    """The (first frame, scale) of the segments of each track."""
    tracks, at = [], 0
    for _ in range(h["trackCount"]):
        require(at + 2 <= len(payload), "segments end too early")
        count = struct.unpack_from("<H", payload, at)[0]
        require(at + 2 + 6 * count <= len(payload), "segments end too early")
        tracks.append([struct.unpack_from("<Hf", payload, at + 2 + 6 * i) for i in range(count)])
        at += 2 + 6 * count
        starts = [start for start, _ in tracks[-1]]
        require(starts == sorted(set(starts)) and all(start < frames for start in starts), "first frames of segments")
        require(all(math.isfinite(scale) and scale >= 0 for _, scale in tracks[-1]), "scales of segments")
    require(at == len(payload) and any(tracks), "segments' length")
    return tracks


def read(data):
    """The strict reader: (header, tracks, samples)."""
    require(data[:8] == MAGIC[: len(data[:8])], "magic")
    require(len(data) >= 16, "truncated")
    require(crc32c(data[:12]) == struct.unpack_from("<I", data, 12)[0], "preamble checksum")
    require(struct.unpack_from("<H", data, 8)[0] == 1, "needs a newer reader: major version")
    h, tracks, offsets, index, frames, begun = None, None, [], None, 0, None
    for at, kind, first, count, payload in sections(data):
        require(begun is None or kind == CHUNK, "segments without their chunk")
        if kind in (HEAD, INDEX, END):
            require(first == 0 and count == 0, "frames of a section that is no chunk")
        require((h is None) == (kind == HEAD), "header first, and once")
        require(index is None or kind == END, "only the end mark follows the index")
        if kind == HEAD:
            h = read_head(payload)
            tracks = [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]
            adaptive = Adaptive(h) if h.get("entropy") else None
            superframe = math.lcm(*(stride for _, stride in h["codebooks"]))
        elif kind == SEGMENTS:
            require(h is not None and superframe == 1, "segments of codebooks of several rates")
            require(1 <= count <= h["framesPerChunk"] and first == frames, "frames of segments")
            begun = (at, count, read_segments(payload, h, count))
        elif kind == CHUNK:
            require(1 <= count <= h["framesPerChunk"] and count % superframe == 0, "frame count")
            require(first == frames and first % h["framesPerChunk"] == 0, "first frame")
            codes = adaptive.read(payload, first, count) if adaptive else unpack(payload, h, count)
            for track, streams in zip(tracks, codes):
                for stream, more in zip(track, streams):
                    stream.extend(more)
            if begun:
                require(begun[1] == count, "segments of another chunk")
                for track, more in zip(h.setdefault("segments", [[] for _ in tracks]), begun[2]):
                    track.extend((frames + start, scale) for start, scale in more)
            offsets.append(begun[0] if begun else at)
            begun = None
            frames += count
        elif kind == INDEX:
            index = at
            require(payload == index_payload(offsets), "index")
        elif kind == END:
            require(len(payload) == 32, "end mark length")
            total, samples, index_offset, chunks, checksum = struct.unpack("<QQQII", payload)
            require(index is not None and index_offset == index, "index offset")
            require(total == frames and chunks == len(offsets), "totals")
            require(h["sampleCount"] in (None, samples) and samples <= 2**48, "samples")
            require(frames * h["hopLength"] >= samples * h["sampleRate"] // h["originalRate"], "samples not covered")
            require(frames > 0 or samples == 0, "samples without frames")
            least = max(0, frames - 2 * superframe - 32) * h["hopLength"] * h["originalRate"] // h["sampleRate"]
            require("segments" in h or least <= samples, "frames far beyond the samples")
            require(checksum == crc32c(data[:at]), "file checksum")
            require(at + 64 == len(data), "trailing bytes")
            return h, tracks, samples
        else:
            require(kind & OPTIONAL, "needs a newer reader: critical section")
    raise Refused("truncated")


# Fixtures


def fixture_code(track, codebook, time, size):
    return (((time + 1) * 2654435761 + codebook * 40503 + track * 97) >> 7) % size


def fixture_tracks(h, frames):
    return [
        [[fixture_code(track, k, t, size) for t in range(frames // stride)]
         for k, (size, stride) in enumerate(h["codebooks"])]
        for track in range(h["trackCount"])]


def small():
    h = dict(
        codecName="fixture-24k", modelType="fixture", subtype="pcm16", weights=hashlib.sha256(b"weights").hexdigest(),
        sampleRate=24000, hopLength=320, originalRate=44100, channels=1, originalChannels=2, sampleCount=None,
        trackCount=2, codebooks=[(5, 4), (1000, 2), (1024, 1), (65536, 1)], framesPerChunk=8)
    return h, fixture_tracks(h, 20), 11700


def adaptive():
    """Codes that repeat, so that there is something to learn; 67 chunks, the model fresh in the 65th; one chunk stored packed."""
    h, _, _ = small()
    h = dict(h, codecName="adaptive", codebooks=[(5, 4), (1000, 2), (1024, 1)], framesPerChunk=4, entropy=1)
    tracks = fixture_tracks(h, 268)
    for track, streams in enumerate(tracks):
        for k, stream in enumerate(streams):
            for t in range(len(stream)):
                if t * h["codebooks"][k][1] // 4 % 6 != 5 and (k < 2 or t % 16 < 12):
                    stream[t] = (11 * k + 3 * track + t // 16) % h["codebooks"][k][0]
    return h, tracks, 157000


MODEL = hashlib.sha256(b"entropy model").hexdigest()[:16]
MODELS = {MODEL: networks.fixture_tensors()}


def learned():
    """Two codebooks of the three that the model of entropy.py knows, two tracks, 67 chunks."""
    h, _, _ = small()
    h = dict(h, codecName="learned", codebooks=[(20, 1)] * 2, framesPerChunk=4, entropy=2, entropyModel=MODEL)
    tracks = fixture_tracks(h, 268)
    for track, streams in enumerate(tracks):
        for k, stream in enumerate(streams):
            for t in range(len(stream)):
                if t // 4 % 6 != 5 and t % 16 < 12:
                    stream[t] = (11 * k + 3 * track + t // 16) % 20
    return h, tracks, 157000


def segmented():
    """Three chunks, in the second of which no segment begins, in the third one of the second track alone."""
    h, _, _ = small()
    h = dict(
        h, codecName="segmented", codebooks=[(1024, 1), (5, 1)],
        segments=[[(0, 0.5), (6, 2.0), (7, 0.0)], [(3, 2.0**-26), (19, 3.25)]])
    return h, fixture_tracks(h, 20), 11700


def tiny():
    h = dict(
        codecName="tiny", modelType="demo", subtype="float", weights=hashlib.sha256(b"").hexdigest(), sampleRate=24000,
        hopLength=320, originalRate=24000, channels=1, originalChannels=1, sampleCount=600, trackCount=1,
        codebooks=[(1024, 1), (5, 1)], framesPerChunk=2)
    return h, [[[1, 1023], [4, 2]]], 600


def fixtures():
    optional = [(0x8765, b"skip me"), (0xFFFF, b"")]
    return {
        "v1-small.codetta": write(*small()),
        "v1-tiny.codetta": write(*tiny()),
        "v1.1-adaptive.codetta": write(*adaptive()),
        "v1.2-lm.codetta": write(*learned()),
        "v1.3-segments.codetta": write(*segmented()),
        "v1-optional.codetta": write(*small(), minor=7, optional=optional),
    }


MAKERS = {"tiny": tiny, "adaptive": adaptive, "lm": learned, "segments": segmented}


def dumped_bytes(document=DOCUMENT):
    """The bytes of a document's hex dump: lines of an offset, bytes and a remark after two spaces."""
    out = b""
    for line in re.findall(r"^    [0-9a-f]{4}  .*$", document.read_text(), re.M):
        offset, digits = line.split("  ")[2:4]
        require(int(offset, 16) == len(out), f"hex dump: offset {offset}")
        out += bytes.fromhex(digits)
    return out


def adaptive_example():
    """The lines of the document's example of entropy mode 1."""
    h = dict(trackCount=1, codebooks=[(6, 1), (4, 1)], framesPerChunk=10)
    codes = [[[3, 5, 3, 5, 3, 5, 3, 0, 3, 5], [1] * 9 + [2]]]
    decisions, coder = [], Encoder()
    code = coder.code
    coder.code = lambda bit, probability: (decisions.append((bit, probability)), code(bit, probability))[1]
    Adaptive(h).run(coder, codes, 0, 10)
    texts = {f"codebook {k}": stream for k, stream in enumerate(codes[0])}
    texts |= {"bit": [bit for bit, _ in decisions[:20]], "P": [p for _, p in decisions[:20]]}
    texts |= {"low": [f"{coder.low} (multiplied {coder.length} times)"], "range": [coder.span], "payload": [coder.finish().hex(" ")]}
    require(len(decisions) == 46, "the document says 46 decisions")
    return "".join(f"    {name:12}{' '.join(map(str, values))}\n" for name, values in texts.items())


def check():
    for name, data in fixtures().items():
        require((FIXTURES / name).read_bytes() == data, f"{name} differs")
        expected = next((make() for label, make in MAKERS.items() if label in name), small())
        require(read(data) == expected, f"{name} reads as something else")
        for length in range(0, len(data), 1 if len(data) < 1000 else 97):  # decoding a longer file takes a while
            refuses(data[:length], f"{name} cut to {length}")
        refuses(data + b"\0", f"{name} with a byte more")
    data = fixtures()["v1-tiny.codetta"]
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        refuses(bytes(flipped), f"bit {bit} flipped")
    require(dumped_bytes() == data, "the hex dump in the document differs")
    require(adaptive_example() in DOCUMENT.read_text(), "the example of entropy mode 1 in the document differs")
    judge()


def judge():
    """Rules that no damage breaks: files of right checksums that are refused all the same, and sound ones at the bounds."""
    codes = [[[5] * 40]]
    h = dict(
        codecName="a", modelType="b", subtype="", weights="00" * 32, sampleRate=1000, hopLength=10, originalRate=1000, channels=1,
        originalChannels=1, sampleCount=None, trackCount=1, codebooks=[(1024, 1)], framesPerChunk=8)
    for samples in (60, 400):
        require(read(write(h, codes, samples))[2] == samples, f"{samples} samples of 40 frames are refused")
    for samples in (0, 59, 401):
        refuses(write(h, codes, samples), f"{samples} samples of 40 frames")
    require(read(write(dict(h, segments=[[(0, 1.0)]]), codes, 1)), "segments that overlap are refused")
    chosen, Adaptive.write = Adaptive.write, lambda self, codes, first, packed: (chosen(self, codes, first, packed), packed)[1]
    refuses(write(dict(h, entropy=1), codes, 400), "packed chunks that range coding makes shorter")
    Adaptive.write = chosen
    require(read(write(dict(h, entropy=1), codes, 400)), "range-coded chunks are refused")
    require(read(write(dict(h, originalChannels=3), codes, 400)), "a downmix is refused")
    refuses(write(dict(h, trackCount=2), codes * 2, 400), "two tracks of one channel")


def refuses(data, label):
    try:
        read(data)
    except (Refused, UnicodeDecodeError):
        return
    raise Refused(f"{label} is accepted")


def main(arguments):
    if arguments == ["write"]:
        for name, data in fixtures().items():
            (FIXTURES / name).write_bytes(data)
    elif arguments == ["check"]:
        check()
    elif len(arguments) == 2 and arguments[0] == "show":
        h, tracks, samples = read(Path(arguments[1]).read_bytes())
        print(json.dumps(dict(header=h, samples=samples, tracks=tracks)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
