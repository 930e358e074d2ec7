"""A second implementation of the integer network of entropy mode `lm`, as Docs/container-1.md specifies it, in NumPy.

container.py codes with it; Tools/train/entropy_export.py measures with it what the integers cost.
"""
import numpy as np


def clamp(x):
    return np.clip(x, -32767, 32767)


def scaled(x):
    return (x + 2**31) >> 32


class IntegerModel:
    """Predicts codes of one track, frame after frame."""

    def __init__(self, tensors):
        self.t = {name: tensor.astype(np.int64) for name, tensor in tensors.items()}
        self.embedding = self.t["embedding"] << self.t["embedding.shift"][:, None, None]
        self.width = self.embedding.shape[2]
        self.reset()

    def reset(self):
        self.frame = np.zeros(self.width, np.int64)
        self.state = np.zeros(self.t["recurrence.state"].shape[1], np.int64)

    def product(self, name, x, k=None):
        weights, multipliers = self.t[name], self.t[name + ".multiplier"]
        if k is not None:
            weights, multipliers = weights[k], multipliers[k]
        return (weights @ x) * multipliers

    def begin_frame(self):
        self.last, self.frame = clamp(self.frame), np.zeros(self.width, np.int64)
        a = scaled(self.product("recurrence.input", self.last)) + self.t["recurrence.input.bias"]
        b = scaled(self.product("recurrence.state", self.state)) + self.t["recurrence.state.bias"]
        (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)

        def gate(table, x):
            return self.t[table][np.clip(x, -4096, 4095) + 4096]

        reset, update = gate("sigmoid", ar + br), gate("sigmoid", az + bz)
        candidate = gate("tanh", an + ((reset * bn) >> 15))
        self.state = clamp(candidate + ((update * (self.state - candidate) + 2**14) >> 15))

    def weights(self, k):
        """Weights of the codes of codebook k."""
        if k == 0:
            self.begin_frame()
        total = self.product("head.state", self.state, k) + self.product("head.last", self.last, k)
        total = total + self.product("head.frame", clamp(self.frame), k)
        hidden = np.maximum(clamp(scaled(total) + self.t["head.bias"][k]), 0)
        logits = scaled(self.product("output", hidden, k)) + self.t["output.bias"][k]
        return self.t["exponential"][np.minimum(logits.max() - logits, 4095)]

    def learn(self, k, code):
        self.frame = self.frame + self.embedding[k, code]

    def bits(self, codes):
        """Mean bits a code of codes [frames, codebooks]."""
        self.reset()
        total = 0.0
        for frame in codes:
            for k, code in enumerate(frame):
                weights = self.weights(k)
                total -= np.log2(weights[code] / weights.sum())
                self.learn(k, code)
        return total / codes.size


def fixture_value(tensor, place, size):
    return (((place + 1) * 2654435761 + tensor * 40503) >> 7) % size


def fixture_tensors(codebooks=3, size=20, width=6, states=9, heads=7):
    """A model that reaches both signs, the clamps and the ends of the tables, by formula: SwiftPM's tests build the same one."""
    shapes = {
        "embedding": (codebooks, size, width), "recurrence.input": (3 * states, width), "recurrence.state": (3 * states, states),
        "head.state": (codebooks, heads, states), "head.last": (codebooks, heads, width),
        "head.frame": (codebooks, heads, width), "output": (codebooks, size, heads)}
    multipliers = {
        "recurrence.input": 22, "recurrence.state": 21, "head.state": 25, "head.last": 24, "head.frame": 24, "output": 18}
    biases = {
        "recurrence.input": (3 * states,), "recurrence.state": (3 * states,), "head": (codebooks, heads),
        "output": (codebooks, size)}

    def values(number, shape, count, least):
        return np.array([fixture_value(number, i, count) + least for i in range(np.prod(shape))], np.int64).reshape(shape)

    tensors = {"embedding.shift": values(50, (codebooks,), 9, 0)}
    for number, (name, shape) in enumerate(shapes.items()):
        tensors[name] = values(number, shape, 255, -127)
    for number, (name, bits) in enumerate(multipliers.items()):
        tensors[name + ".multiplier"] = values(20 + number, shapes[name][:-1], 1 << bits, 0)
    for number, (name, shape) in enumerate(biases.items()):
        tensors[name + ".bias"] = values(40 + number, shape, 601, -300)
    tensors["sigmoid"] = 4 * np.arange(8192)
    tensors["tanh"] = np.clip(16 * (np.arange(8192) - 4096), -32767, 32767)
    tensors["exponential"] = np.array([max(2**20 >> i // 177, 1) for i in range(4096)])
    return tensors
