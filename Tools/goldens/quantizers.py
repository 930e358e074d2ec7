"""Golden vectors for Tests/QuantizersTests: plain float64 versions of the quantizers, written from their papers.

    python Tools/goldens/quantizers.py        (needs numpy and safetensors)

Every frame whose best and second-best codeword are closer than a margin is left out, so that rounding cannot decide a code.
The files also hold the weights, in the layouts of the public checkpoints, and so exercise their loading.
"""
import os

import numpy as np
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "../../Tests/QuantizersTests/Fixtures")
MARGIN = 1e-3
FRAMES = 48


def nearest(x, book):
    """Index of the nearest row of `book` for each row of `x`, and how much farther away the second nearest is."""
    distances = ((x[:, None, :] - book[None, :, :]) ** 2).sum(-1)
    best_two = np.sort(distances, axis=1)[:, :2]
    return distances.argmin(1), best_two[:, 1] - best_two[:, 0]


def residual(x, books):
    """SoundStream, algorithm 1: codes [stages, time], the sum after each stage, the least margin of each frame."""
    rest, total, codes, sums = x.copy(), np.zeros_like(x), [], []
    margins = np.full(len(x), np.inf)
    for book in books:
        code, margin = nearest(rest, book)
        margins = np.minimum(margins, margin)
        rest, total = rest - book[code], total + book[code]
        codes.append(code)
        sums.append(total.copy())
    return np.stack(codes), sums, margins


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


def f32(x):
    return np.ascontiguousarray(x, dtype=np.float32)


def i64(x):
    """safetensors writes the buffer as it lies, so a transposed view would come out scrambled."""
    return np.ascontiguousarray(x, dtype=np.int64)


def keep(margins, threshold=MARGIN):
    """The first FRAMES frames that no rounding can tip."""
    sound = np.flatnonzero(margins > threshold)[:FRAMES]
    assert len(sound) == FRAMES, "too few clear frames"
    return sound


def rvq(rng):
    """EnCodec's layout: layers.i.codebook.embed and its training averages."""
    stages, size, dim = 4, 64, 16
    books = [f32(rng.normal(0, 0.6**k, (size, dim))).astype(np.float64) for k in range(stages)]
    x = f32(rng.normal(0, 1, (4 * FRAMES, dim))).astype(np.float64)
    codes, sums, margins = residual(x, books)
    rows = keep(margins)
    tensors = {"latents": f32(x[rows]), "codes": i64(codes[:, rows]),
               "decoded.2": f32(sums[1][rows]), "decoded.4": f32(sums[3][rows])}
    for k, book in enumerate(books):
        at = f"quantizer.layers.{k}.codebook."
        tensors |= {at + "embed": f32(book), at + "embed_avg": f32(book), at + "inited": f32([1]),
                    at + "cluster_size": f32(np.ones(size))}
    save_file(tensors, os.path.join(FIXTURES, "rvq.safetensors"))


def mimi(rng):
    """Mimi's layout: codeword = embed_sum / max(cluster_usage, 1e-5), one pair of projections around all stages."""
    stages, size, dim, inner = 2, 32, 12, 8
    sums = [f32(rng.normal(0, 3, (size, inner))).astype(np.float64) for _ in range(stages)]
    usages = [f32(rng.uniform(1, 5, size)).astype(np.float64) for _ in range(stages)]
    usages[1][3], sums[1][3] = 0, f32(rng.normal(0, 1e-5, inner))    # a codeword that training never used
    inward = f32(rng.normal(0, dim**-0.5, (inner, dim, 1))).astype(np.float64)
    outward = f32(rng.normal(0, inner**-0.5, (dim, inner, 1))).astype(np.float64)
    books = [s / np.maximum(u, 1e-5)[:, None] for s, u in zip(sums, usages)]
    x = f32(rng.normal(0, 1, (4 * FRAMES, dim))).astype(np.float64)
    codes, totals, margins = residual(x @ inward[:, :, 0].T, books)
    rows = keep(margins)
    tensors = {"latents": f32(x[rows]), "codes": i64(codes[:, rows]),
               "decoded": f32(totals[-1][rows] @ outward[:, :, 0].T),
               "rvq.input_proj.weight": f32(inward), "rvq.output_proj.weight": f32(outward)}
    for k in range(stages):
        at = f"rvq.layers.{k}.codebook."
        tensors |= {at + "embed_sum": f32(sums[k]), at + "cluster_usage": f32(usages[k]), at + "initialized": f32([1])}
    save_file(tensors, os.path.join(FIXTURES, "mimi.safetensors"))


def dac(rng):
    """DAC's layout: factorised stages compared by cosine, with weight norm on both projections."""
    stages, size, dim, inner = 3, 64, 24, 8
    tensors, maps = {}, []
    for k in range(stages):
        stage = {}
        for name, rows, columns in (("in_proj", inner, dim), ("out_proj", dim, inner)):
            g = f32(rng.uniform(0.5, 1.5, (rows, 1, 1))).astype(np.float64)
            v = f32(rng.normal(0, 1, (rows, columns, 1))).astype(np.float64)
            b = f32(rng.normal(0, 0.1, rows)).astype(np.float64)
            stage[name] = (g * v / np.sqrt((v**2).sum((1, 2), keepdims=True)))[:, :, 0], b
            at = f"quantizer.quantizers.{k}.{name}."
            # The old and the new spelling of weight norm.
            spelling = ("weight_g", "weight_v") if k < 2 else (
                "parametrizations.weight.original0", "parametrizations.weight.original1")
            tensors |= {at + spelling[0]: f32(g), at + spelling[1]: f32(v), at + "bias": f32(b)}
        stage["book"] = f32(rng.normal(0, 1, (size, inner))).astype(np.float64)
        tensors[f"quantizer.quantizers.{k}.codebook.weight"] = f32(stage["book"])
        maps.append(stage)
    x = f32(rng.normal(0, 1, (4 * FRAMES, dim))).astype(np.float64)
    rest, total, codes, margins = x.copy(), np.zeros_like(x), [], np.full(len(x), np.inf)
    for stage in maps:
        (wi, bi), (wo, bo), book = stage["in_proj"], stage["out_proj"], stage["book"]
        code, margin = nearest(unit(rest @ wi.T + bi), unit(book))
        margins = np.minimum(margins, margin)
        output = book[code] @ wo.T + bo
        rest, total = rest - output, total + output
        codes.append(code)
    rows = keep(margins)
    tensors |= {"latents": f32(x[rows]), "codes": i64(np.stack(codes)[:, rows]), "decoded": f32(total[rows])}
    save_file(tensors, os.path.join(FIXTURES, "dac.safetensors"))


def grvq(rng):
    """HiFi-Codec: the channels split into groups, each a residual quantizer; streams stage by stage."""
    groups, stages, size, dim = 2, 2, 32, 12
    share = dim // groups
    books = f32(rng.normal(0, 1, (groups, stages, size, share))).astype(np.float64)
    x = f32(rng.normal(0, 1, (4 * FRAMES, dim))).astype(np.float64)
    parts = [residual(x[:, g * share:(g + 1) * share], books[g]) for g in range(groups)]
    rows = keep(np.minimum(parts[0][2], parts[1][2]))
    codes = np.stack([parts[g][0][s] for s in range(stages) for g in range(groups)])
    decoded = {n: np.concatenate([part[1][n - 1] for part in parts], axis=1) for n in (1, 2)}
    tensors = {"latents": f32(x[rows]), "codes": i64(codes[:, rows]),
               "decoded.stage1": f32(decoded[1][rows]), "decoded.stage2": f32(decoded[2][rows])}
    for g in range(groups):
        tensors[f"groups.{g}.codebooks"] = f32(books[g])
    save_file(tensors, os.path.join(FIXTURES, "grvq.safetensors"))


def fsq(rng):
    """FSQ, appendix A.1 of the paper, and the variant of the common PyTorch implementation."""
    levels = np.array([8, 5, 5, 4, 2])
    offset = np.where(levels % 2 == 1, 0.0, 0.5)
    basis = np.concatenate([[1], np.cumprod(levels)[:-1]])
    x = f32(rng.normal(0, 1.5, (1000 * FRAMES, len(levels)))).astype(np.float64)
    bounded, margins = {}, np.full(len(x), np.inf)
    for name, sign, shift in (("published", -1, np.tan), ("centered", 1, np.arctanh)):
        half = (levels - 1) * (1 + sign * 1e-3) / 2
        bounded[name] = np.tanh(x + shift(offset / half)) * half - offset
        margins = np.minimum(margins, (0.5 - np.abs(bounded[name] - np.round(bounded[name]))).min(1))
    # The two forms agree nearly everywhere, but for two levels, where their shifts are 1.6 and 3.8: a third of the
    # frames are coded alike, a third differ by the shift in the last channel, a third by the scale in the others.
    differ = np.round(bounded["published"]) != np.round(bounded["centered"])
    scale, shift = differ[:, :-1].any(1), differ[:, -1]
    rows = np.concatenate([keep(np.where(chosen, margins, 0), 1e-4)[:FRAMES // 3]
                           for chosen in (~scale & ~shift, shift & ~scale, scale & ~shift)])
    tensors = {"latents": f32(x[rows]), "levels": i64(levels)}
    for name, values in bounded.items():
        rounded = np.round(values)[rows]
        tensors[f"{name}.codes"] = i64(((rounded + levels // 2) * basis).sum(1)[None])
        tensors[f"{name}.decoded"] = f32(rounded / (levels // 2))
    save_file(tensors, os.path.join(FIXTURES, "fsq.safetensors"))


if __name__ == "__main__":
    for seed, make in enumerate((rvq, mimi, dac, grvq, fsq)):
        make(np.random.default_rng(seed))
