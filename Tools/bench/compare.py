"""Times published codecs in `codetta` beside their reference in PyTorch and in ONNX Runtime, with the same random weights.

    python Tools/bench/compare.py [--codetta PROGRAM] [--seconds S] [--rounds N] [--threads T…] [--compile] [--json FILE] [VARIANT…]

Every round runs every engine once, one after the other, so that a drifting clock meets all of them; a ratio is taken within
a round, and the table gives the median over the rounds and the range. `codetta` encodes and decodes audio to codes and back,
quantizer included, streaming. PyTorch does the same with the whole clip at once. ONNX Runtime and torch.compile have the
networks alone, without quantizer (their exporters do not take all of it), which is in their favour. GFLOP/s are those of both
directions together by the networks' shapes, so that fewer multiplications show as a higher rate; the peak is that of one core.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "parity"))
import references                                                                 # noqa: E402


class Codetta:
    name = "codetta"

    def __init__(self, program, folder, seconds, threads):
        self.command = [
            program, "benchmark", "--model", str(folder), "--seconds", str(seconds), "--threads", str(threads), "--json", "--quiet"]

    def run(self):
        result = subprocess.run(self.command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(result.stderr.strip())
        figures = json.loads(result.stdout)
        self.operations, self.peak = figures["operationsPerSecond"], figures["peakGigaflops"]
        return 1 / figures["encodingSpeed"], 1 / figures["decodingSpeed"]


class Timed:
    """An engine of two functions, from audio and from codes or latents; seconds a second of audio of each."""

    def __init__(self, name, seconds, encode, decode):
        self.name, self.seconds, self.functions = name, seconds, (encode, decode)
        for function in self.functions:
            function()

    def run(self):
        times = []
        for function in self.functions:
            start = time.perf_counter()
            function()
            times.append((time.perf_counter() - start) / self.seconds)
        return tuple(times)


def whole_codec(codec, audio):
    """Functions that encode and decode the clip, quantizer included."""
    if isinstance(codec, references.SNAC):
        for module in codec.model.modules():
            module.__dict__.pop("forward", None)                  # its own noise, not the parity harness's slow one
        codes = codec.model.encode(audio)
        return lambda: codec.model.encode(audio), lambda: codec.model.decode(codes)
    codes = codec.encode(audio, None)
    return lambda: codec.encode(audio, None), lambda: codec.decode(codes)


def network_parts(codec, audio):
    """Encoder and decoder without quantizer, and an input of each."""
    model = codec.model
    with torch.no_grad():
        padding = getattr(model, "preprocess", getattr(codec, "padded", lambda audio: audio))
        padded = padding(audio)
        latents = model.encoder(padded)
        if not isinstance(latents, torch.Tensor):
            raise TypeError("this model's exporters do not take its networks")
    return (model.encoder, padded), (model.decoder, latents)


def onnx_engine(codec, audio, seconds, threads, folder):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    runs = []
    for i, (module, example) in enumerate(network_parts(codec, audio)):
        path = folder / f"part{i}.onnx"
        torch.onnx.export(module, (example,), str(path), input_names=["x"], output_names=["y"], dynamo=False, opset_version=17)
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        feed = {"x": example.numpy()}
        runs.append(lambda session=session, feed=feed: session.run(None, feed))
    return Timed("onnxruntime", seconds, *runs)


@torch.no_grad()
def compiled_engine(codec, audio, seconds):
    runs = []
    for module, example in network_parts(codec, audio):
        compiled = torch.compile(module)
        runs.append(lambda compiled=compiled, example=example: compiled(example))
    return Timed("torch.compile", seconds, *runs)


def engines(codec, arguments, threads, folder):
    seconds = arguments.seconds
    codec.save(folder / "model")
    audio = torch.from_numpy(references.clip(round(seconds * codec.rate), codec.rate, codec.channels))[None]
    whole = whole_codec(codec, audio)
    makers = [
        lambda: Codetta(str(arguments.codetta), folder / "model", seconds, threads),
        lambda: Timed("PyTorch", seconds, *whole),
        lambda: onnx_engine(codec, audio, seconds, threads, folder)]
    if arguments.compile:
        makers.append(lambda: compiled_engine(codec, audio, seconds))
    made = []
    for make in makers:
        try:
            made.append(make())
        except Exception as error:                                # exporters raise whatever they like
            print(f"  left out: {type(error).__name__}: {str(error).splitlines()[0][:100]}", file=sys.stderr)
    return made


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def measure(name, threads, arguments):
    codec = references.build(references.VARIANTS[name])
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        made = engines(codec, arguments, threads, pathlib.Path(scratch))
        rounds = [[engine.run() for engine in made] for _ in range(arguments.rounds)]
    ours = made[0] if isinstance(made[0], Codetta) else None
    for side, direction in enumerate(("encode", "decode")):
        for i, engine in enumerate(made):
            factors = [r[i][side] for r in rounds]
            ratio = spread([r[i][side] / r[0][side] for r in rounds]) if ours and i else "–"
            rate = ours.operations / 1e9 / statistics.median(sum(r[i]) for r in rounds) if ours else None
            yield dict(
                model=name, direction=direction, threads=threads, engine=engine.name, rtf=statistics.median(factors), faster=ratio,
                gigaflops=rate, peak=ours.peak if ours else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--codetta", default=root / ".build/release/codetta")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the clip (default: 10)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="one table row set each (default: 1)")
    parser.add_argument("--compile", action="store_true", help="torch.compile, too; compiling takes minutes")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("variants", nargs="*", default=["encodec-24khz", "dac-44khz", "snac-24khz", "mimi"], metavar="VARIANT")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    unknown = [v for v in arguments.variants if v not in references.VARIANTS]
    if unknown:
        sys.exit(f"no variant {unknown[0]}; there are {', '.join(references.VARIANTS)}")
    rows = []
    row = "| {:<14} | {:<6} | {:>7} | {:<13} | {:>8} | {:<20} | {:>7} |"
    print(row.format("model", "", "threads", "engine", "RTF", "codetta is faster by", "GFLOP/s"))
    print(row.format("-" * 14, "-" * 6, "-" * 6 + ":", "-" * 13, "-" * 7 + ":", "-" * 20, "-" * 6 + ":"))
    for name, threads in ((n, t) for n in arguments.variants for t in arguments.threads):
        for r in measure(name, threads, arguments):
            rows.append(r)
            rate = f"{r['gigaflops']:.1f}" if r["gigaflops"] else "–"
            print(
                row.format(r["model"], r["direction"], threads, r["engine"], f"{r['rtf']:.4f}", r["faster"], rate), flush=True)
    peaks = [r["peak"] for r in rows if r["peak"]]
    if peaks:
        print(f"\nPeak of one core: {statistics.median(peaks):.0f} GFLOP/s")
    if arguments.json:
        arguments.json.write_text(json.dumps(dict(seconds=arguments.seconds, rows=rows), indent=2) + "\n")


if __name__ == "__main__":
    main()
