"""The strict reader of edition 2 of the .codetta container: pages, the end mark and chains."""
import coder
import headers
import pages
from common import (
    MAGIC, TOP, Fields, by_time, check_cover, check_padding, extend, none, number, packed_length, read_preamble, read_segments, require,
    segments_limit, superframe, unpack, usual_tail)
from pages import END, ENTRY, FRESH, HEADER, LONGEST, NEAR, OPTIONAL, PAGE, SEGMENTS, TAGS


class Recording:
    """What was read so far of the recording that begins at byte `start`."""

    def __init__(self, data, start):
        self.data, self.start = data, start
        require(start + 16 < len(data), "truncated", "the header")
        kind, _, payload, self.at = pages.read_block(data, start + 16)
        require(kind == HEADER, "invalidField", "first block", "kind", kind)
        self.h, tagged = headers.read_header(payload)
        if tagged:
            require(self.at < len(data), "truncated", "the tags")
            kind, _, payload, self.at = pages.read_block(data, self.at)
            require(kind == TAGS, "invalidField", "block behind the header", "kind", kind)
            self.h["tags"] = headers.read_tags(payload)
        coder.check_model(self.h)
        self.base = self.frames = self.h.get("cut", (0, 0))[0]
        self.tracks, self.entries = none(self.h), []
        self.model = coder.Model(self.h, self.h.get("table"))
        self.h["pages"] = []
        self.samples = None

    def read_next(self):
        """Reads a block."""
        require(self.at < len(self.data), "truncated", "the end mark")
        begin = self.at
        kind, place, payload, self.at = pages.read_block(self.data, begin, self.h)
        if kind == PAGE:
            self.read_page(place, payload, begin)
        elif kind == END:
            self.read_end(payload, begin)
        else:
            require(kind != HEADER, "invalidField", "block", "kind", kind)
            require(kind != TAGS, "invalidField", "tags", "place")
            require(kind & OPTIONAL, "unknownSection", found=kind)

    def read_page(self, place, payload, begin):
        flags, first, frames = place
        require(first >= self.frames, "repeatedChunk", found=first)
        require(first == self.frames, "missingFrames", found=self.frames)
        if flags & ENTRY:
            self.entries.append((first, begin - self.start))
        coder.require_model(self.h)
        if flags & SEGMENTS:
            payload = self.read_segments(payload, frames)
        extend(self.tracks, self.read_codes(payload, flags, frames))
        self.h["pages"].append((frames, bool(flags & FRESH), bool(flags & ENTRY)))
        self.frames += frames

    def read_segments(self, payload, frames):
        """Takes the segments off a page's payload."""
        f = Fields(payload, "page")
        begun = read_segments(f.take(f.number("length of the segments", 1, segments_limit(self.h, frames))), self.h, frames)
        for track, more in zip(self.h.setdefault("segments", [[] for _ in self.tracks]), begun):
            track.extend((self.frames - self.base + start, scale) for start, scale in more)
        return payload[f.at :]

    def read_codes(self, payload, flags, frames):
        h, packet = self.h, self.h["framesPerPacket"]
        if not h["entropy"]:
            return unpack(h, payload, frames, by_time, "page")
        if flags & FRESH:
            self.model.restart()
        require(self.model.ready, "lostContext", found=self.frames)
        f, found = Fields(payload, "page"), none(h)
        for first in range(0, frames, packet):
            count = min(packet, frames - first)
            longest = packed_length(h, count)
            length = f.number("length of a packet", 1, longest) if frames > packet else len(payload)
            f.require(1 <= length <= longest, "payload length", length)
            extend(found, self.model.read(f.take(length), count, by_time, "page"))
        f.end()
        return found

    def read_end(self, payload, begin):
        h, f = self.h, Fields(payload, "end mark")
        total, samples, length = f.number("frame total", 0, TOP), f.number("sample total", 0, TOP), f.number("length", 0, TOP)
        codes, index = f.take(8), read_index(f)
        # The header of the block has no place and one length.
        distance = len(pages.block(END, payload)) - len(payload) - 4 + f.at
        f.require(f.data[f.at :] == number(distance)[::-1], "distance")
        seen = self.frames - self.base
        near = total - seen <= NEAR * LONGEST
        require(total >= seen and near and total % superframe(h) == 0, "disagreement", field="frame total")
        check_cover(h, total, samples)
        require(h["sampleCount"] in (None, samples), "disagreement", field="sample count")
        require(total == seen, "missingFrames", found=self.frames)
        tail = h.get("tail")
        if tail is None and h["sampleCount"] is None and "segments" not in h:
            tail = usual_tail(h)
        if tail is not None:
            check_padding(h, total, samples, tail)
        require(length == begin - self.start, "disagreement", field="length")
        require(index == pages.thinned(self.entries), "disagreement", field="index")
        require(codes == pages.digest(h, self.tracks), "disagreement", field="digest of the codes")
        self.samples = samples


def read_index(f):
    index, last = [], (0, 0)
    for k in range(f.number("entries of the index", 0, 65536)):
        frame, offset = f.number(f"frame of entry {k}", 0, TOP), f.number(f"offset of entry {k}", 1, TOP)
        last = (last[0] + frame, last[1] + offset)
        f.require((frame > 0 or k == 0) and max(last) <= TOP, f"entry {k}", f"frame {last[0]} at {last[1]}")
        index.append(last)
    return index


def read(data):
    """The strict reader of a file: (header, tracks, samples) of each of its recordings."""
    at, found = 0, []
    while True:
        major, _ = read_preamble(data, at)
        require(major == 2, "invalidField", "preamble", "major version", major)
        recording = Recording(data, at)
        while recording.samples is None:
            recording.read_next()
        found.append((recording.h, recording.tracks, recording.samples))
        at = recording.at
        if at == len(data):
            return found
        require(data[at : at + 8] == MAGIC, "trailingBytes")
