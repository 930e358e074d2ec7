"""Test vectors of edition 2: sound files that say what they hold, and files of right checksums that must be refused, each for one reason."""
import hashlib
import json
import struct

import container as one
import pages
from container import FIXTURES, Refused, require

FOLDER = FIXTURES / "edition2"


def base(**changes):
    return dict(
        dict(
            codecName="vector-24k", modelType="vector", subtype="pcm16", identity=hashlib.sha256(b"weights").hexdigest()[:16], sampleRate=24000,
            hopLength=320, originalRate=24000, channels=1, originalChannels=1, sampleCount=None, trackCount=1, codebooks=[(1024, 1), (5, 1)],
            entropy=0, framesPerPacket=8, framesPerPage=8, pagesPerModel=2, pagesPerEntry=1), **changes)


def stream(**changes):
    return base(**dict(dict(framesPerPacket=2, framesPerPage=6, pagesPerModel=2, pagesPerEntry=2), **changes))


def repeating(h, frames):
    """Codes of which most repeat, so that there is something to learn."""
    tracks = one.fixture_tracks(h, frames)
    for t, streams in enumerate(tracks):
        for k, codes in enumerate(streams):
            for i in range(len(codes)):
                if i % 7 < 5:
                    codes[i] = (11 * k + 3 * t + i // 16) % h["codebooks"][k][0]
    return tracks


class Carrying(one.Encoder):
    """Notices a carry that goes through a byte of 255."""

    longest = 0

    def code(self, bit, probability):
        bound = (self.span >> 16) * probability
        if not bit and self.low % 2**32 + bound >= 2**32 and (self.low >> 32) & 255 == 255:
            Carrying.longest += 1
        return super().code(bit, probability)


def carry():
    """The first of a series of random codes in whose payload a carry goes through a byte of 255."""
    h = base(entropy=1, framesPerPacket=40, framesPerPage=40)
    plain = one.Encoder
    for seed in range(1000):
        codes = [[[(seed * 7919 + i * i * 31 + i * 17) % 1024 % (i % 9 + 1) for i in range(40)], [i * seed % 5 for i in range(40)]]]
        Carrying.longest, one.Encoder = 0, Carrying
        data = pages.write(h, codes, 12800)
        one.Encoder = plain
        if Carrying.longest:
            return h, codes, 12800, data
    raise Refused("no carry was found")


def sound():
    """Name: (header, tracks, samples, file)."""
    rows = [(5, 4), (1000, 2), (1024, 1)]
    two = dict(trackCount=2, originalChannels=2, originalRate=44100)
    made = {
        "archive": (base(), 20, 6400, ()),
        "archive-adaptive": (base(entropy=1), 44, 14080, ()),
        "archive-lm": (base(entropy=2, codebooks=[(20, 1)] * 2, entropyModel=one.MODEL), 44, 14000, ()),
        "stream": (stream(), 40, 12800, ()),
        "stream-adaptive": (stream(entropy=1), 40, 12800, ()),
        "stream-lm": (stream(entropy=2, codebooks=[(20, 1)] * 3, entropyModel=one.MODEL, **two), 30, 17000, ()),
        "strides": (base(codebooks=rows, **two), 20, 11700, ()),
        "strides-adaptive": (stream(codebooks=rows, entropy=1, framesPerPacket=4, framesPerPage=8, **two), 60, 35000, ()),
        "segments": (base(segments=[[(0, 0.5), (6, 2.0), (7, 0.0)], [(3, 2.0**-26), (19, 3.25)]], **two), 20, 11700, ()),
        "segments-adaptive": (stream(entropy=1, segments=[[(0, 1.0), (13, 0.25)]]), 20, 6400, ()),
        "cut": (base(originalRate=44100, cut=(40, 1200), context=(9, 1, 2), tail=3, sampleCount=9000), 20, 9000, ()),
        "cut-without-bound": (base(entropy=1, cut=(0, 77), context=(None, 2, 1)), 20, 6200, ()),
        "tags": (base(tags={"title": "Öl = oil", "speaker": "Ann", "x-mine.1": ""}), 8, 2560, ()),
        "optional": (base(), 8, 2560, ((0x80, b"dropped"), (0xC1, b"copied"), (0xE0, b""))),
        "spelt": (base(modelType="another", subtype="pcm12"), 8, 2560, ()),
        "listed": (base(modelType="soundstream", subtype="opus", identity="", originalRate=16000), 8, 1700, ()),
        "empty": (base(), 0, 0, ()),
    }
    found = {}
    for name, (h, frames, samples, optional) in made.items():
        tracks = repeating(h, frames) if h["entropy"] else one.fixture_tracks(h, frames)
        found[name] = (h, tracks, samples, pages.write(h, tracks, samples, optional))
    found["carry"] = carry()
    return found


def chain(found):
    return b"".join(found[name][3] for name in ("tags", "stream-adaptive", "cut"))


def remade(data, kind, change, index=0):
    """`data` with the payload of the `index`-th block of `kind` changed, checksums mended, and the end mark with it where that is possible."""
    out, at, count, entries = data[:16], 16, 0, None
    while at < len(data):
        found, place, payload, end = pages.read_block(data, at)
        if found == kind:
            if count == index:
                result = change(payload, place)
                payload, place = result if isinstance(result, tuple) else (result, place)
            count += 1
        if payload is not None:
            out += pages.block(found, payload, place or ())
        at = end
    return out


def ending(data, **changes):
    """`data` with another end mark."""
    at, frames, entries = 16, 0, []
    while True:
        kind, place, payload, end = pages.read_block(data, at)
        if kind == pages.END:
            break
        at = end
    f = pages.Fields(payload)
    fields = dict(frames=f.number(), samples=f.number(), length=f.number(), codes=f.take(8))
    last = (0, 0)
    for _ in range(f.number()):
        last = (last[0] + f.number(), last[1] + f.number())
        entries.append(last)
    return data[:at] + pages.end_block(**dict(dict(fields, entries=entries), **changes))


def swapped(data):
    """Two pages in each other's place."""
    blocks, at = [], 16
    while at < len(data):
        end = pages.read_block(data, at)[3]
        blocks.append(data[at:end])
        at = end
    blocks[1], blocks[2] = blocks[2], blocks[1]
    return data[:16] + b"".join(blocks)


def without_learning(h, tracks, samples):
    chosen, pages.Paged.write = pages.Paged.write, lambda self, codes, first, packed: (one.Adaptive.write(self, codes, first, packed), packed)[1]
    data = pages.write(h, tracks, samples)
    pages.Paged.write = chosen
    return data


def invalid(found):
    """Name: file."""
    plain, adaptive = found["archive"][3], found["archive-adaptive"][3]

    def header(old, new):
        return remade(plain, pages.HEADER, lambda payload, _: payload.replace(old, new, 1))

    name = pages.text("vector-24k")
    short = pages.write(base(), *found["optional"][1:3])
    long = pages.write(base(), one.fixture_tracks(base(), 80), 25600)
    return {
        "order": swapped(plain), "missing-page": remade(plain, pages.PAGE, lambda *_: (None, None), 1),
        "index": ending(plain, entries=[(8, 999)]), "digest": ending(plain, codes=bytes(8)), "length": ending(plain, length=5),
        "frames": ending(plain, frames=28), "samples-not-covered": ending(plain, samples=6401), "samples-far-below": ending(long, samples=1),
        "tail": ending(pages.write(dict(found["cut"][0], sampleCount=None), *found["cut"][1:3]), samples=5000), "samples-of-the-header": ending(found["cut"][3], samples=8999),
        "padding-bits": remade(plain, pages.PAGE, lambda payload, _: payload[:-1] + bytes([payload[-1] | 0x80]), 2),
        "code-out-of-range": remade(plain, pages.PAGE, lambda payload, _: b"\xff" * len(payload)),
        "packed-that-shrinks": without_learning(*found["archive-adaptive"][:3]),
        "payload-of-no-encoder": remade(adaptive, pages.PAGE, lambda payload, _: payload[:-1] + bytes([payload[-1] ^ 1])),
        "no-fresh-model": remade(adaptive, pages.PAGE, lambda payload, place: (payload, (0, *place[1:]))),
        "unknown-flag": remade(plain, pages.PAGE, lambda payload, place: (payload, (8, *place[1:]))),
        "type-spelt-that-is-listed": header(name + b"\x00", name + b"\xff" + pages.text("dac")),
        "type-number": header(name + b"\x00", name + b"\x0d"), "rate-spelt": header(pages.number(320) + b"\0", pages.number(320) + pages.number(24000)),
        "long-number": header(pages.number(24000), b"\xc0\xbb\x81\x00"),
        "two-runs": remade(short, pages.HEADER, lambda payload, _: payload.replace(b"\x02\x01\x80\x08\x01\x01\x05\x01", b"\x02\x01\x05\x01\x01\x05\x01", 1)),
        "zero-identity": header(bytes.fromhex(base()["identity"]), bytes(8)),
        "critical-kind": _inserted(plain, 4), "tags-elsewhere": _inserted(plain, pages.TAGS),
        "newer-minor": _version(plain, 2, 1), "newer-major": _version(plain, 3, 0),
        "tags-out-of-order": remade(found["tags"][3], pages.TAGS, lambda payload, _: b"\x02" + pages.text("b") + pages.text("") + pages.text("a") + pages.text("")),
        "tag-key": remade(found["tags"][3], pages.TAGS, lambda payload, _: b"\x01" + pages.text("Title") + pages.text("")),
        "byte-behind": plain + b"\0", "cut-off": plain[:-1], "edition-1-behind": plain + one.write(*one.tiny()),
    }


def _inserted(data, kind):
    end = pages.read_block(data, 16)[3]
    return data[:end] + pages.block(kind, pages.number(1) + pages.text("a") + pages.text("b")) + data[end:]


def _version(data, major, minor):
    return one.preamble(major=major, minor=minor) + data[16:]


def files():
    found = sound()
    return (
        {f"{name}.codetta": entry[3] for name, entry in found.items()} | {"chain.codetta": chain(found)}
        | {f"invalid-{name}.codetta": data for name, data in invalid(found).items()})


def described(data):
    result = []
    for h, tracks, samples in pages.read_all(data):
        frames = len(tracks[0][0]) * h["codebooks"][0][1]
        result.append(dict(
            frames=frames, samples=samples, digest=pages.digest(h, tracks, frames).hex(), tags=h.get("tags", {}), entropy=h["entropy"],
            tracks=tracks if frames <= 20 else None))
    return result


def summary(made):
    """What is expected of the sound files, and how those of one recording are cut into pages."""
    layouts = {name: entry[0] for name, entry in sound().items()}
    keys = ("framesPerPacket", "framesPerPage", "pagesPerModel", "pagesPerEntry")
    entries = {}
    for name, data in made.items():
        if not name.startswith("invalid-"):
            h = layouts.get(name.removesuffix(".codetta"))
            entries[name] = dict(recordings=described(data), pages=[h[key] for key in keys] if h and name != "optional.codetta" else None)
    return json.dumps(entries, separators=(",", ":"), sort_keys=True) + "\n"


def write():
    made = files()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*"):
        old.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    (FOLDER / "vectors.json").write_text(summary(made))


def check():
    made = files()
    require({path.name for path in FOLDER.glob("*.codetta")} == set(made), "other test vectors")
    for name, data in made.items():
        require((FOLDER / name).read_bytes() == data, f"{name} differs")
        if name.startswith("invalid-"):
            refuses(data, name)
    for name, entry in sound().items():
        h, tracks, samples = pages.read_all(entry[3])[0]
        require(tracks == entry[1] and samples == entry[2] and h.get("segments") == entry[0].get("segments"), f"{name} reads as something else")
        if len(entry[3]) < 200:
            for bit in range(8 * len(entry[3])):
                flipped = bytearray(entry[3])
                flipped[bit // 8] ^= 1 << bit % 8
                refuses(bytes(flipped), f"{name} with bit {bit} flipped")
    require((FOLDER / "vectors.json").read_text() == summary(made), "vectors.json differs")
    require(one.dumped_bytes(one.ROOT / "Docs/container.md") == made["tags.codetta"], "the hex dump in the document differs")


def refuses(data, label):
    try:
        pages.read_all(data)
    except (Refused, UnicodeDecodeError, struct.error):
        return
    raise Refused(f"{label} is accepted")
