"""Files of edition 2 that must be refused, each for one reason: all but those of the first group have right checksums."""
import struct

import chunks
import fixtures
import pages
from common import Fields, crc32c, number, numbers, preamble, segments_payload, text
from pages import ENTRY, FRESH, SEGMENTS


def blocks(data):
    """(kind, place, payload) of each block of a file of one recording."""
    found, at = [], 16
    while at < len(data):
        kind, place, payload, at = pages.read_block(data, at)
        found.append((kind, place, payload))
    return found


def joined(data, found):
    return data[:16] + b"".join(pages.block(kind, payload, place or ()) for kind, place, payload in found)


def remade(data, kind, change, index=0):
    """`data` with another payload, or payload and place, of the `index`-th block of `kind`."""
    found = blocks(data)
    at = [i for i, block in enumerate(found) if block[0] == kind][index]
    result = change(found[at][2], found[at][1])
    payload, place = result if isinstance(result, tuple) else (result, found[at][1])
    found[at] = (kind, place, payload)
    return joined(data, found)


def inserted(data, kind, payload=b"", at=1):
    found = blocks(data)
    found.insert(at, (kind, None, payload))
    return joined(data, found)


def without(data, at):
    found = blocks(data)
    del found[at]
    return joined(data, found)


def ended(data, **changes):
    """`data` with another end mark."""
    f = Fields(blocks(data)[-1][2], "end mark")
    fields = dict(frames=f.number(""), samples=f.number(""), length=f.number(""), codes=f.take(8))
    last, entries = (0, 0), []
    for _ in range(f.number("")):
        last = (last[0] + f.number(""), last[1] + f.number(""))
        entries.append(last)
    return without(data, -1) + pages.end_block(**dict(dict(fields, entries=entries), **changes))


def with_later_fields(data):
    """As a later minor version may write a header that readers of 2.0 understand: another field behind those that they know."""
    return relocated(remade(data, pages.HEADER, lambda payload, _: b"\x07" + number(payload[1] | 128) + payload[2:] + b"later"))


def with_format(data, place):
    name = text("vector-24k") + b"\x01"
    return remade(data, pages.HEADER, lambda payload, _: payload.replace(name + b"\x0d", name + bytes([place]), 1))


def relocated(data):
    """With the end mark's length mended; for files without entries."""
    return ended(data, length=len(without(data, -1)))


def damaged(plain):
    def put(at, *values):
        return plain[:at] + bytes(values) + plain[at + len(values) :]

    short = preamble(2)
    return {
        "magic": (put(1, 0x64), "notCodetta"),
        "preamble-checksum": (put(12, plain[12] ^ 1), "checksum", "magic and version"),
        "sync-word": (put(16, 0xC4), "checksum", "block header"),
        "block-header-checksum": (put(20, plain[20] ^ 1), "checksum", "block header"),
        "header-checksum": (put(23, plain[23] ^ 1), "checksum", "header"),
        "block-length-in-a-long-form": (short + long_form(0x80 | plain[19], 0), "checksum", "block header"),
        "nothing-behind-the-preamble": (short, "truncated", "the header"),
        "cut-off-in-a-block-header": (plain[:19], "truncated", "a block header"),
        "cut-off": (plain[:-1], "truncated", "the rest of the end mark"),
        "cut-off-between-blocks": (without(plain, -1), "truncated", "the end mark"),
    }


def long_form(*length):
    head = pages.SYNC + bytes([pages.HEADER, *length])
    return head + struct.pack("<H", crc32c(head) & 0xFFFF) + bytes(200)


def headers(plain, two):
    name, books = text("vector-24k"), b"\x02\x01\x80\x08\x01\x01\x05\x01"
    rates = numbers((24000, 320, 0))
    fields = b"\x00" + number(2)

    def changed(old, new, data=plain):
        assert old in pages.read_block(data, 16)[2]
        return remade(data, pages.HEADER, lambda payload, _: payload.replace(old, new, 1))

    def field(flag, added):
        """With a field more, of those behind the identity."""
        return remade(plain, pages.HEADER, lambda payload, _: b"\x00" + number(2 | flag) + payload[2:] + added)

    invalid = ("invalidField", "header")
    return {
        "entropy-mode": (changed(rates + b"\x00", rates + b"\x03"), "unknownEntropyMode"),
        "header-too-short": (remade(plain, pages.HEADER, lambda payload, _: payload[:-1]), *invalid),
        "long-number": (changed(numbers((24000, 320)), b"\xc0\xbb\x81\x00" + number(320)), *invalid),
        "rate-spelt": (changed(rates, numbers((24000, 320, 24000))), *invalid),
        "rate-of-0": (changed(rates, numbers((0, 320, 24000))), *invalid),
        "two-runs": (changed(books, b"\x02\x01\x05\x01\x01\x05\x01"), *invalid),
        "codebook-of-1": (changed(books, b"\x02\x01\x80\x08\x01\x01\x01\x01"), *invalid),
        "run-too-long": (changed(books, b"\x02\x03\x80\x08\x01"), *invalid),
        "packet-in-a-superframe": (changed(books, b"\x02\x01\x80\x08\x01\x01\x05\x03"), *invalid),
        "control-character": (changed(name, text("vector-24\x7f")), *invalid),
        "name-without-family": (changed(name, text("-24k")), *invalid),
        "no-utf-8": (changed(name, b"\x0avector-\xc1\xa1k"), *invalid),
        "type-number": (changed(name + b"\x00", name + b"\x0d"), *invalid),
        "type-spelt-that-is-listed": (changed(name + b"\x00", name + b"\xff" + text("dac")), *invalid),
        "type-spelt-that-the-name-says": (changed(name + b"\x00", name + b"\xff" + text("vector")), *invalid),
        "type-listed-that-the-name-says": (changed(name + b"\x00", text("dac-24k") + b"\x04"), *invalid),
        "format-spelt-that-is-listed": (changed(name + b"\x00\x01", name + b"\x00\xff" + text("pcm16")), *invalid),
        "zero-identity": (remade(plain, pages.HEADER, lambda payload, _: payload[:-8] + bytes(8)), *invalid),
        "channels-of-1": (changed(fields, b"\x00\x01", channels(plain, (1, 1, 1))), *invalid),
        "channels-of-tracks": (changed(fields, b"\x00\x01", channels(plain, (1, 3, 2))), *invalid),
        "first-frame-too-far": (field(16, numbers((2**44, 0))), *invalid),
        "alignment": (remade(two, pages.HEADER, lambda payload, _: b"\x00" + number(payload[1] | 32) + payload[2:] + b"\x00\x00\x06"), *invalid),
        "table-of-2-to-the-22": (changed(rates + b"\x01\x08\x0d", rates + b"\x01\x08\x16", pages.write(
            dict(plain_header(), entropy=1, table=13), fixtures.fixture_tracks(plain_header(), 8), 2560)), *invalid),
    }


def plain_header():
    import vectors

    return vectors.base()


def channels(data, counts):
    """With counts in place of the identity."""
    return remade(data, pages.HEADER, lambda payload, _: payload[:-8] + numbers(counts))


def texts(tagged):
    def changed(payload):
        return relocated(remade(tagged, pages.TAGS, lambda *_: payload))

    invalid, empty = ("invalidField", "tags"), text("")
    return {
        "tags-missing": (without(tagged, 1), "invalidField", "block behind the header"),
        "tags-out-of-order": (changed(b"\x02" + text("b") + empty + text("a") + empty), *invalid),
        "tag-twice": (changed(b"\x02" + text("a") + empty + text("a") + empty), *invalid),
        "tag-key": (changed(b"\x01" + text("Title") + empty), *invalid),
        "tag-without-a-key": (changed(b"\x01" + empty + text("a")), *invalid),
        "tag-with-a-zero": (changed(b"\x01" + text("a") + text("\0")), *invalid),
        "tags-none": (changed(b"\x00"), *invalid),
        "tags-too-long": (changed(b"\x01" + text("a") + empty + b"\x00"), *invalid),
    }


def bodies(plain, adaptive, stream, segments, strides):
    first = blocks(plain)

    def page(data, change, index=0):
        return remade(data, pages.PAGE, change, index)

    def flagged(data, flags, index=0):
        return page(data, lambda payload, place: (payload, (flags, *place[1:])), index)

    def placed(frame, frames, index=0):
        return page(plain, lambda payload, place: (payload, (place[0], frame, frames)), index)

    def begun(tracks):
        record = segments_payload(tracks)
        return page(segments, lambda payload, place: number(len(record)) + record + payload[1 + payload[0] :])

    order = [first[0], first[2], first[1], *first[3:]]
    again = [*first[:2], first[1], *first[2:]]
    wrong = ("invalidField", "page")
    return {
        "second-header": (joined(plain, [*first[:2], first[0], *first[2:]]), "invalidField", "block"),
        "tags-elsewhere": (inserted(plain, pages.TAGS, b"\x01" + text("a") + text("b")), "invalidField", "tags"),
        "critical-kind": (inserted(plain, 4), "unknownSection"),
        "critical-kind-behind-a-flaw": (inserted(flagged(plain, 8), 4, at=2), *wrong),
        "order": (joined(plain, order), "missingFrames"),
        "missing-page": (without(plain, 2), "missingFrames"),
        "page-again": (joined(plain, again), "repeatedChunk"),
        "first-page-elsewhere": (placed(1, 8), "missingFrames"),
        "empty-page": (placed(0, 0), *wrong),
        "page-in-a-superframe": (remade(strides, pages.PAGE, lambda payload, place: (payload, (0, 0, 6))), *wrong),
        "unknown-flag": (flagged(plain, 8), *wrong),
        "fresh-model-in-mode-0": (flagged(plain, FRESH), *wrong),
        "entry-without-fresh-model": (flagged(adaptive, ENTRY, 1), *wrong),
        "no-fresh-model": (flagged(adaptive, 0), "lostContext"),
        "page-too-long": (page(plain, lambda payload, _: payload + b"\0"), *wrong),
        "page-too-short": (page(plain, lambda payload, _: payload[:-1]), *wrong),
        "padding-bits": (page(plain, lambda payload, _: payload[:-1] + bytes([payload[-1] | 0x80]), 2), *wrong),
        "code-out-of-range": (page(plain, lambda payload, _: b"\xff" * len(payload)), "codeOutOfRange"),
        "packet-of-0": (page(stream, lambda payload, _: b"\0" + payload[1:]), *wrong),
        "packets-too-long": (page(stream, lambda payload, _: payload + b"\0", 2), *wrong),
        "payload-of-no-encoder": (page(adaptive, lambda payload, _: payload[:-1] + bytes([payload[-1] ^ 1])), "invalidField"),
        "payload-with-a-byte-more": (page(adaptive, lambda payload, _: payload + b"\0"), "invalidField"),
        "segments-none": (begun([[], []]), "invalidField", "segments"),
        "segment-outside": (begun([[(8, 1.0)], []]), "invalidField", "segments"),
        "segments-falling": (begun([[(3, 1.0), (3, 1.0)], []]), "invalidField", "segments"),
        "segment-scale": (begun([[(3, float("nan"))], []]), "invalidField", "segments"),
        "segments-of-strides": (flagged(strides, SEGMENTS), *wrong),
    }


def endings(plain, long, cut):
    header = plain_header()
    header.update(cut=(40, 1200), originalRate=44100, context=(9, 1, 2), tail=3)
    without_count = pages.write(header, fixtures.fixture_tracks(header, 20), 9000)

    def distance(data):
        """With another distance behind the same fields."""
        return remade(data, pages.END, lambda payload, _: payload[:-1] + bytes([payload[-1] ^ 1]))

    wrong = ("invalidField", "end mark")
    return {
        "distance": (distance(plain), *wrong),
        "index-falling": (ended(plain, entries=[(8, 90), (8, 120)]), *wrong),
        "index": (ended(plain, entries=[(8, 99)]), "disagreement", "index"),
        "index-missing": (ended(plain, entries=[]), "disagreement", "index"),
        "digest": (ended(plain, codes=bytes(8)), "disagreement", "digest of the codes"),
        "length": (ended(plain, length=5), "disagreement", "length"),
        "fewer-frames": (ended(plain, frames=12), "disagreement", "frame total"),
        "frames": (ended(plain, frames=28), "missingFrames"),
        "samples-not-covered": (ended(plain, samples=6401), *wrong),
        "samples-far-below": (ended(long, samples=1), *wrong),
        "samples-of-the-header": (ended(cut, samples=8999), "disagreement", "sample count"),
        "tail": (ended(without_count, samples=5000), *wrong),
        "byte-behind": (plain + b"\0", "trailingBytes"),
        "edition-1-behind": (plain + chunks.write(*fixtures.tiny()), "invalidField", "preamble"),
        "newer-minor": (preamble(2, 1) + plain[16:], "newerVersion"),
        "newer-major": (preamble(3) + plain[16:], "newerVersion"),
    }


def files(found):
    """Name: (file, kind of the flaw, and what it is in or about)."""
    plain, adaptive, stream, cut = (found[name][3] for name in ("archive", "archive-adaptive", "stream-adaptive", "cut"))
    long = pages.write(plain_header(), fixtures.fixture_tracks(plain_header(), 80), 25600)
    with fixtures.packed():
        shrinking = pages.write(*found["archive-adaptive"][:3])
    return (
        damaged(plain) | headers(plain, found["strides"][3]) | texts(found["tags"][3])
        | bodies(plain, adaptive, stream, found["segments"][3], found["strides"][3]) | endings(plain, long, cut)
        | {"packed-that-shrinks": (shrinking, "invalidField", "page")})
