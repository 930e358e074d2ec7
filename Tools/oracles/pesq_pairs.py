"""Compares PESQ of this package with the ITU's program, wrapped by the Python package pesq 0.0.4, over real pairs.

Run: python Tools/oracles/pesq_pairs.py --command 'COMMAND {mode} {reference} {degraded}' [--audio FILE...]
     (numpy, scipy, soundfile, pesq 0.0.4; opusenc and opusdec for the Opus pairs)
The command gets two float WAV files, at 8 kHz where mode is nb and 16 kHz where it is wb, and prints the score, or
`undefined:`, first of all.
Without --command the pairs and the expected scores are only written to --keep. The audio is cut into stretches of 4 to 12 s,
each degraded in every way below. Fails where a score is off by more than 0.05, or one in twenty by more than 0.02.
"""
import argparse
import pathlib
import shlex
import subprocess
import tempfile
import time

import numpy as np
import soundfile
from pesq import NoUtterancesError, pesq
from scipy.signal import butter, resample_poly, sosfilt

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATES = {"nb": 8000, "wb": 16000}


def noise(x, rng, ratio):
    """White noise so many dB below the signal."""
    level = np.sqrt(np.mean(x**2)) * 10 ** (-ratio / 20)
    return x + level * rng.standard_normal(len(x))


def opus(x, rate, folder, kilobits):
    wav, packed, back = (folder / name for name in ("x.wav", "x.opus", "y.wav"))
    soundfile.write(wav, x, rate)
    subprocess.run(["opusenc", "--quiet", "--bitrate", str(kilobits), wav, packed], check=True)
    subprocess.run(["opusdec", "--quiet", "--rate", str(rate), packed, back], check=True)
    return soundfile.read(back)[0]


def delayed(x, samples):
    return np.concatenate([np.zeros(samples), x]) if samples >= 0 else x[-samples:]


def jitter(x, rng, rate, most):
    """Stretches of 1 to 3 s, before each of which up to `most` seconds are lost or inserted."""
    parts, position = [], 0
    while position < len(x):
        length = int(rate * rng.uniform(1, 3))
        change = int(rate * rng.uniform(-most, most))
        if change > 0:
            parts.append(np.zeros(change))
        parts.append(x[position + max(0, -change):position + length])
        position += length
    return np.concatenate(parts)


def gaps(x, rng, rate, share):
    """Packets of 20 ms lost at random."""
    y, packet = x.copy(), rate // 50
    for start in range(0, len(x), packet):
        if rng.random() < share:
            y[start:start + packet] = 0
    return y


def silences(x, rng, rate):
    """Pauses of 0.1 to 0.8 s put into both signals' time line: returns the longer signal."""
    parts = np.array_split(x, 4)
    return np.concatenate([np.concatenate([p, np.zeros(int(rate * rng.uniform(0.1, 0.8)))]) for p in parts])


def degradations(x, rng, rate, folder):
    """Names and pairs of signals."""
    def band(low, high):
        return sosfilt(butter(4, [low, high], "band", fs=rate, output="sos"), x)

    peak = np.max(np.abs(x))
    padded = silences(x, rng, rate)
    yield "noise 30 dB", x, noise(x, rng, 30)
    yield "noise 10 dB", x, noise(x, rng, 10)
    yield "noise 0 dB", x, noise(x, rng, 0)
    yield "clipping", x, np.clip(x, -peak * 0.1, peak * 0.1)
    yield "16 levels", x, np.round(x / peak * 8) / 8
    yield "delay 37 ms", x, noise(delayed(x, int(0.037 * rate)), rng, 25)
    yield "delay -210 ms", x, noise(delayed(x, int(-0.21 * rate)), rng, 25)
    yield "delay 0.9 s", x, noise(delayed(x, int(0.9 * rate)), rng, 20)
    yield "jitter 20 ms", x, noise(jitter(x, rng, rate, 0.02), rng, 30)
    yield "jitter 120 ms", x, noise(jitter(x, rng, rate, 0.12), rng, 30)
    yield "losses 5 %", x, gaps(x, rng, rate, 0.05)
    yield "losses 25 %", x, gaps(x, rng, rate, 0.25)
    yield "pauses", padded, noise(padded, rng, 15)
    yield "band", x, band(400, 2500)
    yield "level", x, 0.01 * noise(x, rng, 20)
    yield "cut short", x, noise(x[:len(x) * 2 // 3], rng, 20)
    yield "slower", x, resample_poly(x, 101, 100)
    for kilobits in (8, 16, 40):
        yield f"Opus {kilobits} kb/s", x, opus(x, rate, folder, kilobits)


def stretches(paths, rng):
    """Names and signals at each rate, of 4 to 12 s."""
    for path in paths:
        x, rate = soundfile.read(path, always_2d=True)
        x = x.mean(axis=1)
        length = int(min(len(x), rate * rng.uniform(4, 12)))
        start = int(rng.integers(0, len(x) - length + 1))
        yield pathlib.Path(path).stem, {
            mode: resample_poly(x[start:start + length], to, rate) for mode, to in RATES.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command")
    parser.add_argument("--audio", nargs="+", default=sorted(map(str, (ROOT / "Samples").glob("*.wav"))))
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for source, signals in stretches(arguments.audio, rng):
            for mode, x in signals.items():
                for name, r, d in degradations(x, rng, RATES[mode], folder):
                    rows.append(measure(arguments.command, folder, len(rows), mode, f"{source}, {name}", r, d))
        if arguments.keep:
            (folder / "pairs.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    if arguments.command:
        summarise(rows)


def measure(command, folder, index, mode, name, reference, degraded):
    """Mode, index, name, expected score and, if there is a command, the found one and its seconds."""
    r, d = reference.astype(np.float32), degraded.astype(np.float32)
    try:
        expected = pesq(RATES[mode], r, d, mode)
    except NoUtterancesError:
        expected = np.nan
    paths = {"reference": folder / f"{index}r.wav", "degraded": folder / f"{index}d.wav"}
    for path, x in zip(paths.values(), (r, d)):
        soundfile.write(path, x, RATES[mode], subtype="FLOAT")
    if not command:
        return mode, index, name, expected
    start = time.perf_counter()
    words = [word.format(mode=mode, **paths) for word in shlex.split(command)]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[0]
    found = np.nan if printed == "undefined:" else float(printed)
    return mode, index, name, expected, found, time.perf_counter() - start


def summarise(rows):
    undefined = [row for row in rows if np.isnan(row[3]) or np.isnan(row[4])]
    if any(np.isnan(row[3]) != np.isnan(row[4]) for row in undefined):
        raise SystemExit(f"undefined in one only: {undefined}")
    rows = [row for row in rows if row not in undefined]
    errors = np.array([abs(row[3] - row[4]) for row in rows])
    for row, error in zip(rows, errors):
        if error > 0.001:
            print(f"{row[0]} {row[2]}: {row[4]:.4f}, expected {row[3]:.4f}")
    print(f"{len(rows)} pairs and {len(undefined)} undefined: deviation at most {errors.max():.5f}, "
          f"{np.quantile(errors, 0.95):.5f} for 95 %, {np.median(errors):.6f} for half")
    if errors.max() > 0.05 or np.quantile(errors, 0.95) > 0.02:
        raise SystemExit("too far off")


if __name__ == "__main__":
    main()
