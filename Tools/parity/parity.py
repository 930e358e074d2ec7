"""Compares published codecs as `codetta` runs them with their reference implementation.

    python Tools/parity/parity.py [--codetta PROGRAM] [--seconds S] [VARIANT…]

For every variant a full-size checkpoint with random weights is saved by the reference into a temporary folder (published
weights have the same layout), and clips of several lengths go through both. Codes are compared along the reference's path:
of each frame up to its first disagreement, whose clearance (see references.py) tells whether it was a near tie. Audio is
compared for the same codes. Fails unless 99.9 % of the codes agree, every disagreement is a near tie (1e-5), and the
audio is within 1e-4 relative RMS. Seconds are those of all runs of the program, start and loading included. WavTokenizer,
HiFi-Codec and BigCodec take part where WAVTOKENIZER, HIFICODEC and BIGCODEC name checkouts of their repositories.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import soundfile

import references

NEAR_TIE = 1e-5


class Program:
    """`codetta` with one model."""

    def __init__(self, program, model):
        self.program, self.model = program, model
        self.seconds = {"encode": 0.0, "decode": 0.0}

    def run(self, verb, source, target, *options):
        start = time.monotonic()
        command = [self.program, verb, str(source), "-o", str(target), "--model", str(self.model), "--force", "--quiet", *options]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
        self.seconds[verb] += time.monotonic() - start


def compare_codes(ours, reference, clearances, strides):
    """Codes compared, disagreements, and the greatest clearance of one.

    A code that covers a frame of an earlier disagreement is not compared: it codes another residual.
    """
    compared, errors = 0, []
    spoiled = np.zeros(len(reference[0]) * strides[0], bool)
    for row, expected, clearance, stride in zip(ours, reference, clearances, strides):
        sound = ~spoiled.reshape(-1, stride).any(axis=1)
        different = sound & (row != expected)
        compared += int(sound.sum())
        errors += list(clearance[different])
        spoiled |= np.repeat(different, stride)
    return compared, len(errors), max(errors, default=0.0)


def relative_rms(a, b):
    return float(np.sqrt(np.square(a - b).sum() / np.square(b).sum()))


def measure(codec, program, folder, seconds):
    """Worst and total figures over all lengths and bitrates."""
    compared = disagreements = 0
    clearance = error = 0.0
    for samples in (1, codec.hop - 1, codec.hop + 1, codec.rate, round(seconds * codec.rate)):
        audio = references.clip(samples, codec.rate, codec.channels)
        source, tokens, codes_file, target = (folder / name for name in ("in.wav", "t.codetta", "codes.json", "out.wav"))
        soundfile.write(source, audio.T, codec.rate, subtype="FLOAT")
        reference = codec.codes(audio)
        program.run("encode", source, codes_file, "--format", "json")
        ours = [np.array(row) for row in json.loads(codes_file.read_text())["tracks"][0]]
        counts = [len(row) for row in ours], [len(row) for row in reference]
        assert counts[0] == counts[1], f"{samples} samples: codes {counts[0]}, not {counts[1]}"
        strides = getattr(codec, "strides", [1] * len(ours))
        figures = compare_codes(ours, reference, codec.clearances(audio, reference), strides)
        compared, disagreements, clearance = compared + figures[0], disagreements + figures[1], max(clearance, figures[2])
        bitrates = {1, 2, 4, 8, 16}.intersection(codec.bitrates) if samples == codec.hop + 1 else set()
        for codebooks in sorted(bitrates | {len(ours)}):
            program.run("encode", source, tokens, "--codebooks", str(codebooks))
            program.run("decode", tokens, target, "--subtype", "float")
            decoded = soundfile.read(target, dtype="float32", always_2d=True)[0].T
            assert decoded.shape == audio.shape, f"{samples} samples came back as {decoded.shape}"
            expected = codec.audio(ours[:codebooks]).reshape(codec.channels, -1)[:, :samples]
            error = max(error, relative_rms(decoded[:, :expected.shape[1]], expected))
    return compared, disagreements, clearance, error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--codetta", default=root / ".build/release/codetta")
    parser.add_argument("--seconds", type=float, default=10.3, help="length of the longest clip (default: 10.3)")
    parser.add_argument("variants", nargs="*", default=list(references.VARIANTS), metavar="VARIANT")
    arguments = parser.parse_args()
    row = "{:<15} {:>9} {:>8} {:>10} {:>11} {:>12} {:>10} {:>10}"
    print(row.format("model", "tensors", "codes", "differing", "tie within", "audio error", "encode s", "decode s"))
    failed = False
    for name in arguments.variants:
        codec = references.build(references.VARIANTS[name])
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            codec.save(folder / name)
            program = Program(str(arguments.codetta), folder / name)
            compared, disagreements, clearance, error = measure(codec, program, folder, arguments.seconds)
        # A checkpoint with a missing, misshapen or unused tensor is refused: to get here is to have loaded all.
        print(row.format(
            name, "all used", compared, disagreements, f"{clearance:.1e}", f"{error:.1e}",
            f"{program.seconds['encode']:.1f}", f"{program.seconds['decode']:.1f}"), flush=True)
        failed |= disagreements > 0.001 * compared or clearance > NEAR_TIE or error > 1e-4
    sys.exit("not at parity" if failed else 0)


if __name__ == "__main__":
    main()
