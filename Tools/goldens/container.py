#!/usr/bin/env python3
"""A second implementation of the .codetta container, version 1, as Docs/container.md specifies it.

It shares no code and no method with the Swift package (bitwise CRC, whole-number bit packing, all in memory), so that
agreement of the two on every byte shows that the document says enough.

    container.py write        writes the fixtures of TokenStreamTests
    container.py check        checks the fixtures and the hex dump in the document against this implementation
    container.py show FILE    reads FILE strictly and prints what it holds as JSON

Needs nothing beyond Python's standard library.
"""

import hashlib
import json
import math
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/TokenStreamTests/Fixtures"
DOCUMENT = ROOT / "Docs/container.md"

MAGIC = b"\x89CODETTA"
SYNC = bytes.fromhex("c0de77a5")
HEAD, CHUNK, INDEX, END, OPTIONAL = 1, 2, 3, 4, 0x8000
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
        len(h["codebooks"]), h["framesPerChunk"], 0, len(subtype))
    table = b"".join(struct.pack("<II", size, stride) for size, stride in h["codebooks"])
    return fixed + table + bytes([len(name)]) + name + bytes([len(kind)]) + kind + subtype


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


def write(h, tracks, samples, minor=0, optional=()):
    """`tracks[track][codebook]` are the codes; `optional` are (type, payload) pairs put before the first chunk."""
    out = preamble(minor=minor) + section(HEAD, 0, head_payload(h))
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
        offsets.append(len(out))
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
    require(entropy == 0, "needs a newer reader: entropy mode")
    at = 64 + 8 * codebook_count
    require(len(p) > at, "header too short")
    codebooks = [struct.unpack_from("<II", p, 64 + 8 * k) for k in range(codebook_count)]
    name = p[at + 1 : at + 1 + p[at]]
    at += 1 + len(name)
    require(len(p) > at, "header too short")
    kind = p[at + 1 : at + 1 + p[at]]
    at += 1 + len(kind)
    subtype = p[at:]
    require(len(subtype) == subtype_length, "header length")
    for value, top in ((rate, 2**24 - 1), (hop, 2**24 - 1), (original_rate, 2**24 - 1), (channels, 1024),
                       (original_channels, 1024), (tracks, 256), (codebook_count, 1024)):
        require(1 <= value <= top, "header field out of bounds")
    for size, stride in codebooks:
        require(2 <= size <= 2**31 and 1 <= stride <= 65535, "codebook out of bounds")
    superframe = math.lcm(*(stride for _, stride in codebooks))
    require(chunk >= 1 and chunk % superframe == 0, "frames per chunk")
    require(tracks * sum(chunk // stride for _, stride in codebooks) <= 2**22, "chunk too large")
    require(samples == UNKNOWN or samples <= 2**48, "sample count")
    return dict(
        codecName=read_text(name, 1), modelType=read_text(kind, 1), subtype=read_text(subtype, 0),
        weights=weights.hex(), sampleRate=rate, hopLength=hop, originalRate=original_rate, channels=channels,
        originalChannels=original_channels, sampleCount=None if samples == UNKNOWN else samples, trackCount=tracks,
        codebooks=codebooks, framesPerChunk=chunk)


def unpack(payload, h, frames):
    bits = h["trackCount"] * sum(frames // stride * width(size) for size, stride in h["codebooks"])
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


def read(data):
    """The strict reader: (header, tracks, samples)."""
    require(data[:8] == MAGIC[: len(data[:8])], "magic")
    require(len(data) >= 16, "truncated")
    require(crc32c(data[:12]) == struct.unpack_from("<I", data, 12)[0], "preamble checksum")
    require(struct.unpack_from("<H", data, 8)[0] == 1, "needs a newer reader: major version")
    h, tracks, offsets, index, frames = None, None, [], None, 0
    for at, kind, first, count, payload in sections(data):
        if kind in (HEAD, INDEX, END):
            require(first == 0 and count == 0, "frames of a section that is no chunk")
        require((h is None) == (kind == HEAD), "header first, and once")
        require(index is None or kind == END, "only the end mark follows the index")
        if kind == HEAD:
            h = read_head(payload)
            tracks = [[[] for _ in h["codebooks"]] for _ in range(h["trackCount"])]
            superframe = math.lcm(*(stride for _, stride in h["codebooks"]))
        elif kind == CHUNK:
            require(1 <= count <= h["framesPerChunk"] and count % superframe == 0, "frame count")
            require(first == frames and first % h["framesPerChunk"] == 0, "first frame")
            for track, streams in zip(tracks, unpack(payload, h, count)):
                for stream, more in zip(track, streams):
                    stream.extend(more)
            offsets.append(at)
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
        "v1-optional.codetta": write(*small(), minor=7, optional=optional),
    }


def dumped_bytes():
    """The bytes of the document's hex dump: lines of an offset, bytes and a remark after two spaces."""
    out = b""
    for line in re.findall(r"^    [0-9a-f]{4}  .*$", DOCUMENT.read_text(), re.M):
        offset, digits = line.split("  ")[2:4]
        require(int(offset, 16) == len(out), f"hex dump: offset {offset}")
        out += bytes.fromhex(digits)
    return out


def check():
    for name, data in fixtures().items():
        require((FIXTURES / name).read_bytes() == data, f"{name} differs")
        expected = tiny() if "tiny" in name else small()
        require(read(data) == expected, f"{name} reads as something else")
        for length in range(len(data)):
            refuses(data[:length], f"{name} cut to {length}")
        refuses(data + b"\0", f"{name} with a byte more")
    data = fixtures()["v1-tiny.codetta"]
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        refuses(bytes(flipped), f"bit {bit} flipped")
    require(dumped_bytes() == data, "the hex dump in the document differs")


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
