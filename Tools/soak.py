#!/usr/bin/env python3
"""Watches memory and descriptors of long runs.

    soak.py [--codetta PROGRAM] [--model NAME|DIR] [--hours H] [--files N]

Streams H hours of made-up speech-band noise through `codetta encode - -o -` and `codetta decode - -o -`, and N files of 20 ms
through one batch in each direction, and reads the processes' memory from /proc all the while (Linux). Prints the least-squares
slope of memory over the audio of the second half of a run, the most descriptors at once, and whether every sample and every
file came out. Exits with 1 if memory grows by more than 8 MiB over that half or descriptors pass 64.
"""
import argparse
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time

RATE = 24000
ROOT = pathlib.Path(__file__).resolve().parents[1]


class Watch:
    """Samples of a process: progress, resident KiB, descriptors."""

    def __init__(self, name, process, progress):
        self.name, self.process, self.progress, self.samples = name, process, progress, []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        folder = f"/proc/{self.process.pid}"
        while self.process.poll() is None:
            try:
                status = pathlib.Path(folder, "status").read_text()
                memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
                self.samples.append((self.progress(), memory, len(os.listdir(folder + "/fd"))))
            except (OSError, StopIteration):
                return
            time.sleep(0.25)

    def report(self, unit):
        """One line, and whether the run was steady."""
        half = self.samples[len(self.samples) // 2 :]
        if len(half) < 8:
            print(f"{self.name}: too short to watch ({len(self.samples)} samples)")
            return False
        count = len(half)
        mean_x, mean_y = sum(x for x, _, _ in half) / count, sum(y for _, y, _ in half) / count
        spread = sum((x - mean_x) ** 2 for x, _, _ in half)
        slope = sum((x - mean_x) * (y - mean_y) for x, y, _ in half) / spread if spread else 0.0
        growth = slope * (half[-1][0] - half[0][0])
        descriptors = max(n for _, _, n in self.samples)
        print(f"{self.name}: {mean_y / 1024:.1f} MiB, slope {slope:+.2f} KiB/{unit}, "
              f"{growth / 1024:+.2f} MiB over the second half, at most {descriptors} descriptors")
        return growth < 8192 and descriptors <= 64


def noise_block():
    """Ten seconds of filtered noise with pauses, 16 bits."""
    generator = random.Random(1)
    value, samples = 0.0, []
    for i in range(10 * RATE):
        value = 0.9 * value + generator.uniform(-1, 1)
        loud = 3000 if i // 6000 % 3 else 30
        samples.append(max(-32768, min(32767, int(value * loud))))
    return struct.pack(f"<{len(samples)}h", *samples)


def stream(program, model, hours):
    """Encodes and decodes through pipes."""
    block, minutes = noise_block(), round(hours * 60)
    environment = dict(os.environ)
    encoder = subprocess.Popen(
        [program, "encode", "-", "-o", "-", "--rate", str(RATE), "-m", model, "--quiet"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    decoder = subprocess.Popen(
        [program, "decode", "-", "-o", "-", "--container", "raw", "-m", model, "--quiet"],
        stdin=encoder.stdout, stdout=subprocess.PIPE, env=environment)
    encoder.stdout.close()
    sent, received = [0], [0]
    watches = [Watch("encode", encoder, lambda: sent[0] / (120 * RATE)), Watch("decode", decoder, lambda: received[0] / (120 * RATE))]

    def feed():
        for _ in range(minutes * 6):
            encoder.stdin.write(block)
            sent[0] += len(block)
        encoder.stdin.close()

    feeder = threading.Thread(target=feed)
    start = time.monotonic()
    feeder.start()
    while piece := decoder.stdout.read(1 << 20):
        received[0] += len(piece)
    feeder.join()
    codes = encoder.wait(), decoder.wait()
    elapsed = time.monotonic() - start
    exact = sent[0] == received[0] and codes == (0, 0)
    print(f"stream: {minutes} min in {elapsed:.0f} s, {sent[0] // 2} samples in, {received[0] // 2} out, exit codes {codes}")
    return all([watch.report("min") for watch in watches] + [exact])


def batch(program, model, count):
    """Encodes and decodes a folder of many small files."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent) as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "in").mkdir()
        block = noise_block()
        for i in range(count):
            data = block[i * 2 % 100000 :][: 2 * (480 + i % 7)]
            head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16, b"data", len(data))
            (scratch / "in" / f"{i:05}.wav").write_bytes(head + data)
        steady = True
        for verb, source, target in (("encode", "in", "tokens"), ("decode", "tokens", "out")):
            (scratch / target).mkdir()
            process = subprocess.Popen([program, verb, source, "-o", target, "-m", model, "--quiet", "--force"], cwd=scratch)
            watch = Watch(f"batch {verb}", process, lambda: len(os.listdir(scratch / target)) / 1000)
            status = process.wait()
            made = sum(not name.startswith(".") for name in os.listdir(scratch / target))
            print(f"batch {verb}: {made} of {count} files, exit code {status}")
            steady = watch.report("1000 files") and made == count and status == 0 and steady
        lengths = all(
            (scratch / "in" / name).stat().st_size == (scratch / "out" / name).stat().st_size for name in os.listdir(scratch / "in"))
        print(f"batch: every length {'came back' if lengths else 'DIFFERS'}")
        return steady and lengths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codetta", type=os.path.abspath, default=str(ROOT / ".build/release/codetta"))
    parser.add_argument("--model", default="codetta-24k")
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--files", type=int, default=10000)
    options = parser.parse_args()
    model = str(pathlib.Path(options.model).resolve()) if os.path.isdir(options.model) else options.model
    results = []
    if options.hours > 0:
        results.append(stream(options.codetta, model, options.hours))
    if options.files > 0:
        results.append(batch(options.codetta, model, options.files))
    sys.exit(0 if all(results) else 1)


main()
