#!/usr/bin/env python3
"""Writes the fuzzers' first inputs, a folder a target, from the tests' fixtures and from files made here.

    corpus.py FOLDER

Standard library only. The first byte of every input chooses how its target reads the rest (Sources/FuzzReaders); the names of
files are hashes of their contents, as libFuzzer's own are, so that running this again adds nothing.
"""
import hashlib
import json
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests"


def containers():
    """`.codetta` fixtures, as they are and with their checksums mended, strict and lenient, from pipes and files, seeking."""
    for path in sorted((FIXTURES / "TokenFilesTests/Fixtures").glob("*.codetta")):
        data = path.read_bytes()
        for choice in (0x00, 0x01, 0x02, 0x03, 0x12, 0xF4, 0x0A, 0x08):
            yield choice, data
        yield 0x00, data[: len(data) * 2 // 3]
        yield 0x00, data + data
    for entropy in (0, 1):
        for choice in (0x00, 0x02, 0x12, 0xF4, 0x0A, 0x08):
            yield choice, edition2(entropy)


def edition2(entropy):
    """Two pages of one code of two bits each, behind checksums of zero, which the target mends."""
    def block(kind, payload, place=b""):
        return b"\xc5\x7a" + bytes([kind]) + place + bytes([len(payload)]) + bytes(2) + payload + bytes(4)

    codes, afresh, entry = (3, 1), entropy, 4
    header = bytes([0, 0, 0xC0, 0xBB, 0x01, 0xC0, 0x02, 0, entropy, 1]) + bytes([12] * entropy) + bytes([1, 1, 4, 1, 1, 0x61, 0, 0])
    file = b"\x89CODETTA" + struct.pack("<HHI", 2, 0, 0) + block(1, header)
    for frame, code in enumerate(codes):
        offset = len(file)
        file += block(2, bytes([code]), bytes([afresh | entry * frame, frame, 1]))
    digest = hashlib.sha256(struct.pack("<2I", *codes)).digest()[:8]
    end = bytes([2, 0xD8, 0x04, len(file)]) + digest + bytes([1, 1, offset])
    return file + block(3, end + bytes([6 + len(end)]))


def verdict():
    """Two bytes of shape, codes, then changes: an operation, a section, a value and sometimes a place. Shapes with bit 6 are of edition 2."""
    for choice in range(256):
        yield choice, bytes([0x68 | choice % 7 | choice & 0x80, 3, choice]) + bytes(range(40)) + bytes([choice % 12, choice % 9, 1 + choice % 5, 2])
        yield choice, bytes([0x28 | choice % 7, 3]) + bytes(range(40)) + bytes([choice % 12, choice % 9, 1 + choice % 5, 2])
        yield choice, bytes([0x28 | choice % 7, 3]) + bytes(range(40)) + bytes([10, 4, 4, 0, 3, 2])


def entropy():
    """Payloads: a byte of length, then the bytes."""
    for choice in range(32):
        for fill in (0x00, 0x55, 0xFF):
            yield choice, b"".join(bytes([n]) + bytes([fill]) * n for n in (1, 2, 3, 5, 8, 13, 30))
        yield choice, bytes([1, 0x40]) * 70


def npy(descr, shape, data, order="False"):
    header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def foreign():
    codes = struct.pack("<12i", *range(12))
    arrays = [
        npy("<i4", (3, 4), codes), npy("<i4", (2, 2, 3), codes), npy(">u2", (2, 2), bytes(range(8))),
        npy("|u1", (1, 4), bytes(range(4)), "True"), npy("<i8", (1, 2), struct.pack("<2q", 1, 2)), npy("<i4", (3, 0), b""),
        npy("|O", (1, 1), b"\x80\x04N."),
    ]
    for array in arrays:
        yield 0x00, array
        yield 0x02, array[10:]
    header = {
        "codecName": "fuzz", "modelType": "fuzz", "weights": "00" * 32, "channels": 1, "trackCount": 1, "framesPerChunk": 4,
        "layout": {"codebooks": [{"size": 16, "stride": 2}, {"size": 5, "stride": 1}], "hopLength": 320, "sampleRate": 24000},
        "original": {"sampleRate": 24000, "channels": 1, "subtype": "pcm16"}, "entropy": 0,
    }
    document = {
        "format": "codetta-tokens", "version": 1, "header": header, "samples": 1000, "tracks": [[[1, 15], [0, 1, 2, 4]]],
    }
    yield 0x01, json.dumps(document).encode()
    header["original"]["sampleCount"] = 1000
    header["entropy"] = 1
    yield 0x01, json.dumps(document, separators=(",", ":")).encode()
    yield 0x04, (FIXTURES / "TokenFilesTests/Fixtures/foreign/numpy.npz").read_bytes()


def foreign_programs(pattern, header):
    """Fixtures that other programs wrote, whole, and without what their target puts before some inputs."""
    for path in sorted((FIXTURES / "TokenFilesTests/Fixtures/foreign").glob(pattern)):
        data = path.read_bytes()
        yield 0x00, data
        yield 0x04, data
        for choice in (0x01, 0x03, 0x0F, 0x11):
            yield choice, data[header(data):]


def ecdc():
    return foreign_programs("*.ecdc", lambda data: 8 + data[8])


def dac():
    return foreign_programs("*.dac", lambda data: data.index(b"\n") + 1)


def safetensors(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    return text + data


def checkpoints():
    widths = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, width in widths.items():
        header[name.lower()] = {"dtype": name, "shape": [2, 1], "data_offsets": [len(data), len(data) + 2 * width]}
        data += bytes(2 * width)
    text = json.dumps(header, separators=(",", ":")).encode()
    yield 0x01, text + data
    yield 0x00, struct.pack("<Q", len(text)) + text + data
    for shape, size in (([], 4), ([0], 0), ([1, 0, 3], 0), ([2**62, 4], 4), ([1] * 9, 4), ([-1], 4)):
        yield 0x01, safetensors({"t": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}, bytes(size))
    tensors = FIXTURES / "CodecsTests/Fixtures/tiny-lyra/model.safetensors"
    whole = tensors.read_bytes()
    length = struct.unpack("<Q", whole[:8])[0]
    names = [name for name in json.loads(whole[8 : 8 + length]) if name != "__metadata__"]
    yield 0x00, whole
    index = {"metadata": {"total_size": len(whole)}, "weight_map": {name: "a.safetensors" for name in names}}
    yield 0x07, json.dumps(index, separators=(",", ":")).encode()
    for shard in ("../a.safetensors", "/etc/passwd", "b.safetensors"):
        yield 0x07, json.dumps({"weight_map": {"w": shard}}).encode()
    yield 0x03, b"---\nlicense: mit\ntags: [a, b]\n---\n# A card\n"


def configs():
    """In the order of `models` in Checkpoints.swift."""
    names = ["tiny-dac", "tiny-encodec-causal", "tiny-encodec-centred", "tiny-lyra", "tiny-waveform"]
    folders = [FIXTURES / "CodecsTests/Fixtures" / name for name in names]
    folders += [FIXTURES / "TokenLMTests/Fixtures" / name for name in ("tiny-lm", "tiny-masked")]
    for choice, folder in enumerate(folders):
        config = json.loads((folder / "config.json").read_text())
        yield choice, (folder / "config.json").read_bytes()
        yield choice, json.dumps(config, separators=(",", ":")).encode()


def wave(tag, bits, channels, data, extensible=False, riff=b"RIFF", size=None):
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, channels, 8000, 8000 * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, tag) + bytes.fromhex("000000001000800000aa00389b71")
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return riff + struct.pack("<I", len(body) if size is None else size) + body


def audio():
    data = bytes(range(96))
    kinds = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8)]
    files = [wave(tag, bits, channels, data if tag != 3 else bytes(96), extensible)
             for tag, bits in kinds for channels in (1, 2) for extensible in (False, True)]
    files += [wave(1, 16, 1, data, size=0xFFFFFFFF), wave(1, 16, 1, data, size=0), wave(0x11, 4, 1, data)]
    files += [wave(1, 16, 1, data).replace(b"data", b"LIST\x04\0\0\0abcddata")]
    files += [b".snd" + struct.pack(">IIIII", 24, 96, 3, 8000, 1) + data, b".snd" + struct.pack(">IIIII", 28, 0xFFFFFFFF, 1, 8000, 2) + b"note" + data]
    rate = bytes.fromhex("400bfa00000000000000")
    common = b"COMM" + struct.pack(">IHIH", 18, 1, 48, 16) + rate
    sound = b"SSND" + struct.pack(">III", 104, 0, 0) + data
    files += [b"FORM" + struct.pack(">I", 4 + len(common) + len(sound)) + b"AIFF" + common + sound]
    files += [(ROOT / "Samples/music-stereo.flac").read_bytes()[:6000]]
    for file in files:
        for choice in (0x00, 0x03, 0x04):
            yield choice, file
    for choice in (0x08, 0x1C, 0x68, 0xF9):
        yield choice, data


def mpeg(count, header=bytes([0xFF, 0xF3, 0x14, 0xC0]), size=24):
    return (header + bytes(size - 4)) * count


def coded():
    info = bytearray(mpeg(1, bytes([0xFF, 0xF3, 0x48, 0xC0]), 144))
    info[13:21] = b"Info\0\0\0\x0f"
    info[21:29] = struct.pack(">II", 20, 144 * 21)
    streams = [mpeg(20), bytes(info) + mpeg(20, bytes([0xFF, 0xF3, 0x48, 0xC0]), 144), mpeg(5) + mpeg(5, bytes([0xFF, 0xF3, 0x48, 0x00]), 144)]
    streams += [b"ID3\x03\0\0\0\0\0\x10" + bytes(16) + mpeg(9) + b"TAG" + bytes(125) + mpeg(9)]
    for stream in streams:
        for choice in (0x00, 0x01, 0x04):
            yield choice, stream
    for choice in (0x10, 0x11, 0x14):
        yield choice, bytes([0, 8, 16, 2, 10, 3, 4, 5, 6, 7, 250]) * 9
    flac = (ROOT / "Samples/music-stereo.flac").read_bytes()[4:6000]
    # Pages of 16 times as many bytes as the second says: the first of the stream, then the others.
    pieces = bytes([0x82, 38]) + flac[:38]
    for start in range(38, 5500, 1600):
        pieces += bytes([0x40, 100]) + flac[start:start + 1600]
    for choice in (0x20, 0x21, 0x24):
        yield choice, pieces
        yield choice, pieces + pieces[:2000]


def results():
    """A small evaluation as `evaluate --json` writes it, and the journal of one that was interrupted."""
    measures = [
        {"name": "stoi", "title": "STOI", "unit": "", "moreIsBetter": True, "decimals": 3},
        {"name": "siSDR", "title": "SI-SDR", "unit": "dB", "moreIsBetter": True, "decimals": 2},
    ]
    settings = {"maximumDelay": 0.25, "downmix": False, "resamples": 2000, "confidence": 0.95, "seed": 1, "scorers": {"x": "y z"}}
    systems = [
        {"id": "m@3", "name": "m", "kind": "model", "setting": "3", "nominalRate": 3, "parameters": {"a": "b"}, "sampleRate": 24000, "parameterCount": 9},
        {"id": "opus@12", "name": "opus", "kind": "peer", "setting": "12", "nominalRate": 12, "parameters": {}},
    ]
    item = {"id": "a.wav", "path": "c/a.wav", "seconds": 1.5, "sampleRate": 24000, "channels": 1}
    use = {"size": 4, "total": 3, "used": 2, "entropy": 0.9}
    histogram = {"size": 4, "total": 3, "codes": [0, 2], "counts": [1, 2]}
    rates = {"nominal": 3, "payload": 3.1, "file": 3.4, "entropy": 2.9}
    score = {
        "item": "a.wav", "system": "m@3", "rates": rates, "delay": {"samples": 2, "correlation": {"value": 0.9}},
        "measures": {"stoi": {"value": 0.8}, "siSDR": {"undefined": {"tooShort": {"samples": 3, "needed": 9}}}},
        "codebooks": [use], "encodeSeconds": 0.1, "decodeSeconds": 0.2, "audio": "o/a.wav", "tokens": "o/a.codetta",
    }
    other = {"item": "a.wav", "system": "opus@12", "measures": {"stoi": {"absent": "silent"}}, "codebooks": [], "failure": "no program"}
    summary = {
        "system": "m@3", "coded": 1, "failed": 1, "rates": rates, "encodingSpeed": 15, "decodingSpeed": 7.5,
        "measures": [{"measure": "stoi", "mean": 0.8, "interval": {"low": 0.7, "high": 0.9}, "count": 1, "absent": {"silent": 1}}],
        "codebooks": [histogram],
    }
    comparison = {"first": "m@3", "second": "opus@12", "measure": "stoi", "difference": -0.1, "interval": {"low": -0.2, "high": 0}, "count": 1}
    document = {
        "schema": "codetta-evaluation/1", "producer": "codetta", "settings": settings,
        "dataset": {"name": "clips", "items": [item, {"id": "b.wav", "path": "c/b.wav", "failure": "no such file"}]},
        "measures": measures, "systems": systems, "scores": [score, other],
        "summaries": [summary, {**summary, "system": "opus@12", "rates": {**rates, "payload": 12}}], "comparisons": [comparison],
    }
    for choice in (0, 2, 4):
        yield choice, json.dumps(document, separators=(",", ":")).encode()
        yield choice, json.dumps({**document, "scores": [], "summaries": [], "comparisons": []}).encode()
    plan = {
        "schema": "codetta-evaluation-journal/1", "settings": settings, "measures": measures, "systems": systems,
        "files": [{"id": "a.wav", "size": 99}],
    }
    lines = [plan, {"item": item}, {"score": score, "codebooks": [histogram]}, {"score": other, "codebooks": []}]
    for count in range(1, 5):
        yield 1, b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines[:count])


TARGETS = {
    "container": containers, "verdict": verdict, "entropy": entropy, "foreign": foreign, "ecdc": ecdc, "dac": dac, "safetensors": checkpoints, "config": configs,
    "audio": audio, "coded": coded, "results": results,
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, inputs in TARGETS.items():
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        for choice, data in inputs():
            content = bytes([choice]) + data
            (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)


main()
