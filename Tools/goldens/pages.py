"""The blocks and pages of edition 2 of the .codetta container, as Docs/container.md specifies them, and its writer; all in memory."""
import hashlib
import struct

import coder
from common import (
    TOP, Refused, by_time, code_count, crc32c, frame_total, number, numbers, pack, packed_bits, packed_length, part_of, preamble, require,
    segments_limit, segments_payload, superframe)
from headers import header_payload, tags_payload

SYNC = b"\xc5\x7a"
HEADER, PAGE, END, TAGS = 1, 2, 3, 0xC0
FRESH, SEGMENTS, ENTRY = 1, 2, 4
OPTIONAL, COPY_SAFE, PRIVATE = 0x80, 0x40, 0x20
NAMES = {HEADER: "header", PAGE: "page", END: "end mark", TAGS: "tags"}
# Most frames of a page.
LONGEST = 65535
# Pages that may be missing in a row before a jump is taken for damage.
NEAR = 65536


# Writing


def block(kind, payload, place=()):
    """`place` is (flags, first frame, frame count) of a page."""
    head = SYNC + bytes([kind])
    if kind == PAGE:
        head += bytes([place[0]]) + numbers(place[1:])
    head += number(len(payload))
    data = head + struct.pack("<H", crc32c(head) & 0xFFFF) + payload
    return data + struct.pack("<I", crc32c(data))


def page_codes(h, model, tracks, frames):
    if not h["entropy"]:
        return pack(h, tracks, frames, by_time)
    out = b""
    for first in range(0, frames, h["framesPerPacket"]):
        count = min(h["framesPerPacket"], frames - first)
        codes = part_of(h, tracks, first, first + count)
        payload = model.write(codes, count, pack(h, codes, count, by_time))
        out += (number(len(payload)) if frames > h["framesPerPacket"] else b"") + payload
    return out


def digest(h, tracks):
    found = hashlib.sha256()
    for t, k, i in by_time(h, frame_total(h, tracks)):
        if t == 0 and k == 0:
            for track, segments in enumerate(h.get("segments", [])):
                for at, scale in segments:
                    if at == i:
                        found.update(struct.pack("<IIf", 0xFFFFFFFF, track, scale))
        found.update(struct.pack("<I", tracks[t][k][i]))
    return found.digest()[:8]


def thinned(entries):
    """Every S-th of the entries, S the least power of two that leaves at most 65536."""
    spacing = 1
    while -(-len(entries) // spacing) > 65536:
        spacing *= 2
    return entries[::spacing]


def end_block(frames, samples, length, codes, entries):
    payload, last = numbers((frames, samples, length)) + codes + number(len(entries)), (0, 0)
    for entry in entries:
        payload += numbers((entry[0] - last[0], entry[1] - last[1]))
        last = entry
    for count in range(1, 10):
        distance = number(3 + len(number(len(payload) + count)) + 2 + len(payload))
        if len(distance) == count:
            return block(END, payload + distance[::-1])


def planned(h, frames):
    """(frames, fresh model, entry) of the pages that the layout makes."""
    page, since = h["framesPerPage"], 0
    for count, first in enumerate(range(0, frames, page)):
        start = not h["entropy"] or count % h["pagesPerModel"] == 0
        entry = start and count > 0 and since >= h["pagesPerEntry"]
        since = 1 if entry else since + 1
        yield min(page, frames - first), start and h["entropy"] > 0, entry


def write(h, tracks, samples, optional=()):
    """A recording.

    `tracks[track][codebook]` are the codes. `h["pages"]` has (frames, fresh model, entry) of each page, or `h` a layout as that of Docs/formats.md.
    `h["segments"]`, if there, has the (first frame, scale) of the segments of each track, counted from the recording's first frame; `optional` are
    (kind, payload) pairs put before the first page.
    """
    frames, h = frame_total(h, tracks), dict(h)
    if h["entropy"] and "table" not in h:
        h["table"] = coder.table_bits(packed_bits(h, h["framesPerPage"]) * h["pagesPerModel"])
    out = preamble(2) + block(HEADER, header_payload(h))
    if h.get("tags"):
        out += block(TAGS, tags_payload(h["tags"]))
    out += b"".join(block(*pair) for pair in optional)
    model, entries, at = coder.Model(h, h.get("table")), [], 0
    for count, fresh, entry in h["pages"] if "pages" in h else planned(h, frames):
        place = h.get("cut", (0, 0))[0] + at
        flags, payload = FRESH * fresh | ENTRY * entry, b""
        if fresh:
            model.restart()
        if entry:
            entries.append((place, len(out)))
        begun = [[(start - at, scale) for start, scale in track if at <= start < at + count] for track in h.get("segments", [])]
        if any(begun):
            flags |= SEGMENTS
            record = segments_payload(begun)
            payload = number(len(record)) + record
        payload += page_codes(h, model, part_of(h, tracks, at, at + count), count)
        out += block(PAGE, payload, (flags, place, count))
        at += count
    return out + end_block(frames, samples, len(out), digest(h, tracks), thinned(entries))


# Reading


def read_block(data, at, h=None):
    """(kind, place, payload, end) of the block at byte `at`. The header `h` bounds pages, once it is known."""
    start = at

    def byte():
        nonlocal at
        require(at < len(data), "truncated", "a block header")
        at += 1
        return data[at - 1]

    def take_number():
        value = 0
        for count in range(9):
            found = byte()
            value |= (found & 127) << 7 * count
            if found < 128:
                require(found or not count, "checksum", "block header")
                return value
        raise Refused("checksum", "block header")

    for expected in SYNC:
        require(byte() == expected, "checksum", "block header")
    kind = byte()
    place = (byte(), take_number(), take_number()) if kind == PAGE else None
    length = take_number()
    checksum = crc32c(data[start:at]) & 0xFFFF
    require(byte() | byte() << 8 == checksum, "checksum", "block header")
    check_block(h, kind, place, length)
    require(at + length + 4 <= len(data), "truncated", f"the rest of the {name(kind)}")
    end = at + length
    require(crc32c(data[start:end]) == struct.unpack_from("<I", data, end)[0], "checksum", name(kind))
    return kind, place, data[at:end], end + 4


def name(kind):
    return NAMES.get(kind, f"block of kind {kind}")


def check_block(h, kind, place, length):
    """What a block may say before its payload."""
    limit = 2**24

    def need(condition, field, found):
        require(condition, "invalidField", name(kind), field, found)

    if h and place:
        flags, first, frames = place
        fresh, unit = flags & FRESH, superframe(h)
        need(flags < 8 and (h["entropy"] or not fresh) and (fresh or not h["entropy"] or not flags & ENTRY), "flags", flags)
        need(1 <= frames <= LONGEST and frames % unit == 0, "frame count", frames)
        need((first - h.get("cut", (0, 0))[0]) % unit == 0 and first <= TOP - LONGEST, "first frame", first)
        need(code_count(h, frames) <= 2**22, "codes", code_count(h, frames))
        # Of a packet's length three bytes are counted here.
        limit = min(limit, packed_length(h, frames) + (3 * (frames // unit + 1) if h["entropy"] else 0) + (
            segments_limit(h, frames) + 9 if flags & SEGMENTS else 0))
        need(unit == 1 or not flags & SEGMENTS, "superframe", unit)
    need(length <= limit, "payload length", length)
