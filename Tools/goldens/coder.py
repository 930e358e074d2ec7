"""The range coder and the model that learns, of entropy modes 1 and 2, as Docs/container-1.md specifies them in "Adaptive payloads"."""
import bisect

import entropy as networks
from common import by_time, none, packed_length, require, unpack, width

# Entropy models that are at hand, by the 16 hexadecimal digits with which a header names them.
MODELS = {}

STEPS = [0, 1, 1, 2, 3, 5, 8, 13, 22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625,
         24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374,
         65438, 65476, 65500, 65514, 65523, 65528, 65531, 65533, 65534, 65535, 65535, 65536]
GUESSES, CONTEXTS = 6, 10


def limited(value, bound):
    return max(-bound, min(bound, value))


def squash(x):
    step, weight = divmod(x + 3072, 128)
    return (STEPS[step] * (128 - weight) + STEPS[step + 1] * weight) // 128


ODDS = range(-3071, 3072)
SQUASHED = [squash(x) for x in ODDS]
STRETCH = [min(bisect.bisect_left(SQUASHED, 16 * q + 8), len(ODDS) - 1) - 3071 for q in range(4096)]


def table_bits(decisions):
    """The exponent of a table with slots enough for so many decisions."""
    return min(max((CONTEXTS * decisions - 1).bit_length(), 12), 21)


def hashed(*values):
    state = values[0]
    for value in values[1:]:
        state = (state ^ value) * 0x9E3779B1 % 2**32
        state = (state ^ state >> 15) * 0x85EBCA77 % 2**32
        state ^= state >> 13
    return state


class Encoder:
    """The payload as one whole number, whose length grows by a byte at a time."""

    def __init__(self):
        self.low, self.span, self.length = 0, 2**32 - 1, 0

    def code(self, bit, probability):
        bound = (self.span >> 16) * probability
        if bit:
            self.span = bound
        else:
            self.low += bound
            self.span -= bound
        while self.span < 2**24:
            self.low <<= 8
            self.span <<= 8
            self.length += 1
        return bit

    def finish(self):
        return (-(-self.low >> 24)).to_bytes(self.length + 1, "big")


class Decoder:
    """Reads a payload with the arithmetic of the encoder, which makes it again."""

    def __init__(self, payload):
        self.payload, self.encoder = payload, Encoder()
        self.value = int.from_bytes((payload + bytes(4))[:4], "big")
        self.at = 4

    def code(self, _, probability):
        e = self.encoder
        bit = int(self.value - e.low < (e.span >> 16) * probability)
        before = e.length
        e.code(bit, probability)
        for _ in range(e.length - before):
            self.value = self.value << 8 | (self.payload[self.at] if self.at < len(self.payload) else 0)
            self.at += 1
        require(e.length < len(self.payload), *FOREIGN)
        return bit

    def finish(self):
        require(self.encoder.finish() == self.payload, *FOREIGN)


# What a payload is refused for that no encoder makes.
FOREIGN = ("invalidField", "chunk", "range-coded payload that")


def check_model(h):
    """Whether the entropy model, if it is at hand, is for codebooks as these."""
    tensors = MODELS.get(h.get("entropyModel"))
    if tensors:
        count, size = tensors["embedding"].shape[:2]
        require(len(h["codebooks"]) <= count and h["codebooks"][0][0] == size, "foreign", "entropy model")


def require_model(h):
    require(h["entropy"] != 2 or h["entropyModel"] in MODELS, "missingEntropyModel", found=h.get("entropyModel"))


class Model:
    """Codes pieces of a recording one after the other, and learns them."""

    def __init__(self, h, table):
        """`table` is the exponent of the size of the table of contexts."""
        self.h, self.table = h, table
        self.ready = False

    def restart(self):
        self.slots, self.guess_slots, self.followers = {}, {}, {}
        self.weights = {}
        self.learned = None
        if self.h["entropy"] == 2:
            tensors = MODELS[self.h["entropyModel"]]
            self.learned = [networks.IntegerModel(tensors) for _ in range(self.h["trackCount"])]
        streams = [(t, k) for t in range(self.h["trackCount"]) for k in range(len(self.h["codebooks"]))]
        self.recent = {s: [0, 0, 0] for s in streams}
        self.outcomes = {s: [0] * GUESSES for s in streams}
        self.ready = True

    def run(self, coder, tracks, frames):
        """Codes `tracks`, or reads and returns them when they are None."""
        found = none(self.h)
        for t, k, i in by_time(self.h, frames):
            code = tracks[t][k][i] if tracks else 0
            found[t][k].append(self.code(coder, code, t, k, self.h["codebooks"][k][0]))
        return found

    def write(self, tracks, frames, packed):
        """The payload of a piece whose packing is `packed`."""
        coder = Encoder()
        self.run(coder, tracks, frames)
        payload = coder.finish()
        return payload if len(payload) < len(packed) else packed

    def read(self, payload, frames, order, part):
        """The codes of a payload, whose length was checked. It is packed, in `order`, if it is as long as a packing."""
        self.ready = False
        if len(payload) == packed_length(self.h, frames):
            coder, tracks = Encoder(), unpack(self.h, payload, frames, order, part)
            self.run(coder, tracks, frames)
            require(len(coder.finish()) >= len(payload), "invalidField", part, "codes", "packed")
        else:
            coder = Decoder(payload)
            tracks = self.run(coder, None, frames)
            coder.finish()
        self.ready = True
        return tracks

    def code(self, coder, code, t, k, size):
        last, second, third = self.recent[t, k]
        below = self.recent[t, k - 1][0] if k >= 1 else 0
        lowest = self.recent[t, 0][0] if k >= 2 else 0
        below_below = self.recent[t, k - 2][0] if k >= 3 else 0
        other = self.recent[t - 1, k][0] if t >= 1 else 0
        pairs = [(1, 0), (last, 0), (below, 0), (lowest, 0), (last, below), (last, second), (below, lowest), (second, 0),
                 (below_below, 0), (other, 0)]
        predicted = [int(w) for w in self.learned[t].weights(k)] if self.learned else None
        stream = t * len(self.h["codebooks"]) + k
        places = [hashed(16 + i, stream, c) >> 16 if c else None for i, c in enumerate((last, below, lowest))]
        guesses = [last, second, third] + [self.followers.get(place, 0) for place in places]
        bits = width(size)
        node = 1
        for depth in reversed(range(bits)):
            bit = 0
            if (2 * node + 1 << depth) - (1 << bits) < size:
                prior = None
                if self.learned:
                    least, half = (node << depth + 1) - (1 << bits), 1 << depth
                    upper = sum(predicted[least + half : least + 2 * half])
                    prior = upper * 65536 // sum(predicted[least : least + 2 * half])
                bit = self.decide(
                    coder, code >> depth & 1, k, pairs, guesses, self.outcomes[t, k], node, bits, depth, prior)
            node = 2 * node + bit
        code = node - (1 << bits)
        if self.learned:
            self.learned[t].learn(k, code)
        self.outcomes[t, k] = [
            (2 * o + (g == code + 1)) % 16 if g else o for g, o in zip(guesses, self.outcomes[t, k])]
        for place in places:
            if place is not None:
                self.followers[place] = code + 1
        self.recent[t, k] = [code + 1, last, second]
        return code

    def decide(self, coder, bit, k, pairs, guesses, outcomes, node, bits, depth, prior):
        inputs, agreement = [], 0  # (number, table, key of the slot, check, probability, count)
        for i, (a, b) in enumerate(pairs):
            if a:
                key = hashed(i, k, a, b, node)
                place, check = key >> 32 - self.table, key % 256
                evidence = self.slots.get(place, (0, 32768, 0))
                inputs.append((i, self.slots, place, check, *(evidence[1:] if evidence[0] == check else (32768, 0))))
        for i, guess in enumerate(guesses):
            leading = guess - 1 + (1 << bits)
            if 0 < guess <= 1 << bits and leading >> depth + 1 == node:
                agreement |= 1 << i
                place = (i, outcomes[i], depth, leading >> depth & 1)
                inputs.append((CONTEXTS + i, self.guess_slots, place, 0, *self.guess_slots.get(place, (0, 32768, 0))[1:]))
        terms = []  # (odds, input and confidence class)
        for i, _, _, _, probability, count in inputs:
            confidence = min(8, (count - 1).bit_length() + 1) if count else 0
            terms.append((STRETCH[probability >> 4], (i, confidence)))
        start = 2185 if self.learned else 9830
        if self.learned:
            terms.append((STRETCH[min(prior, 65535) >> 4], ("learned", 1)))

        def weight(name, at):
            return self.weights.get((name, at), 65536 if at[0] == "learned" else start if at[1] else 0)

        sets = [("agreement", agreement), ("depth", depth)]
        mixed = []
        for name in sets:
            total = sum(odds * weight(name, at) for odds, at in terms)
            mixed.append(limited(total >> 16, 3071))
        bit = coder.code(bit, max(32, min(65504, squash(sum(mixed) >> 1))))
        for name, output in zip(sets, mixed):
            error = 65536 * bit - squash(output)
            for odds, at in terms:
                self.weights[name, at] = limited(weight(name, at) + (odds * error >> 13), 2**20)
        for _, table, place, check, probability, count in inputs:
            moved = probability + ((65535 * bit - probability) * (65536 // (count + 3)) >> 16)
            table[place] = (check, moved, min(count + 1, 255))
        return bit
