"""What the package costs: beside the command, in batches, and for small pieces. `python bench.py [--command FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import codetta
from codetta.__main__ import command


def best(call: Callable[[], Any], times: int = 3) -> float:
    """Seconds of the fastest of some runs."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return min(found)


def speech_like(seconds: float, rate: int) -> NDArray[np.float32]:
    """Noise in bursts."""
    rng = np.random.default_rng(0)
    count = int(seconds * rate)
    loudness = np.repeat(rng.random(count // 2400 + 1), 2400)[:count]
    return (rng.standard_normal(count) * loudness * 0.1).astype(np.float32)


def beside_the_command(program: str, minutes: float) -> dict[str, float]:
    """Encoding and decoding of a WAV file on one thread: by the command; by a new process of Python; and by one that is there already,
    from file to file and from array to array."""
    rate = 24_000
    with tempfile.TemporaryDirectory() as folder:
        source, tokens, sound = (str(Path(folder, name)) for name in ("a.wav", "a.codetta", "b.wav"))
        samples = (speech_like(60 * minutes, rate) * 32767).astype(np.int16)
        with wave.open(source, "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(samples.astype("<i2").tobytes())
        model = codetta.load(threads=1)
        codes = model.encode(samples)
        fresh = "import codetta; model = codetta.load(threads=1); "
        runs: dict[str, dict[str, Callable[[], Any]]] = {
            "encode": {
                "command": lambda: subprocess.run([program, "encode", source, "-o", tokens, "-f", "-q"], check=True),
                "new process": lambda: subprocess.run(
                    [sys.executable, "-c", fresh + f"model.encode_file({source!r}, {tokens!r})"], check=True),
                "files": lambda: model.encode_file(source, tokens),
                "arrays": lambda: model.encode(samples),
            },
            "decode": {
                "command": lambda: subprocess.run([program, "decode", tokens, "-o", sound, "-f", "-q"], check=True),
                "new process": lambda: subprocess.run(
                    [sys.executable, "-c", fresh + f"model.decode_file({tokens!r}, {sound!r})"], check=True),
                "files": lambda: model.decode_file(tokens, sound),
                "arrays": lambda: model.decode(codes, dtype=np.int16),
            },
        }
        found: dict[str, float] = {}
        for verb, ways in runs.items():
            # In turns, so that a busy moment of the machine hits all of them.
            rounds = [{way: best(call, 1) for way, call in ways.items()} for _ in range(5)]
            least = {way: min(times[way] for times in rounds) for way in ways}
            found |= {f"{verb}: {way}, s": seconds for way, seconds in least.items()}
            found |= {f"{verb}: command / {way}": least["command"] / least[way] for way in ways if way != "command"}
    return found


def batches() -> dict[str, float]:
    """64 clips of five seconds, one by one on one thread, and in a batch on all cores."""
    clips = speech_like(64 * 5, 24_000).reshape(64, -1)
    one, all_cores = codetta.load(threads=1), codetta.load()
    lengths = [clips.shape[1]] * 64
    alone = best(lambda: [one.encode(clip, bitrate=3) for clip in clips])
    together = best(lambda: all_cores.encode(clips, bitrate=3, lengths=lengths))
    codes = one.encode(clips, bitrate=3, lengths=lengths)
    decode_alone = best(lambda: [one.decode(item) for item in codes])
    decode_together = best(lambda: all_cores.decode(codes))
    return {
        "threads": all_cores.threads, "encode one by one, s": alone, "encode a batch, s": together, "encode, times as fast": alone / together,
        "decode one by one, s": decode_alone, "decode a batch, s": decode_together, "decode, times as fast": decode_alone / decode_together,
    }


def pieces() -> dict[str, float]:
    """Pushing 20 ms, and what of it is neither the network nor the C library: the time over that of one long push."""
    model = codetta.load(threads=1)
    block = speech_like(0.02, 24_000)
    long = speech_like(20, 24_000)
    with model.encoder(bitrate=3) as encoder:
        encoder.push(block)
        each = best(lambda: [encoder.push(block) for _ in range(1000)]) / 1000
        inside = best(lambda: encoder.push(long)) / 1000
        nothing = np.zeros(0, np.float32)
        empty = best(lambda: [encoder.push(nothing) for _ in range(1000)]) / 1000
    return {"push of 20 ms, us": each * 1e6, "20 ms of a push of 20 s, us": inside * 1e6, "push of nothing, us": empty * 1e6}


def start() -> dict[str, float]:
    """Fresh processes: the import, and all that comes before the first codes, NumPy's import among it."""
    program = (
        "import time; t = time.perf_counter(); import codetta; a = time.perf_counter(); import numpy; b = time.perf_counter();"
        "model = codetta.load(threads=1); c = time.perf_counter(); model.encode(numpy.zeros(24000, 'f4')); d = time.perf_counter();"
        "print((a - t) * 1e3, (b - a) * 1e3, (c - b) * 1e3, (d - c) * 1e3)"
    )
    rows = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.split() for _ in range(7)]
    names = ["import codetta, ms", "import numpy, ms", "load, ms", "first encode of a second, ms"]
    return dict(zip(names, np.array(rows, float).min(axis=0).tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", default=command(), help="the command to compare with")
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args()
    print(f"codetta {codetta.__version__}, {os.cpu_count()} processors")
    parts: list[Callable[[], dict[str, float]]] = [start, pieces, batches]
    if arguments.command:
        parts.append(lambda: beside_the_command(arguments.command, arguments.minutes))
    for part in parts:
        print(json.dumps({name: round(value, 3) for name, value in part().items()}, indent=2), flush=True)


if __name__ == "__main__":
    main()
