"""Files of edition 1 that every later version of the library must read, and rules that no damage breaks."""
import contextlib
import hashlib
import re
from pathlib import Path

import chunks
import coder
import entropy as networks
from common import Refused

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Tests/TokenFilesTests/Fixtures"
DOCUMENT = ROOT / "Docs/container-1.md"

MODEL = hashlib.sha256(b"entropy model").hexdigest()[:16]
coder.MODELS[MODEL] = networks.fixture_tensors()


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
        trackCount=2, codebooks=[(5, 4), (1000, 2), (1024, 1), (65536, 1)], framesPerChunk=8, entropy=0)
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
        codebooks=[(1024, 1), (5, 1)], framesPerChunk=2, entropy=0)
    return h, [[[1, 1023], [4, 2]]], 600


def fixtures():
    optional = [(0x8765, b"skip me"), (0xFFFF, b"")]
    return {
        "v1-small.codetta": chunks.write(*small()),
        "v1-tiny.codetta": chunks.write(*tiny()),
        "v1.1-adaptive.codetta": chunks.write(*adaptive()),
        "v1.2-lm.codetta": chunks.write(*learned()),
        "v1.3-segments.codetta": chunks.write(*segmented()),
        "v1-optional.codetta": chunks.write(*small(), minor=7, optional=optional),
    }


MAKERS = {"tiny": tiny, "adaptive": adaptive, "lm": learned, "segments": segmented}


def dumped_bytes(document, heading=""):
    """The bytes of a document's hex dump, the first behind `heading`: lines of an offset, bytes and a remark after two spaces."""
    out, text = b"", document.read_text().partition(heading)[2] if heading else document.read_text()
    for line in re.findall(r"^    [0-9a-f]{4}  .*$", text, re.M):
        if heading and out and line.startswith("    0000"):
            break
        offset, digits = line.split("  ")[2:4]
        assert int(offset, 16) == len(out), f"hex dump: offset {offset}"
        out += bytes.fromhex(digits)
    return out


def decisions(model, tracks, frames):
    """The coder that `model` codes `tracks` with, and the (bit, probability) of each decision."""
    encoder, found = coder.Encoder(), []
    code = encoder.code
    encoder.code = lambda bit, probability: (found.append((bit, probability)), code(bit, probability))[1]
    model.restart()
    model.run(encoder, tracks, frames)
    return encoder, found


def adaptive_example():
    """The lines of the document's example of entropy mode 1."""
    h = dict(trackCount=1, codebooks=[(6, 1), (4, 1)], framesPerChunk=10, entropy=1)
    tracks = [[[3, 5, 3, 5, 3, 5, 3, 0, 3, 5], [1] * 9 + [2]]]
    encoder, made = decisions(chunks.ChunkModel(h), tracks, 10)
    assert len(made) == 46, "the document says 46 decisions"
    return shown(tracks[0], made[:20], encoder)


def shown(streams, made, encoder):
    texts = {f"codebook {k}": stream for k, stream in enumerate(streams)}
    texts |= {"bit": [bit for bit, _ in made], "P": [p for _, p in made]}
    texts |= {"low": [f"{encoder.low} (multiplied {encoder.length} times)"], "range": [encoder.span], "payload": [encoder.finish().hex(" ")]}
    return "".join(f"    {name:12}{' '.join(map(str, values))}\n" for name, values in texts.items())


def write():
    for name, data in fixtures().items():
        (FOLDER / name).write_bytes(data)


def check():
    made = fixtures()
    for name, data in made.items():
        assert (FOLDER / name).read_bytes() == data, f"{name} differs"
        expected = next((make() for label, make in MAKERS.items() if label in name), small())
        assert chunks.read(data) == expected, f"{name} reads as something else"
        for length in range(0, len(data), 1 if len(data) < 1000 else 97):  # decoding a longer file takes a while
            refuses(data[:length], f"{name} cut to {length}", "truncated")
        refuses(data + b"\0", f"{name} with a byte more", "trailingBytes")
    data = made["v1-tiny.codetta"]
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        refuses(bytes(flipped), f"bit {bit} flipped")
    assert dumped_bytes(DOCUMENT) == data, "the hex dump in the document differs"
    assert adaptive_example() in DOCUMENT.read_text(), "the example of entropy mode 1 in the document differs"
    judge()


def judge():
    """Rules that no damage breaks: files of right checksums that are refused all the same, and sound ones at the bounds."""
    read, write = chunks.read, chunks.write
    codes = [[[5] * 40]]
    h = dict(
        codecName="a", modelType="b", subtype="", weights="00" * 32, sampleRate=1000, hopLength=10, originalRate=1000, channels=1,
        originalChannels=1, sampleCount=None, trackCount=1, codebooks=[(1024, 1)], framesPerChunk=8, entropy=0)
    for samples in (60, 400):
        assert read(write(h, codes, samples))[2] == samples, f"{samples} samples of 40 frames are refused"
    for samples in (0, 59, 401):
        refuses(write(h, codes, samples), f"{samples} samples of 40 frames", "invalidField")
    assert read(write(dict(h, segments=[[(0, 1.0)]]), codes, 1)), "segments that overlap are refused"
    with packed():
        data = write(dict(h, entropy=1), codes, 400)
    refuses(data, "packed chunks that range coding makes shorter", "invalidField")
    assert read(write(dict(h, entropy=1), codes, 400)), "range-coded chunks are refused"
    assert read(write(dict(h, originalChannels=3), codes, 400)), "a downmix is refused"
    refuses(write(dict(h, trackCount=2), codes * 2, 400), "two tracks of one channel", "invalidField")


@contextlib.contextmanager
def packed():
    """Has writers pack all codes, also where range coding would be shorter."""
    chosen, coder.Model.write = coder.Model.write, lambda self, tracks, frames, packing: packing
    yield
    coder.Model.write = chosen


def refuses(data, label, kind=None):
    try:
        chunks.read(data)
    except Refused as flaw:
        assert kind in (None, flaw.kind), f"{label} is refused: {flaw}"
    else:
        raise AssertionError(f"{label} is accepted")
