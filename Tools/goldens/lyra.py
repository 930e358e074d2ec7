"""A tiny Lyra model with random weights and what a plain float64 reading of its figure makes of one clip.

    python Tools/goldens/lyra.py        (needs numpy and safetensors)

Writes Tests/CodecsTests/Fixtures/tiny-lyra (a model folder) and tiny-lyra.safetensors, for LyraCodecTests.swift. Every
convolution here is a sum over its definition, so that nothing is shared with the code under test.
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests/CodecsTests/Fixtures"
CONFIG = {
    "model_type": "lyra", "sampling_rate": 16000, "channels": [6, 8, 12], "groups": [1, 2, 4], "strides": [4, 5, 2],
    "kernel_sizes": [11, 10, 4], "dilations": [1, 3], "unit_kernel_size": 3, "latent_kernel_size": 3,
    "negative_slope": 0.3, "codebook_dim": 8, "num_codebooks": 4, "codebook_size": 16}
SAMPLES = 1617


def lrelu(x):
    return np.where(x > 0, x, CONFIG["negative_slope"] * x)


def convolve(x, weight, bias=None, stride=1, dilation=1, groups=1):
    """x [time, inputs], weight [outputs, inputs/groups, kernel]; the past before the start is silence."""
    outputs, width, kernel = weight.shape
    past = (kernel - 1) * dilation + 1 - stride
    padded = np.concatenate([np.zeros((past, x.shape[1])), x])
    y = np.zeros((len(x) // stride, outputs))
    for t in range(len(y)):
        for o in range(outputs):
            first = o // (outputs // groups) * width
            for k in range(kernel):
                y[t, o] += padded[t * stride + k * dilation, first:first + width] @ weight[o, :, k]
    return y if bias is None else y + bias


def spread(x, weight, bias, stride, groups):
    """Transposed convolution, weight [inputs, outputs/groups, kernel]; what reaches past the end is dropped."""
    inputs, width, kernel = weight.shape
    y = np.zeros((len(x) * stride + kernel, width * groups))
    for t in range(len(x)):
        for i in range(inputs):
            first = i // (inputs // groups) * width
            y[t * stride:t * stride + kernel, first:first + width] += x[t, i] * weight[i].T
    return y[:len(x) * stride] + bias


def units(x, w, path):
    for i, dilation in enumerate(CONFIG["dilations"]):
        p, width = f"{path}.{i}", x.shape[1]
        y = convolve(lrelu(x), w[f"{p}.depthwise.weight"], dilation=dilation, groups=width)
        y = lrelu(convolve(y, w[f"{p}.pointwise.weight"], w[f"{p}.pointwise.bias"]))
        groups = CONFIG["groups"][CONFIG["channels"].index(width)]
        x = x + convolve(y, w[f"{p}.output.weight"], w[f"{p}.output.bias"], groups=groups)
    return x


def encode(x, w):
    x = convolve(x[:, None], w["encoder.input.weight"], w["encoder.input.bias"], CONFIG["strides"][0])
    for i in range(len(CONFIG["channels"]) - 1):
        p = f"encoder.stages.{i}"
        x = lrelu(units(x, w, f"{p}.units"))
        x = convolve(
            x, w[f"{p}.downsample.weight"], w[f"{p}.downsample.bias"], CONFIG["strides"][i + 1], groups=CONFIG["groups"][i])
    return convolve(lrelu(x), w["encoder.output.weight"], w["encoder.output.bias"], groups=CONFIG["groups"][-1])


def decode(x, w):
    x = convolve(x, w["decoder.input.weight"], w["decoder.input.bias"], groups=CONFIG["groups"][-1])
    deepest = len(CONFIG["channels"]) - 1
    for i in range(deepest):
        p, level = f"decoder.stages.{i}", deepest - 1 - i
        x = spread(
            lrelu(x), w[f"{p}.upsample.weight"], w[f"{p}.upsample.bias"], CONFIG["strides"][level + 1], CONFIG["groups"][level])
        x = units(x, w, f"{p}.units")
    return spread(lrelu(x), w["decoder.output.weight"], w["decoder.output.bias"], CONFIG["strides"][0], 1)[:, 0]


def quantize(x, codebooks):
    """Codes [codebooks, time], and how much farther the second-nearest codeword was, relative to the nearest."""
    rest, codes, margins = x.copy(), [], []
    for book in codebooks:
        distances = ((rest[:, None] - book) ** 2).sum(-1)
        nearest, second = np.sort(distances, axis=1)[:, :2].T
        codes.append(distances.argmin(1))
        margins.append((second - nearest) / nearest)
        rest -= book[codes[-1]]
    return np.array(codes), np.array(margins)


def shapes():
    c, g, k, d = CONFIG["channels"], CONFIG["groups"], CONFIG["kernel_sizes"], CONFIG["codebook_dim"]
    latent, last = CONFIG["latent_kernel_size"], len(c) - 1
    layers = {
        "encoder.input": ((c[0], 1, k[0]), c[0]), "encoder.output": ((d, c[last] // g[last], latent), d),
        "decoder.input": ((c[last], d // g[last], latent), c[last]), "decoder.output": ((c[0], 1, k[0]), 1)}
    for i in range(last):
        down, up = f"encoder.stages.{i}", f"decoder.stages.{last - 1 - i}"
        layers[f"{down}.downsample"] = (c[i + 1], c[i] // g[i], k[i + 1]), c[i + 1]
        layers[f"{up}.upsample"] = (c[i + 1], c[i] // g[i], k[i + 1]), c[i]
        for unit in (f"{p}.units.{j}" for p in (down, up) for j in range(len(CONFIG["dilations"]))):
            layers[f"{unit}.depthwise"] = (c[i], 1, CONFIG["unit_kernel_size"]), None
            layers[f"{unit}.pointwise"] = (c[i], c[i], 1), c[i]
            layers[f"{unit}.output"] = (c[i], c[i] // g[i], 1), c[i]
    return layers


def main():
    random = np.random.default_rng(6)
    weights = {}
    for name, (shape, bias) in shapes().items():
        weights[f"{name}.weight"] = random.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)
        if bias:
            weights[f"{name}.bias"] = random.normal(0, 0.1, bias).astype(np.float32)
    size = CONFIG["num_codebooks"], CONFIG["codebook_size"], CONFIG["codebook_dim"]
    scale = 2.0 ** -np.arange(size[0])[:, None, None]
    weights["quantizer.codebooks"] = (random.normal(0, 0.7, size) * scale).astype(np.float32)
    audio = random.normal(0, 0.3, SAMPLES).astype(np.float32)

    hop = int(np.prod(CONFIG["strides"]))
    exact = {name: tensor.astype(np.float64) for name, tensor in weights.items()}
    latents = encode(np.pad(audio.astype(np.float64), (0, -SAMPLES % hop)), exact)
    codes, margins = quantize(latents, exact["quantizer.codebooks"])
    books = list(zip(exact["quantizer.codebooks"], codes))
    outputs = [decode(sum(book[code] for book, code in books[:n]), exact) for n in (size[0], size[0] // 2)]

    folder = FIXTURES / "tiny-lyra"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    save_file(weights, folder / "model.safetensors")
    save_file(
        {"audio": audio, "codes": codes.astype(np.int32), "margins": margins.astype(np.float32),
         "features": latents.astype(np.float32), "output": outputs[0].astype(np.float32),
         "output_half": outputs[1].astype(np.float32)},
        FIXTURES / "tiny-lyra.safetensors")
    print("least margin", margins.min(), "features", np.abs(latents).max(), "output", np.abs(outputs[0]).max())


if __name__ == "__main__":
    main()
