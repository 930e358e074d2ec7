"""The test signal that the Swift tests make too: integers only, so that both sides hold the same floats."""
import numpy as np


def integers(count, seed):
    """`count` values in -32768...32767: the top 16 bits of a 64-bit linear congruential generator (Knuth's MMIX)."""
    state, out = seed, np.empty(count, np.int64)
    for i in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        out[i] = (state >> 48) - 32768
    return out


def noise(count, seed):
    """White noise in -1...1 as exact float32 values."""
    return (integers(count, seed) / 32768.0).astype(np.float32)
