"""Ratios of the wheel to the command, and of batches to one by one.

    python Python/bench.py COMMAND [THREADS]

Prints: speed of encode and decode of ten minutes against the command's (with files); a batch of 64 clips of five seconds against one by one; the cost of
pushing 20 ms. Runs alternate; medians.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np

import codetta


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def medians(count, *works):
    times = [[] for _ in works]
    for _ in range(count):
        for work, found in zip(works, times):
            found.append(seconds(work))
    return [statistics.median(found) for found in times]


def main(command, threads):
    command = os.path.abspath(command)
    rate = 24_000
    x = np.random.default_rng(0).normal(0, 0.1, 600 * rate).astype(np.float32)
    x = np.convolve(x, np.hanning(9) / 4.5, "same").astype(np.float32)
    model = codetta.load("codetta-24k", threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with wave.open("x.wav", "wb") as file:
            file.setparams((1, 2, rate, len(x), "NONE", ""))
            file.writeframes((np.clip(x, -1, 1) * 32767).astype("<i2").tobytes())
        codes = model.encode(x, rate, bitrate=3)

        def run(*arguments):
            subprocess.run([command, *arguments, "-f", "-q", "--threads", str(threads)], check=True)

        encode = medians(3, lambda: run("encode", "x.wav", "-o", "x.codetta", "--bitrate", "3"), lambda: model.encode(x, rate, bitrate=3))
        decode = medians(3, lambda: run("decode", "x.codetta", "-o", "y.wav"), lambda: model.decode(codes))
    print(f"encode 600 s: command {encode[0]:.2f} s, here {encode[1]:.2f} s, ratio of speeds {encode[0] / encode[1]:.2f}")
    print(f"decode 600 s: command {decode[0]:.2f} s, here {decode[1]:.2f} s, ratio of speeds {decode[0] / decode[1]:.2f}")
    clips = x[: 64 * 5 * rate].reshape(64, 5 * rate)
    one, many = codetta.load("codetta-24k", threads=1), codetta.load("codetta-24k", threads=0)
    alone, batch = medians(5, lambda: [one.encode(clip, bitrate=3) for clip in clips], lambda: many.encode(clips[:, None], bitrate=3))
    print(f"64 clips of 5 s: one by one {alone:.2f} s, as a batch on {os.cpu_count()} processors {batch:.2f} s, {alone / batch:.2f} ×")
    with one.encoder(bitrate=3) as encoder:
        blocks = x[: 2000 * 480].reshape(2000, 480)
        pushes = [seconds(lambda: encoder.push(block)) for block in blocks]
    codec = seconds(lambda: one.encode(x[: 2000 * 480], bitrate=3)) / 2000
    print(f"push of 20 ms: {1e6 * statistics.median(pushes):.0f} µs, of which {1e6 * codec:.0f} µs are the codec's")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
