"""The examples of Docs/container.md: dumps of two test vectors with what the bytes mean, and how a packet is range-coded."""
import coder
import fixtures
import headers
import pages
import recordings
import vectors
from common import Fields, packed_length, part_of, width

DOCUMENT = fixtures.ROOT / "Docs/container.md"
FORMATS = {0: "none", 1: "adaptive", 2: "lm"}


class Dump:
    """Lines of offset, bytes and meaning."""

    def __init__(self, data):
        self.data, self.at, self.lines = data, 0, []

    def take(self, count, meaning):
        """`meaning` may be a function of the bytes."""
        taken = self.data[self.at : self.at + count]
        said = meaning(taken) if callable(meaning) else meaning
        for first in range(0, count, 16):
            self.lines.append(f"    {self.at + first:04x}  {taken[first : first + 16].hex(' ')}  {said if first == 0 else '…'}")
        self.at += count
        return taken

    def number(self, meaning):
        """`meaning` has a place for the number, or makes a text of it."""
        f = Fields(self.data[self.at :], "")
        value = f.number("")
        self.take(f.at, meaning(value) if callable(meaning) else meaning.format(value))
        return value

    def numbers(self, count, meaning):
        f = Fields(self.data[self.at :], "")
        values = [f.number("") for _ in range(count)]
        self.take(f.at, meaning(*values) if callable(meaning) else meaning.format(*values))

    def text(self, meaning="{}"):
        f = Fields(self.data[self.at :], "")
        value = f.take(f.number("")).decode()
        self.take(f.at, meaning.format(f'"{value}"'))


def dump(data):
    """The lines of a file of one recording."""
    d = Dump(data)
    d.take(8, "magic")
    d.take(4, lambda b: f"version {b[0]}.{b[2]}")
    d.take(4, "CRC of bytes 0 to 11")
    (h, _, _), = recordings.read(data)
    while d.at < len(data):
        d.take(2, "sync word")
        kind = d.take(1, lambda b: f"kind {b[0] if b[0] < 128 else f'0x{b[0]:X}'} ({pages.name(b[0])})")[0]
        frames = 0
        if kind == pages.PAGE:
            flags = {1: "fresh model", 2: "segments", 4: "entry"}
            d.take(1, lambda b: "flags: " + (", ".join(said for flag, said in flags.items() if b[0] & flag) or "none"))
            d.number("first frame {}")
            frames = d.number("{} frames")
        length = d.number("payload of {} bytes")
        d.take(2, "low half of the CRC of the block so far")
        {pages.HEADER: dump_header, pages.PAGE: dump_page, pages.END: dump_end, pages.TAGS: dump_tags}[kind](d, h, frames, length)
        d.take(4, "CRC of the block")
    return "\n".join(d.lines) + "\n"


def dump_header(d, h, *_):
    d.take(1, lambda b: f"written by minor version {b[0]}")
    names = {1: "channels", 2: "identity", 4: "samples", 8: "tail", 16: "cut", 32: "context", 64: "tags"}
    present = d.number(lambda value: "fields: " + " + ".join(f"{flag} ({said})" for flag, said in names.items() if value & flag))
    assert not present & ~(headers.IDENTITY | headers.TAGGED | headers.SAMPLES), "an example has fields that this does not show"
    d.number("codec rate {}")
    d.number("hop length {}")
    d.number(lambda value: f"original rate {value}" if value else "original at the same rate")
    d.take(1, lambda b: f"entropy mode {b[0]} ({FORMATS[b[0]]})")
    d.number("{} frames per packet")
    if h["entropy"]:
        d.take(1, lambda b: f"2^{b[0]} slots")
    d.number("{} codebooks")
    for _ in headers.runs(h["codebooks"]):
        d.numbers(3, "{} of size {}, stride {}")
    d.text("codec name {}")
    d.take(1, lambda b: "model type: the name up to its hyphen" if b[0] == 0 else f"model type {b[0]}")
    d.take(1, lambda b: f"sample format {b[0]} ({headers.FORMATS[b[0]]})")
    if present & headers.IDENTITY:
        d.take(8, "identity of the model")
    if present & headers.SAMPLES:
        d.number("{} samples")


def dump_tags(d, *_):
    for _ in range(d.number("{} tags")):
        d.text("key {}")
        d.text("value {}")


def dump_page(d, h, frames, length):
    if not h["entropy"]:
        widths = " and one in ".join(str(width(size)) for size, _ in h["codebooks"])
        d.take(length, f"{frames} times a code in {widths} bits")
        return
    end = d.at + length
    for first in range(0, frames, h["framesPerPacket"]):
        count = min(h["framesPerPacket"], frames - first)
        size = d.number("packet of {} bytes") if frames > h["framesPerPacket"] else length
        packing = packed_length(h, count)
        d.take(size, f"{count} frames, " + ("packed" if size == packing else f"range-coded; packed they take {packing} bytes"))
    assert d.at == end


def dump_end(d, *_):
    d.number("{} frames")
    d.number("{} samples")
    d.number("{} bytes before this block")
    d.take(8, "digest of the codes")
    for _ in range(d.number(lambda value: f"{value} entries" if value else "no entries")):
        d.numbers(2, "page of frame {} at byte {}, each less the entry before")
    count = next(i for i in range(1, 10) if d.data[len(d.data) - 4 - i] < 128)
    d.take(count, f"{d.at - d.data.rindex(pages.SYNC)} bytes from the sync word to here")


# The range coder


def packets():
    """How the first packet of the second example is coded, and what the second becomes with the model that the first left."""
    h, tracks, _, _ = vectors.sound()["example-adaptive"]
    encoder, made = fixtures.decisions(coder.Model(h, h["table"]), part_of(h, tracks, 0, h["framesPerPacket"]), h["framesPerPacket"])
    streams = [stream[: h["framesPerPacket"]] for stream in tracks[0]]
    return len(made), fixtures.shown(streams, made[:20], encoder)


def texts():
    """What stands behind each heading of the document, in the first lines that are set in."""
    found = {name: entry[3] for name, entry in vectors.sound().items()}
    return {
        "### Entropy mode 0": dump(found["tags"]), "### Entropy mode 1": dump(found["example-adaptive"]),
        "#### The first packet": packets()[1]}


def replaced(document, heading, text):
    head, found, rest = document.partition(f"\n{heading}\n")
    assert found, f"no heading {heading}"
    lines = rest.split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("    "))
    last = next(i for i in range(first, len(lines)) if not lines[i].startswith("    "))
    return head + found + "\n".join(lines[:first] + text.rstrip("\n").split("\n") + lines[last:])


def rewritten():
    document = DOCUMENT.read_text()
    for heading, text in texts().items():
        document = replaced(document, heading, text)
    return document


def write():
    DOCUMENT.write_text(rewritten())


def check():
    assert DOCUMENT.read_text() == rewritten(), "the examples in the document differ"
    assert fixtures.dumped_bytes(DOCUMENT, "### Entropy mode 0") == vectors.sound()["tags"][3], "the dump is of another file"
