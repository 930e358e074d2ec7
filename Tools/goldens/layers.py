"""Writes Tests/LayersTests/Fixtures/layers.json: what PyTorch computes for each streaming layer.

A case holds the layer's settings and the expected output only. Weights and inputs are drawn from the generator below in
the order in which the functions here draw them; Tests/LayersTests has the same generator and the same order.

    python Tools/goldens/layers.py
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

FIXTURE = pathlib.Path(__file__).parents[2] / "Tests/LayersTests/Fixtures/layers.json"


class Generator:
    """Numerical Recipes' 32-bit linear congruential generator; its upper 24 bits as -1 <= x < 1."""

    def __init__(self, seed):
        self.state = seed

    def draw(self, *shape, scale=1.0, offset=0.0):
        values = np.empty(int(np.prod(shape)), np.float32)
        for i in range(values.size):
            self.state = (self.state * 1664525 + 1013904223) % 2**32
            values[i] = np.float32(self.state >> 8) / np.float32(8388608) - np.float32(1)
        # Scaled in float32 as the tests do, then computed with in float64.
        values = values * np.float32(scale) + np.float32(offset)
        return torch.from_numpy(values.astype(np.float64)).reshape(shape)


def pad(x, left, right, mode):
    """EnCodec's padding of [channels, time]: a signal no longer than the reflection is first lengthened with zeros."""
    if mode == "zero":
        return F.pad(x, (left, right))
    if mode == "replicate":
        return F.pad(x[None], (left, right), mode="replicate")[0]
    extra = max(0, max(left, right) - x.shape[-1] + 1)
    padded = F.pad(F.pad(x, (0, extra))[None], (left, right), mode="reflect")[0]
    return padded[..., : padded.shape[-1] - extra]


def convolve(x, weight, bias, case):
    """`x` is [channels, time]; the padding follows `Padding` in Sources/Layers."""
    stride, dilation = case.get("stride", 1), case.get("dilation", 1)
    span = (weight.shape[-1] - 1) * dilation + 1
    kind = case.get("padding", "causal")
    if kind == "explicit":
        left, right = case["left"], case["right"]
    else:
        right = {"causal": 0, "centred": (span - stride) // 2, "lookahead": case.get("lookahead")}[kind]
        left = span - stride - right
        right += -x.shape[-1] % stride
    x = pad(x, left, right, case.get("mode", "zero"))
    return F.conv1d(x[None], weight, bias, stride=stride, dilation=dilation, groups=case.get("groups", 1))[0]


def draw_linear(g, inputs, outputs, scale=1.0):
    return g.draw(outputs, inputs, scale=scale), g.draw(outputs, scale=scale)


def conv1d(g, case):
    groups = case.get("groups", 1)
    weight = g.draw(case["outputs"], case["inputs"] // groups, case["kernel"])
    bias = g.draw(case["outputs"])
    x = g.draw(case["count"], case["inputs"])
    return convolve(x.T, weight, bias, case).T


def conv_transpose1d(g, case):
    groups = case.get("groups", 1)
    weight = g.draw(case["inputs"], case["outputs"] // groups, case["kernel"])
    bias = g.draw(case["outputs"])
    x = g.draw(case["count"], case["inputs"])
    if "torchPadding" in case:
        return F.conv_transpose1d(
            x.T[None], weight, bias, stride=case["stride"], groups=groups, padding=case["torchPadding"],
            output_padding=case["torchOutputPadding"])[0].T
    # Repeated edges: as many frames as overlap an output frame, whose own output is cut off again.
    extra = -(-case["kernel"] // case["stride"]) - 1 if case.get("mode") == "replicate" else 0
    x = pad(x.T, extra, extra, case.get("mode", "zero"))
    full = F.conv_transpose1d(x[None], weight, bias, stride=case["stride"], groups=groups)[0].T
    cut = extra * case["stride"]
    return full[cut + case["trimLeft"] : full.shape[0] - cut - case["trimRight"]]


def linear(g, case):
    weight, bias = draw_linear(g, case["inputs"], case["outputs"])
    return F.linear(g.draw(case["count"], case["inputs"]), weight, bias)


def layer_norm(g, case):
    weight, bias = g.draw(case["inputs"]), g.draw(case["inputs"])
    return F.layer_norm(g.draw(case["count"], case["inputs"]), (case["inputs"],), weight, bias, 1e-5)


def rms_norm(g, case):
    weight = g.draw(case["inputs"])
    return F.rms_norm(g.draw(case["count"], case["inputs"]), (case["inputs"],), weight, 1e-6)


def snake(x, alpha):
    return x + torch.sin(alpha * x) ** 2 / (alpha + 1e-9)


def activation(g, case):
    alpha = g.draw(case["inputs"], scale=0.5, offset=1.0)
    x = g.draw(case["count"], case["inputs"], scale=4)
    return {
        "elu": lambda: F.elu(x),
        "gelu": lambda: F.gelu(x),
        "geluTanh": lambda: F.gelu(x, approximate="tanh"),
        "silu": lambda: F.silu(x),
        "snake": lambda: snake(x, alpha),
    }[case["function"]]()


def convnext(g, case):
    channels, hidden = case["inputs"], case["hidden"]
    depthwise, depthwise_bias = g.draw(channels, 1, case["kernel"]), g.draw(channels)
    norm, norm_bias = g.draw(channels), g.draw(channels)
    expand, expand_bias = draw_linear(g, channels, hidden)
    gamma = g.draw(channels)
    contract, contract_bias = draw_linear(g, hidden, channels)
    x = g.draw(case["count"], channels)
    y = convolve(x.T, depthwise, depthwise_bias, case | {"groups": channels}).T
    y = F.layer_norm(y, (channels,), norm, norm_bias, 1e-6)
    y = F.gelu(F.linear(y, expand, expand_bias), approximate=case["gelu"])
    return x + gamma * F.linear(y, contract, contract_bias)


def encodec_unit(g, case):
    channels, hidden = case["inputs"], case["hidden"]
    first, first_bias = g.draw(hidden, channels, case["kernel"]), g.draw(hidden)
    second, second_bias = g.draw(channels, hidden, 1), g.draw(channels)
    shortcut, shortcut_bias = g.draw(channels, channels, 1), g.draw(channels)
    x = g.draw(case["count"], channels).T
    y = convolve(F.elu(x), first, first_bias, case)
    y = convolve(F.elu(y), second, second_bias, {})
    return (convolve(x, shortcut, shortcut_bias, {}) + y).T


def dac_unit(g, case):
    channels = case["inputs"]
    alpha1 = g.draw(channels, scale=0.5, offset=1.0)
    first, first_bias = g.draw(channels, channels, case["kernel"]), g.draw(channels)
    alpha2 = g.draw(channels, scale=0.5, offset=1.0)
    second, second_bias = g.draw(channels, channels, 1), g.draw(channels)
    x = g.draw(case["count"], channels).T
    y = convolve(snake(x, alpha1[:, None]), first, first_bias, case)
    return (x + convolve(snake(y, alpha2[:, None]), second, second_bias, {})).T


def lstm(g, case):
    inputs, hidden, layers = case["inputs"], case["hidden"], case["layers"]
    module = torch.nn.LSTM(inputs, hidden, layers, batch_first=True).double()
    with torch.no_grad():
        for i in range(layers):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                parameter = getattr(module, f"{name}_l{i}")
                parameter.copy_(g.draw(*parameter.shape))
        x = g.draw(case["count"], inputs)
        y = module(x[None])[0][0]
    return x + y if case["addsInput"] else y


def rotate(x, pairing):
    """Rotary embedding of [heads, time, size] at positions 0, 1, …"""
    size = x.shape[-1]
    angles = torch.arange(x.shape[1]).double()[:, None] * 10000.0 ** (-torch.arange(0, size, 2).double() / size)
    cos, sin = angles.cos(), angles.sin()
    a, b = (x[..., 0::2], x[..., 1::2]) if pairing == "interleaved" else x.chunk(2, dim=-1)
    rotated = (a * cos - b * sin, b * cos + a * sin)
    return torch.stack(rotated, -1).flatten(-2) if pairing == "interleaved" else torch.cat(rotated, -1)


def draw_attention(g, case):
    channels, size = case["inputs"], case["headSize"]
    heads, key_heads = case["heads"], case.get("keyHeads", case["heads"])
    shapes = [(channels, heads * size), (channels, key_heads * size), (channels, key_heads * size), (heads * size, channels)]
    return [draw_linear(g, *shape, scale=0.5) for shape in shapes]


def attend(x, projections, case, mask=None):
    heads, key_heads, size = case["heads"], case.get("keyHeads", case["heads"]), case["headSize"]
    q, k, v = (F.linear(x, *p).reshape(len(x), -1, size).transpose(0, 1) for p in projections[:3])
    if "pairing" in case:
        q, k = rotate(q, case["pairing"]), rotate(k, case["pairing"])
    k, v = (t.repeat_interleave(heads // key_heads, dim=0) for t in (k, v))
    return F.linear(F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(0, 1).flatten(1), *projections[3])


def sliding_mask(case):
    distance = torch.arange(case["count"])[:, None] - torch.arange(case["count"])[None]
    return (distance >= 0) & (distance < case["window"])


def attention(g, case):
    projections = draw_attention(g, case)
    return attend(g.draw(case["count"], case["inputs"]), projections, case, sliding_mask(case))


def local_attention(g, case):
    projections = draw_attention(g, case)
    x = g.draw(case["count"], case["inputs"])
    return torch.cat([attend(block, projections, case) for block in x.split(case["block"])])


def transformer(g, case):
    channels, hidden = case["inputs"], case["hidden"]
    rms = case["norm"] == "rms"

    def draw_norm():
        weight = g.draw(channels)
        if rms:
            return lambda x: F.rms_norm(x, (channels,), weight, 1e-6)
        bias = g.draw(channels)
        return lambda x: F.layer_norm(x, (channels,), weight, bias, 1e-5)

    norm1, norm2 = draw_norm(), draw_norm()
    scale1, scale2 = g.draw(channels), g.draw(channels)
    projections = draw_attention(g, case)
    expand, gate = draw_linear(g, channels, hidden), draw_linear(g, channels, hidden)
    contract = draw_linear(g, hidden, channels)
    x = g.draw(case["count"], channels)
    x = x + scale1 * attend(norm1(x), projections, case, sliding_mask(case))
    y = norm2(x)
    h = F.silu(F.linear(y, *expand)) * F.linear(y, *gate) if rms else F.gelu(F.linear(y, *expand))
    return x + scale2 * F.linear(h, *contract)


def cases():
    yield dict(layer=conv1d, inputs=3, outputs=4, kernel=5, count=9)
    yield dict(layer=conv1d, inputs=3, outputs=2, kernel=3, dilation=4, count=11)
    yield dict(layer=conv1d, inputs=4, outputs=6, kernel=3, groups=2, count=6)
    yield dict(layer=conv1d, inputs=5, outputs=5, kernel=7, groups=5, padding="lookahead", lookahead=1, count=9)
    yield dict(layer=conv1d, inputs=2, outputs=3, kernel=7, padding="explicit", left=3, right=3, count=8)
    yield dict(layer=conv1d, inputs=2, outputs=3, kernel=6, stride=3, padding="explicit", left=2, right=2, count=13)
    for mode in ("zero", "reflect", "replicate"):
        for padding in ("causal", "centred"):
            for count in (1, 3, 12):
                yield dict(
                    layer=conv1d, inputs=2, outputs=2, kernel=10, stride=5, padding=padding, mode=mode, count=count)
                yield dict(
                    layer=conv1d, inputs=1, outputs=2, kernel=7, padding=padding, mode=mode, count=count)
    yield dict(layer=conv_transpose1d, inputs=3, outputs=2, kernel=10, stride=5, trimLeft=0, trimRight=5, count=4)
    yield dict(layer=conv_transpose1d, inputs=2, outputs=3, kernel=7, stride=3, trimLeft=1, trimRight=2, count=5)
    yield dict(layer=conv_transpose1d, inputs=2, outputs=2, kernel=4, stride=4, trimLeft=0, trimRight=0, count=3)
    yield dict(layer=conv_transpose1d, inputs=4, outputs=4, kernel=4, stride=2, groups=4, trimLeft=0, trimRight=2, count=5)
    yield dict(layer=conv_transpose1d, inputs=4, outputs=6, kernel=5, stride=2, groups=2, trimLeft=2, trimRight=0, count=5)
    for stride in (3, 4):
        yield dict(
            layer=conv_transpose1d, inputs=2, outputs=2, kernel=2 * stride, stride=stride,
            torchPadding=(stride + 1) // 2, torchOutputPadding=stride % 2, count=4)
    yield dict(layer=linear, inputs=7, outputs=5, count=3)
    yield dict(layer=layer_norm, inputs=11, count=3)
    yield dict(layer=rms_norm, inputs=11, count=3)
    for function in ("elu", "gelu", "geluTanh", "silu", "snake"):
        yield dict(layer=activation, function=function, inputs=5, count=4)
    yield dict(layer=convnext, inputs=6, hidden=10, kernel=7, gelu="tanh", count=9)
    yield dict(layer=convnext, inputs=6, hidden=10, kernel=7, gelu="none", padding="centred", count=9)
    yield dict(layer=convnext, inputs=6, hidden=10, kernel=7, gelu="tanh", padding="lookahead", lookahead=1, count=9)
    yield dict(layer=encodec_unit, inputs=4, hidden=2, kernel=3, dilation=2, mode="reflect", count=10)
    yield dict(layer=dac_unit, inputs=4, kernel=7, dilation=3, padding="centred", count=20)
    yield dict(layer=lstm, inputs=3, hidden=5, layers=1, addsInput=False, count=7)
    yield dict(layer=lstm, inputs=6, hidden=6, layers=2, addsInput=True, count=9)
    yield dict(layer=attention, inputs=12, heads=3, headSize=4, window=4, pairing="halfSplit", count=11)
    yield dict(layer=attention, inputs=8, heads=4, keyHeads=2, headSize=10, window=5, pairing="interleaved", count=9)
    yield dict(layer=attention, inputs=6, heads=2, headSize=3, window=100, count=7)
    yield dict(layer=local_attention, inputs=8, heads=2, headSize=4, block=4, pairing="halfSplit", count=8)
    yield dict(
        layer=transformer, norm="layer", inputs=8, hidden=12, heads=2, headSize=4, window=5, pairing="halfSplit", count=9)
    yield dict(
        layer=transformer, norm="rms", inputs=8, hidden=12, heads=2, headSize=4, window=5, pairing="interleaved", count=9)
    for count in (1, 2, 9):
        yield dict(
            layer=conv_transpose1d, inputs=3, outputs=3, kernel=12, stride=2, groups=3, trimLeft=5, trimRight=5,
            mode="replicate", count=count)
    yield dict(
        layer=conv_transpose1d, inputs=2, outputs=3, kernel=7, stride=3, trimLeft=1, trimRight=2, mode="replicate", count=5)


def main():
    lines = []
    for seed, case in enumerate(cases(), start=1):
        output = case["layer"](Generator(seed), case)
        record = {"seed": seed} | case | {"layer": case["layer"].__name__, "outputCount": output.shape[0]}
        record["expected"] = [float(f"{v:.7g}") for v in output.reshape(-1).tolist()]
        lines.append(json.dumps(record))
    FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{FIXTURE}: {len(lines)} cases, {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
