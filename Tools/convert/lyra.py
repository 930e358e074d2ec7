"""Lyra v2 (SoundStream) from dumped TFLite graphs to a model folder that Codetta reads.

    python Tools/convert/lyra.py DUMP Models/lyra-v2        (needs numpy)

DUMP holds soundstream_encoder.npz and .json, lyragan.npz and .json, and codebooks.npy: the weights of google/lyra 1.2.0, each
.json listing a graph's operations in order with the names of their constants. The folder gets config.json, model.safetensors
and a card. Tensors are named and the config is filled by parsing the order of the operations; a graph of another form is refused.

With --golden FILE, the reference run in DUMP/golden.npz is also written, as safetensors, for Tests/CodecsTests/LyraGoldenTests.swift.
"""
import argparse
import json
import pathlib

import numpy as np

CARD = """---
license: Apache-2.0
---
# Lyra v2

The SoundStream model of [google/lyra](https://github.com/google/lyra) 1.2.0, converted by Tools/convert/lyra.py.
Speech at 16 kHz mono, 50 frames/s, 46 codebooks of 16: 16, 30 and 46 codebooks are Lyra's 3.2, 6 and 9.2 kb/s.
"""


class Layer:
    """Constants of one convolution in PyTorch's layout."""

    def __init__(self, weight, bias, stride, dilation, groups):
        self.weight, self.bias, self.stride, self.dilation, self.groups = weight, bias, stride, dilation, groups

    @property
    def kernel(self):
        return self.weight.shape[2]


class Graph:
    """The operations of one graph, taken one after the other."""

    def __init__(self, folder, name):
        self.name = name
        self.operations = json.loads((folder / f"{name}.json").read_text())
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            self.arrays = dict(arrays)
        self.position = 0
        self.slopes = set()

    def peek(self):
        return self.operations[self.position]["op"] if self.position < len(self.operations) else None

    def take(self, kind):
        self.require(self.peek() == kind, f"expected {kind}, found {self.peek()}")
        self.position += 1
        return self.operations[self.position - 1]

    def require(self, condition, what):
        if not condition:
            raise SystemExit(f"{self.name}.json, operation {self.position}: {what}")

    def constant(self, operation, index):
        source = operation["in"][index]
        return self.arrays[f"g{operation['g']}_t{source['t']}"].astype(np.float32)

    def check(self, operation):
        self.require(operation["act"] == 0, "a fused activation")
        self.require(operation["pad"] == 1, "padding inside the graph; expected VALID, with the past as explicit input")

    def activation(self):
        self.slopes.add(round(self.take("LEAKY_RELU")["alpha"], 6))

    def convolution(self):
        operation = self.take("CONV_2D")
        self.check(operation)
        weight = self.constant(operation, 1)[:, 0].transpose(0, 2, 1)
        groups = operation["in"][0]["shape"][-1] // weight.shape[1]
        return Layer(weight, self.constant(operation, 2), operation["strideW"], operation["dilW"], groups)

    def depthwise(self):
        operation = self.take("DEPTHWISE_CONV_2D")
        self.check(operation)
        self.require(not self.constant(operation, 2).any(), "a depthwise convolution with a bias")
        weight = self.constant(operation, 1)[0, 0].T[:, None]
        return Layer(weight, None, operation["strideW"], operation["dilW"], weight.shape[0])

    def transposed(self):
        """A transposed convolution, whose groups are operations of their own."""
        weights, biases = [], []
        while self.peek() == "TRANSPOSE_CONV":
            operation = self.take("TRANSPOSE_CONV")
            self.check(operation)
            weights.append(self.constant(operation, 1)[:, 0].transpose(2, 0, 1))
            biases.append(self.constant(operation, 3))
        self.require(weights, f"expected TRANSPOSE_CONV, found {self.peek()}")
        return Layer(np.concatenate(weights), np.concatenate(biases), operation["strideW"], 1, len(weights))

    def units(self):
        """Residual units: the addition that closes each is not among the operations."""
        units = []
        while [o["op"] for o in self.operations[self.position:self.position + 2]] == ["LEAKY_RELU", "DEPTHWISE_CONV_2D"]:
            self.activation()
            depthwise, pointwise = self.depthwise(), self.convolution()
            self.activation()
            units.append({"depthwise": depthwise, "pointwise": pointwise, "output": self.convolution()})
        return units


def parse_encoder(graph):
    parts = {"input": graph.convolution(), "stages": []}
    while units := graph.units():
        graph.activation()
        parts["stages"].append({"units": units, "downsample": graph.convolution()})
    graph.activation()
    parts["output"] = graph.convolution()
    graph.require(graph.peek() is None, "operations after the output")
    return parts


def parse_decoder(graph):
    parts = {"input": graph.convolution(), "stages": []}
    graph.activation()
    upsample = graph.transposed()
    while units := graph.units():
        parts["stages"].append({"upsample": upsample, "units": units})
        graph.activation()
        upsample = graph.transposed()
    parts["output"] = upsample
    graph.require(graph.peek() is None, "operations after the output")
    return parts


def sizes(waveform, stages, resampling, latent, deepest):
    """The config fields of one network, from the waveform's end to the latents', where it is `deepest` channels wide."""
    steps = [waveform] + [stage[resampling] for stage in stages]
    widths = [stage["units"][0]["depthwise"].groups for stage in stages]
    units = [unit for stage in stages for unit in stage["units"]]
    dilations = {tuple(unit["depthwise"].dilation for unit in stage["units"]) for stage in stages}
    kernels = {unit["depthwise"].kernel for unit in units}
    groups = [stage["units"][0]["output"].groups for stage in stages]
    regular = len(dilations) == len(kernels) == 1 and all(
        unit["output"].groups == stage[resampling].groups for stage in stages for unit in stage["units"])
    if not regular:
        raise SystemExit("residual units that differ between stages")
    return {
        "channels": widths + [deepest],
        "groups": groups + [latent.groups],
        "strides": [step.stride for step in steps],
        "kernel_sizes": [step.kernel for step in steps],
        "dilations": list(dilations.pop()),
        "unit_kernel_size": kernels.pop(),
        "latent_kernel_size": latent.kernel,
    }


def config_of(encoder, decoder, codebooks, slopes):
    inward = sizes(encoder["input"], encoder["stages"], "downsample", encoder["output"], encoder["stages"][-1]["downsample"].bias.size)
    outward = sizes(decoder["output"], decoder["stages"][::-1], "upsample", decoder["input"], decoder["input"].bias.size)
    if inward != outward:
        raise SystemExit(f"the decoder is not the encoder's mirror image: {inward}, {outward}")
    if len(slopes) != 1:
        raise SystemExit(f"leaky ReLUs of different slopes: {sorted(slopes)}")
    count, size, dimension = codebooks.shape
    return {
        "model_type": "lyra", "sampling_rate": 16000, **inward, "negative_slope": slopes.pop(),
        "codebook_dim": dimension, "num_codebooks": count, "codebook_size": size}


def named(parts, prefix):
    """Dotted tensor names from nested parts."""
    if isinstance(parts, Layer):
        tensors = {f"{prefix}.weight": parts.weight}
        return tensors if parts.bias is None else {**tensors, f"{prefix}.bias": parts.bias}
    pairs = parts.items() if isinstance(parts, dict) else enumerate(parts)
    return {name: tensor for key, part in pairs for name, tensor in named(part, f"{prefix}.{key}").items()}


def write_safetensors(path, tensors):
    """Eight bytes of header length, a JSON header, the data."""
    types = {"float32": "F32", "int32": "I32"}
    header, end = {}, 0
    arrays = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    for name, array in arrays.items():
        header[name] = {
            "dtype": types[str(array.dtype)], "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.astype(array.dtype.newbyteorder("<")).tobytes())


def convert(dump, folder):
    graphs = Graph(dump, "soundstream_encoder"), Graph(dump, "lyragan")
    encoder, decoder = parse_encoder(graphs[0]), parse_decoder(graphs[1])
    codebooks = np.load(dump / "codebooks.npy", allow_pickle=False).astype(np.float32)
    config = config_of(encoder, decoder, codebooks, graphs[0].slopes | graphs[1].slopes)
    tensors = {**named(encoder, "encoder"), **named(decoder, "decoder"), "quantizer.codebooks": codebooks}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "README.md").write_text(CARD)
    write_safetensors(folder / "model.safetensors", tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", type=pathlib.Path, help="folder of the dumped graphs")
    parser.add_argument("folder", type=pathlib.Path, help="model folder to write")
    parser.add_argument("--golden", type=pathlib.Path, help="where to write the reference run")
    arguments = parser.parse_args()
    convert(arguments.dump, arguments.folder)
    if arguments.golden:
        with np.load(arguments.dump / "golden.npz", allow_pickle=False) as golden:
            write_safetensors(arguments.golden, dict(golden))


if __name__ == "__main__":
    main()
