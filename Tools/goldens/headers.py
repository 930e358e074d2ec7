"""The header and the tags of a recording of edition 2, written and read as Docs/container.md specifies them."""
from common import TOP, Fields, check_header, code_count, number, numbers, origin, require, superframe, text

# Fields at the end of the header.
CHANNELS, IDENTITY, SAMPLES, TAIL, CUT, CONTEXT, TAGGED = 1, 2, 4, 8, 16, 32, 64
TYPES = ["soundstream", "lyra", "encodec", "dac", "mimi", "snac", "wavtokenizer", "vocos-encodec", "hificodec", "bigcodec", "xcodec",
         "languagecodec"]
FORMATS = ["", "pcm16", "pcm24", "pcm32", "float", "double", "pcm8", "u8", "mulaw", "alaw", "generated", "mp3", "vorbis", "opus"]
SPELT = 255


# Writing


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


# Reading


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
