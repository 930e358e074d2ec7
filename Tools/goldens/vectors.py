"""Test vectors of edition 2: sound files with what they hold."""
import hashlib
import json

import coder
import fixtures
import flawed
import pages
import recordings
from common import Refused, frame_total

FOLDER = fixtures.FOLDER / "edition2"
LAYOUT = ("framesPerPacket", "framesPerPage", "pagesPerModel", "pagesPerEntry")


def base(**changes):
    """As the preset `archive` lays out codes: a page is a packet."""
    return dict(
        dict(
            codecName="vector-24k", modelType="vector", subtype="pcm16", identity=hashlib.sha256(b"weights").hexdigest()[:16], sampleRate=24000,
            hopLength=320, originalRate=24000, channels=1, originalChannels=1, sampleCount=None, trackCount=1, codebooks=[(1024, 1), (5, 1)],
            entropy=0, framesPerPacket=8, framesPerPage=8, pagesPerModel=2, pagesPerEntry=1), **changes)


def stream(**changes):
    """As the preset `stream` does: several packets in a page."""
    return base(**dict(dict(framesPerPacket=2, framesPerPage=6, pagesPerModel=2, pagesPerEntry=2), **changes))


def repeating(h, frames):
    """Codes of which most repeat, so that there is something to learn."""
    tracks = fixtures.fixture_tracks(h, frames)
    for t, streams in enumerate(tracks):
        for k, codes in enumerate(streams):
            for i in range(len(codes)):
                if i % 7 < 5:
                    codes[i] = (11 * k + 3 * t + i // 16) % h["codebooks"][k][0]
    return tracks


class Carrying(coder.Encoder):
    """Notices a carry that goes through a byte of 255."""

    seen = False

    def code(self, bit, probability):
        bound = (self.span >> 16) * probability
        if not bit and self.low % 2**32 + bound >= 2**32 and (self.low >> 32) & 255 == 255:
            Carrying.seen = True
        return super().code(bit, probability)


def carry():
    """The first of a series of codes in whose payload a carry goes through a byte of 255."""
    h = base(entropy=1, framesPerPacket=40, framesPerPage=40)
    plain = coder.Encoder
    for seed in range(1000):
        codes = [[[(seed * 7919 + i * i * 31 + i * 17) % 1024 % (i % 9 + 1) for i in range(40)], [i * seed % 5 for i in range(40)]]]
        Carrying.seen, coder.Encoder = False, Carrying
        data = pages.write(h, codes, 12800)
        coder.Encoder = plain
        if Carrying.seen:
            return h, codes, 12800, data
    raise AssertionError("no carry was found")


def example():
    """The codes of the example in Docs/container-1.md, in two packets."""
    h = base(
        entropy=1, codebooks=[(6, 1), (4, 1)], framesPerPacket=5, framesPerPage=10, table=12, sampleCount=3200, identity="")
    tracks = [[[3, 5, 3, 5, 3, 5, 3, 0, 3, 5], [1] * 9 + [2]]]
    return h, tracks, 3200, pages.write(h, tracks, 3200)


def sound():
    """Name: (header, tracks, samples, file)."""
    books, lm = [(5, 4), (1000, 2), (1024, 1)], dict(entropy=2, entropyModel=fixtures.MODEL)
    two = dict(trackCount=2, originalChannels=2, originalRate=44100)
    made = {
        "archive": (base(), 20, 6400, ()),
        "archive-adaptive": (base(entropy=1), 44, 14080, ()),
        "archive-lm": (base(codebooks=[(20, 1)] * 2, **lm), 44, 14000, ()),
        "stream": (stream(), 40, 12800, ()),
        "stream-adaptive": (stream(entropy=1), 40, 12800, ()),
        "stream-lm": (stream(codebooks=[(20, 1)] * 3, **lm, **two), 30, 17000, ()),
        "strides": (base(codebooks=books, **two), 20, 11700, ()),
        "strides-adaptive": (stream(codebooks=books, entropy=1, framesPerPacket=4, framesPerPage=8, **two), 60, 35000, ()),
        "segments": (base(segments=[[(0, 0.5), (6, 2.0), (7, 0.0)], [(3, 2.0**-26), (19, 3.25)]], **two), 20, 11700, ()),
        "segments-adaptive": (stream(entropy=1, segments=[[(0, 1.0), (13, 0.25)]]), 20, 6400, ()),
        "cut": (base(originalRate=44100, cut=(40, 1200), context=(9, 1, 2), tail=3, sampleCount=9000), 20, 9000, ()),
        "cut-without-bound": (base(entropy=1, cut=(0, 77), context=(None, 2, 1)), 20, 6200, ()),
        "tags": (base(tags={"title": "Öl = oil", "speaker": "Ann", "x-mine.1": ""}), 8, 2560, ()),
        "optional": (base(), 8, 2560, ((0x80, b"dropped"), (0xC1, b"copied"), (0xE0, b""))),
        "spelt": (base(modelType="another", subtype="pcm12"), 8, 2560, ()),
        "listed": (base(modelType="soundstream", subtype="opus", identity="", originalRate=16000), 8, 1700, ()),
        "downmix": (base(channels=2, originalChannels=6, trackCount=1), 8, 2560, ()),
        "empty": (base(), 0, 0, ()),
        "uneven-pages": (base(pages=[(3, False, False), (1, False, True), (9, False, False), (7, False, True)]), 20, 6400, ()),
        "uneven-pages-adaptive": (stream(entropy=1, table=12, pages=[(5, True, False), (1, True, True), (14, False, False)]), 20, 6400, ()),
    }
    found = {}
    for name, (h, frames, samples, optional) in made.items():
        tracks = repeating(h, frames) if h["entropy"] else fixtures.fixture_tracks(h, frames)
        found[name] = (h, tracks, samples, pages.write(h, tracks, samples, optional))
    found["carry"], found["example-adaptive"] = carry(), example()
    found["later-fields"] = (*found["tags"][:3], flawed.with_later_fields(found["tags"][3]))
    found["later-format"] = (*found["listed"][:3], flawed.with_format(found["listed"][3], 200))
    return found


# Files that a writer of one layout does not make as they are.
READ_ALONE = ("optional", "uneven-pages", "uneven-pages-adaptive", "later-fields", "later-format")


def files():
    found = sound()
    chain = b"".join(found[name][3] for name in ("tags", "stream-adaptive", "cut"))
    return (
        {f"{name}.codetta": entry[3] for name, entry in found.items()} | {"chain.codetta": chain}
        | {f"invalid-{name}.codetta": data for name, (data, *_) in flawed.files(found).items()})


def described(data):
    result = []
    for h, tracks, samples in recordings.read(data):
        frames = frame_total(h, tracks)
        result.append(dict(
            frames=frames, samples=samples, digest=pages.digest(h, tracks).hex(), tags=h.get("tags", {}), entropy=h["entropy"],
            tracks=tracks if frames <= 20 else None))
    return result


def summary(made):
    """What is expected of the sound files, and how those are cut into pages that a writer makes as they are; why the others are refused."""
    found = sound()
    entries, refused = {}, {}
    for name, data in made.items():
        plain = name.removesuffix(".codetta")
        if name.startswith("invalid-"):
            continue
        h = found[plain][0] if plain in found and plain not in READ_ALONE else None
        entries[name] = dict(recordings=described(data), pages=[h[key] for key in LAYOUT] if h else None)
    for name, (_, kind, *what) in flawed.files(found).items():
        refused[f"invalid-{name}.codetta"] = dict(kind=kind, what=what[0] if what else None)
    return json.dumps(dict(sound=entries, refused=refused), separators=(",", ":"), sort_keys=True) + "\n"


def write():
    made = files()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*"):
        old.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    (FOLDER / "vectors.json").write_text(summary(made))


def check():
    made, found = files(), sound()
    assert {path.name for path in FOLDER.glob("*.codetta")} == set(made), "other test vectors"
    for name, data in made.items():
        assert (FOLDER / name).read_bytes() == data, f"{name} differs"
    for name, (data, kind, *what) in flawed.files(found).items():
        refuses(data, name, kind, what[0] if what else None)
    for name, (given, tracks, samples, data) in found.items():
        (h, *read), = recordings.read(data)
        assert read == [tracks, samples] and h.get("segments") == given.get("segments"), f"{name} reads as something else"
        if name not in ("optional", "later-fields", "later-format"):
            assert pages.write(h, *read) == data, f"{name} is written as something else"
        if len(data) < 200:
            for bit in range(8 * len(data)):
                flipped = bytearray(data)
                flipped[bit // 8] ^= 1 << bit % 8
                refuses(bytes(flipped), f"{name} with bit {bit} flipped")
            for length in range(len(data)):
                refuses(data[:length], f"{name} cut to {length}", "truncated")
    assert (FOLDER / "vectors.json").read_text() == summary(made), "vectors.json differs"


def refuses(data, label, kind=None, what=None):
    try:
        recordings.read(data)
    except Refused as flaw:
        assert kind in (None, flaw.kind) and what in (None, flaw.part or flaw.field), f"{label} is refused: {flaw}, expected {kind}, {what}"
    else:
        raise AssertionError(f"{label} is accepted")
