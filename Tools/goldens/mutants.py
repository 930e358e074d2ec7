"""Random files of both editions, and structural mutants of them: parts swapped, repeated, dropped, moved in time and edited, most with mended
checksums and end marks, so that readers come to the rules behind these."""
import struct

import chunks
import coder
import flawed
import identity
import pages
from common import Fields, crc32c, preamble, superframe, usual_tail
from fixtures import ROOT

MODEL = ROOT / "Models/codetta-24k/entropy.safetensors"


def install_model():
    """Makes the default codec's entropy model known. Returns its name."""
    import numpy

    types = {"I8": "<i1", "I16": "<i2", "I32": "<i4"}
    name = identity.of_weights([MODEL]).hex()[:16]
    coder.MODELS[name] = {
        key: numpy.frombuffer(values, types[kind]).reshape(shape).astype(numpy.int64) for key, kind, shape, values in identity.tensors(MODEL)}
    return name


def random_header(random, edition, model):
    strides = random.choice([[1], [1], [1, 2, 4], [1, 3], [2]])
    tracks, channels = random.randint(1, 3), random.randint(1, 2)
    rate = random.choice([1000, 24000, 44100])
    h = dict(
        codecName=random.choice(["a-b", "tëst", "mine-24k", "dac"]), modelType=random.choice(["a", "dac", "mine", "snac"]),
        subtype=random.choice(["", "pcm24", "old"]), sampleRate=rate, hopLength=random.choice([1, 10, 320]),
        originalRate=random.choice([rate, rate, 8000, 48000]), channels=channels, trackCount=tracks,
        originalChannels=tracks * channels if tracks > 1 else random.randint(1, 6),
        codebooks=[(random.choice([2, 3, 5, 256, 1000, 40000]), random.choice(strides)) for _ in range(random.randint(1, 4))],
        entropy=random.choice([0, 1]), sampleCount=None)
    if model and random.random() < 0.04:
        h.update(codecName="codetta-24k", modelType="soundstream", entropy=2, entropyModel=model, trackCount=1, channels=1,
                 codebooks=[(1024, 1)] * random.randint(1, 2))
    unit = superframe(h)
    h["framesPerChunk"] = unit * random.randint(1, 6)
    if edition == 1:
        return dict(h, weights=random.choice(["00" * 32, "5a" * 32]))
    h["framesPerPacket"] = unit * random.randint(1, 4)
    h.update(framesPerPage=h["framesPerPacket"] * random.randint(1, 3), pagesPerModel=random.randint(1, 3), pagesPerEntry=random.randint(1, 2))
    if random.random() < 0.5:
        h["identity"] = "1234567890abcdef"
    if random.random() < 0.3:
        h["cut"] = (unit * random.randint(0, 50), random.randint(0, 30))
    if random.random() < 0.3:
        h["context"] = (random.choice([None, 0, 9]), random.randint(0, 3), unit * random.randint(1, 2))
    if random.random() < 0.3:
        h["tags"] = {key: random.choice(["", "x", "ÄÖ"]) for key in random.sample(["title", "speaker", "a.b_c-1"], random.randint(1, 3))}
    return h


def random_file(random, edition, model):
    """A sound file."""
    h = random_header(random, edition, model)
    frames = superframe(h) * random.choice([0, 1, 2, random.randint(3, 12)])
    high = random.random() < 0.5
    tracks = [
        [[random.randrange(size if high else min(size, 3)) for _ in range(frames // stride)] for size, stride in h["codebooks"]]
        for _ in range(h["trackCount"])]
    if superframe(h) == 1 and frames > 0 and random.random() < 0.25:
        h["segments"] = [
            [(at, random.choice([0.0, 1.0, 0.3125])) for at in sorted(random.sample(range(frames), random.randint(0, min(3, frames))))]
            for _ in tracks]
        if not any(h["segments"]):
            del h["segments"]
    first, dropped = h.get("cut", (0, 0))
    held = (first + frames) * h["hopLength"] * h["originalRate"] // h["sampleRate"]
    begin = -(-first * h["hopLength"] * h["originalRate"] // h["sampleRate"]) + dropped
    if frames == 0 or held < begin:
        h["cut"], begin = (first, 0), begin - dropped
        h = {key: value for key, value in h.items() if key != "cut" or first}
    tail = usual_tail(h)
    least = max(0, max(first, first + frames - tail) * h["hopLength"] * h["originalRate"] // h["sampleRate"] - begin)
    samples = random.randint(least, max(least, held - begin)) if frames else 0
    if edition == 2 and random.random() < 0.3:
        h["tail"] = tail
    if random.random() < 0.4:
        h["sampleCount"] = samples
    return (chunks if edition == 1 else pages).write(h, tracks, samples)


# Parts


def edited(random, payload):
    """Bits flipped, bytes changed, added and removed."""
    data = bytearray(payload)
    for _ in range(random.choice([1, 1, 2])):
        at = random.randrange(len(data) + 1)
        choice = random.randrange(5)
        if choice == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif choice == 1 and at < len(data):
            data[at] = random.choice([0, 1, 2, 127, 128, 255])
        elif choice == 2:
            data.insert(at, random.choice([0, 1, 128, 255]))
        elif choice == 3 and data:
            del data[at - 1]
        elif at < len(data):
            data[at] = (data[at] + random.choice([1, -1])) % 256
    return bytes(data)


def shuffled(random, parts, edit):
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        if not parts:
            return
        a, b, choice = random.randrange(len(parts)), random.randrange(len(parts)), random.randrange(9)
        if choice == 0:
            parts[a], parts[b] = parts[b], parts[a]
        elif choice == 1:
            parts.insert(b, parts[a])
        elif choice == 2:
            del parts[a]
        else:
            parts[a] = edit(random, parts[a])


def edited_block(random, part):
    kind, place, payload = part
    choice = random.randrange(8)
    if choice == 0:
        kind = random.choice([0, 1, 2, 3, 4, 5, 0x7F, 0x80, 0xA0, 0xC0, 0xC1, 0xE0])
        place = (place or (0, 0, 1)) if kind == pages.PAGE else None
    elif choice <= 3 and place:
        flags, first, frames = place
        place = random.choice([
            (random.randrange(16), first, frames), (flags & 6, first, frames), (flags, max(0, first + random.randint(-4, 4)), frames),
            (flags, first, max(0, frames + random.randint(-4, 4)))])
    else:
        payload = edited(random, payload)
    return kind, place, payload


def mended_end(parts, start=16):
    """The end mark's length, index and frames as the blocks before it are, where it is the last."""
    kind, _, payload = parts[-1]
    if kind != pages.END:
        return parts
    try:
        f = Fields(payload, "")
        frames, samples, _, codes = f.number(""), f.number(""), f.number(""), f.take(8)
    except Exception:
        return parts
    at, entries, first, seen = start, [], None, None
    for kind, place, payload in parts[:-1]:
        if kind == pages.PAGE:
            first = place[1] if first is None else first
            seen = place[1] + place[2]
            if place[0] & pages.ENTRY and (not entries or place[1] > entries[-1][0]):
                entries.append((place[1], at))
        at += len(pages.block(kind, payload, place or ()))
    frames = frames if seen is None or seen < first else seen - first
    end = pages.end_block(frames, samples, at, codes, entries)
    return parts[:-1] + [pages.read_block(end, 0)[:3]]


def mutant_of_pages(random, data):
    parts = flawed.blocks(data)
    shuffled(random, parts, edited_block)
    if parts and random.random() < 0.6:
        parts = mended_end(parts)
    return flawed.joined(data, parts)


def sections(data):
    found, at = [], 16
    while at < len(data):
        kind, sequence, first, frames, payload, at = chunks.read_section(data, at, None)
        found.append((kind, sequence, first, frames, payload))
    return found


def edited_section(random, part):
    kind, sequence, first, frames, payload = part
    choice = random.randrange(8)
    if choice == 0:
        kind = random.choice([0, 1, 2, 3, 4, 5, 6, 0x8000, 0xF000])
    elif choice == 1:
        first = max(0, first + random.randint(-6, 6))
    elif choice == 2:
        frames = max(0, frames + random.randint(-4, 4))
    elif choice == 3:
        sequence += random.choice([1, -1 if sequence else 1])
    else:
        payload = edited(random, payload)
    return kind, sequence, first, frames, payload


def mutant_of_chunks(random, data):
    parts = sections(data)
    shuffled(random, parts, edited_section)
    number, mend = random.random() < 0.6, random.random() < 0.6
    out, offsets, index, segments = preamble(1, random.randrange(4)), [], None, None
    for count, (kind, sequence, first, frames, payload) in enumerate(parts):
        if mend and kind == chunks.INDEX:
            payload, index = chunks.index_payload(offsets), len(out)
        elif mend and kind == chunks.END and len(payload) == 32:
            payload = payload[:16] + struct.pack("<QII", index or 0, len(offsets), crc32c(out))
        if kind == chunks.CHUNK:
            offsets.append(len(out) if segments is None else segments)
        segments = len(out) if kind == chunks.SEGMENTS else None
        out += chunks.section(kind, count if number else sequence, payload, first, frames)
    return out


def damaged(random, data):
    """Without mended checksums."""
    choice = random.randrange(5)
    if choice == 0:
        return data[: random.randrange(len(data))]
    if choice == 1:
        return data + random.choice([b"\0", data, data[:16], data[:1], preamble(1), preamble(2), preamble(3)])
    if choice == 2:
        return preamble(random.choice([0, 1, 2, 2, 3]), random.choice([0, 0, 1, 9])) + data[16:]
    out = bytearray(data)
    for _ in range(random.randint(1, 2)):
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def mutant(random, data):
    choice = random.random()
    if choice < 0.1:
        return data
    if choice < 0.25:
        return damaged(random, data)
    return (mutant_of_chunks if data[8] == 1 else mutant_of_pages)(random, data)
