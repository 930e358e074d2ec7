"""Edition 2 of the .codetta container, as Docs/container.md specifies it: writer and strict reader, all in memory."""
import hashlib
import struct

import coder
from common import (
    TOP, Fields, Refused, by_time, check_header, code_count, crc32c, frame_total, origin, pack, packed_bits, packed_length, part_of,
    preamble, require, segments_limit, segments_payload, superframe)

SYNC = b"\xc5\x7a"
HEADER, PAGE, END, TAGS = 1, 2, 3, 0xC0
FRESH, SEGMENTS, ENTRY = 1, 2, 4
OPTIONAL, COPY_SAFE, PRIVATE = 0x80, 0x40, 0x20
NAMES = {HEADER: "header", PAGE: "page", END: "end mark", TAGS: "tags"}
# Fields at the end of the header.
CHANNELS, IDENTITY, SAMPLES, TAIL, CUT, CONTEXT, TAGGED = 1, 2, 4, 8, 16, 32, 64
TYPES = ["soundstream", "lyra", "encodec", "dac", "mimi", "snac", "wavtokenizer", "vocos-encodec", "hificodec", "bigcodec", "xcodec",
         "languagecodec"]
FORMATS = ["", "pcm16", "pcm24", "pcm32", "float", "double", "pcm8", "u8", "mulaw", "alaw", "generated", "mp3", "vorbis", "opus"]
SPELT = 255
# Most frames of a page.
LONGEST = 65535
# Pages that may be missing in a row before a jump is taken for damage.
NEAR = 65536


# Writing


def number(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def numbers(values):
    return b"".join(map(number, values))


def text(value):
    data = value.encode()
    return number(len(data)) + data


def block(kind, payload, place=()):
    """`place` is (flags, first frame, frame count) of a page."""
    head = SYNC + bytes([kind])
    if kind == PAGE:
        head += bytes([place[0]]) + numbers(place[1:])
    head += number(len(payload))
    data = head + struct.pack("<H", crc32c(head) & 0xFFFF) + payload
    return data + struct.pack("<I", crc32c(data))


def runs(codebooks):
    """How many neighbours are alike, and their size and stride."""
    found = []
    for book in codebooks:
        if found and found[-1][1:] == book:
            found[-1] = (found[-1][0] + 1, *book)
        else:
            found.append((1, *book))
    return found


def family(name):
    return name.split("-")[0]


def type_number(h):
    if h["modelType"] == family(h["codecName"]):
        return 0
    return TYPES.index(h["modelType"]) + 1 if h["modelType"] in TYPES else None


def format_number(h):
    return FORMATS.index(h["subtype"]) if h["subtype"] in FORMATS else None


def numbered(value, place):
    return bytes([SPELT]) + text(value) if place is None else bytes([place])


def last_fields(h):
    """Flag and bytes of those of the header's last fields that it has."""
    channels = (h["channels"], h["originalChannels"], h["trackCount"])
    if channels != (1, 1, 1):
        yield CHANNELS, numbers(channels)
    if h.get("identity"):
        yield IDENTITY, bytes.fromhex(h["identity"])
    if h["sampleCount"] is not None:
        yield SAMPLES, number(h["sampleCount"])
    if h.get("tail") is not None:
        yield TAIL, number(h["tail"])
    if any(h.get("cut", ())):
        yield CUT, numbers(h["cut"])
    if h.get("context"):
        back, ahead, alignment = h["context"]
        yield CONTEXT, numbers((0 if back is None else back + 1, ahead, alignment))
    if h.get("tags"):
        yield TAGGED, b""


def header_payload(h):
    last, rate = list(last_fields(h)), h["sampleRate"]
    out = bytes([h.get("minor", 0)]) + number(sum(flag for flag, _ in last)) + numbers((rate, h["hopLength"]))
    out += number(0 if h["originalRate"] == rate else h["originalRate"]) + bytes([h["entropy"]]) + number(h["framesPerPacket"])
    out += bytes([h["table"]]) if h["entropy"] else b""
    out += number(len(h["codebooks"])) + b"".join(numbers(run) for run in runs(h["codebooks"])) + text(h["codecName"])
    out += numbered(h["modelType"], type_number(h)) + numbered(h["subtype"], format_number(h)) + bytes.fromhex(h.get("entropyModel", ""))
    return out + b"".join(field for _, field in last)


def tags_payload(tags):
    pairs = sorted((key.encode(), value.encode()) for key, value in tags.items())
    return number(len(pairs)) + b"".join(number(len(x)) + x for pair in pairs for x in pair)


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


def read_header(payload):
    """The header, and whether tags follow."""
    f, h = Fields(payload, "header"), {}
    h["minor"] = f.unsigned(1)
    present = f.number("fields")
    h["sampleRate"] = f.number("codec sample rate", 1, 2**24 - 1)
    h["hopLength"] = f.number("hop length", 1, 2**24 - 1)
    rate = f.number("original sample rate", 0, 2**24 - 1)
    f.require(rate != h["sampleRate"], "original sample rate", rate)
    h["originalRate"] = rate or h["sampleRate"]
    h["entropy"] = f.unsigned(1)
    require(h["entropy"] <= 2, "unknownEntropyMode", found=h["entropy"])
    h["framesPerPacket"] = f.number("frames per packet", 1, 65535)
    if h["entropy"]:
        h["table"] = f.unsigned(1)
    count, h["codebooks"] = f.number("codebook count", 1, 1024), []
    while len(h["codebooks"]) < count:
        k = len(h["codebooks"])
        run = f.number("codebooks alike", 1, count - k)
        book = (f.number(f"size of codebook {k}", 2, 2**31), f.number(f"stride of codebook {k}", 1, 65535))
        f.require(h["codebooks"][-1:] != [book], f"codebook {k}", "as the one before")
        h["codebooks"] += [book] * run
    h["codecName"] = f.text("codec name", f.number("length of the codec name", 1, 255))
    read_type(f, h)
    read_format(f, h)
    if h["entropy"] == 2:
        h["entropyModel"] = f.take(8).hex()
    read_last_fields(f, h, present)
    check_header(h)
    check_paging(f, h)
    return h, bool(present & TAGGED)


def read_type(f, h):
    place = f.unsigned(1)
    if place == 0:
        h["modelType"] = family(h["codecName"])
    elif place <= len(TYPES):
        h["modelType"] = TYPES[place - 1]
        f.require(type_number(h) == place, "model type", place)
    else:
        f.require(place == SPELT, "model type", place)
        h["modelType"] = f.text("model type", f.number("length of the model type", 0, 255))
        f.require(type_number(h) is None, "model type", h["modelType"])


def read_format(f, h):
    place = f.unsigned(1)
    if place != SPELT:
        h["subtype"] = FORMATS[place] if place < len(FORMATS) else ""
        return
    h["subtype"] = f.text("original subtype", f.number("length of the subtype", 0, 255))
    f.require(format_number(h) is None, "original subtype", h["subtype"])


def read_last_fields(f, h, present):
    channels = (1, 1, 1)
    if present & CHANNELS:
        channels = (f.number("codec channels", 1, 1024), f.number("original channels", 1, 1024), f.number("track count", 1, 256))
        f.require(channels != (1, 1, 1), "channels", "1, 1, 1")
    h["channels"], h["originalChannels"], h["trackCount"] = channels
    if present & IDENTITY:
        h["identity"] = f.take(8).hex()
        f.require(h["identity"] != "00" * 8, "identity", "zeros")
    h["sampleCount"] = f.number("sample count", 0, TOP) if present & SAMPLES else None
    if present & TAIL:
        h["tail"] = f.number("tail", 0, TOP)
    if present & CUT:
        h["cut"] = (f.number("first frame", 0, TOP), f.number("skipped samples", 0, TOP))
    if present & CONTEXT:
        back = f.number("frames looked back", 0, TOP)
        h["context"] = (back - 1 if back else None, f.number("frames looked ahead", 0, TOP), f.number("alignment", 1, 65535))


def check_paging(f, h):
    unit, packet = superframe(h), h["framesPerPacket"]
    # A reader that sets aside a superframe of codes may say so here.
    f.require(unit <= 65535, "frames per chunk", unit)
    f.require(code_count(h, unit) <= 2**22, "codes in a chunk", code_count(h, unit))
    f.require(packet % unit == 0, "frames per packet", packet)
    f.require(code_count(h, packet) <= 2**22, "frames per page", packet)
    held, begin = h.get("cut", (0, 0))[0] * h["hopLength"], origin(dict(h, cut=(h.get("cut", (0, 0))[0], 0)))
    f.require(held <= 2**60 and begin <= TOP, "first frame", h.get("cut"))
    if "context" in h:
        f.require(h["context"][2] % unit == 0, "alignment", h["context"][2])
    if h["entropy"]:
        f.require(12 <= h["table"] <= 21, "table size", h["table"])


def read_tags(payload):
    f, tags, last, length = Fields(payload, "tags"), {}, b"", 0
    for _ in range(f.number("count", 1, 2**20)):
        key = f.text("key", f.number("length of a key", 1, 255))
        value = f.text("value", f.number("length of a value", 0, 2**20))
        f.require(last < key.encode(), "key", key)
        last, tags[key] = key.encode(), value
        length += len(key.encode()) + len(value.encode())
    f.end()
    for key, value in tags.items():
        f.require(set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-"), "key", key)
        f.require("\0" not in value, f"value of {key}", "with a zero")
    f.require(length <= 2**20, "length", length)
    return tags
