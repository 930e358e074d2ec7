"""Writes Tests/MetricsTests/Fixtures/stoi.json: STOI and ESTOI of speech and of speech-like noise, by pystoi.

Run: python Tools/goldens/stoi.py   (numpy, pystoi 0.4.1)
The signals are made of integers, as those of IntelligibilityTests.swift, so that both sides measure the same float32 values.
"""
import json
import pathlib
import wave

import numpy as np
from pystoi import stoi

from lcg import integers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "Tests/MetricsTests/Fixtures/stoi.json"


def syllables(count, rate, seed):
    """Low-passed noise in bursts of 240 ms, every fifth left out but for a noise floor 60 dB down: 16-bit integers."""
    u, v = integers(count + 15, seed), integers(count, seed + 1)
    x = sum(u[j:j + count] for j in range(16)) >> 3
    period = rate * 6 // 25
    i = np.arange(count)
    envelope = np.minimum(i % period, period - i % period) * 512 // period
    envelope[i // period % 5 == 4] = 0
    return (x * envelope >> 9) + (v >> 10)


def speech():
    with wave.open(str(ROOT / "Samples/speech-en.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64), file.getframerate()


def degrade(x, how, amount, seed):
    """Exact in float32: integers below 2^24 over 2^19."""
    v = integers(len(x), seed)
    if how == "noise":
        y = 8 * x + (amount * v >> 4)
    elif how == "clip":
        y = 8 * np.clip(x, -amount, amount)
    elif how == "lowpass":
        y = 8 * (np.convolve(x, np.ones(amount, np.int64))[:len(x)] // amount)
    elif how == "gate":
        y = np.where(np.abs(x) < amount, 0, x) + (v >> 12)
    return y / 2.0**19


cases = []
for source, rate, count, how, amount in (
    ("syllables", 10000, 30000, "noise", 16),
    ("syllables", 8000, 20001, "noise", 60),
    ("syllables", 11025, 30000, "clip", 2000),
    ("syllables", 16000, 40000, "lowpass", 24),
    ("syllables", 22050, 50003, "gate", 3000),
    ("syllables", 44100, 70001, "noise", 100),
    ("syllables", 48000, 90000, "lowpass", 40),
    ("syllables", 96000, 150000, "noise", 30),
    ("speech", 24000, None, "noise", 1),
    ("speech", 24000, None, "noise", 20),
    ("speech", 24000, None, "noise", 120),
    ("speech", 24000, None, "clip", 1500),
    ("speech", 24000, None, "lowpass", 20),
    ("speech", 24000, None, "gate", 2000),
):
    seed = 100 + 2 * len(cases)
    x, rate = speech() if source == "speech" else (syllables(count, rate, seed), rate)
    r, d = x / 2.0**16, degrade(x, how, amount, seed + 50)
    assert np.all(r == r.astype(np.float32)) and np.all(d == d.astype(np.float32))
    cases.append({
        "source": source, "sampleRate": rate, "count": len(x), "seed": seed, "how": how, "amount": amount,
        "stoi": stoi(r, d, rate), "estoi": stoi(r, d, rate, extended=True)})

TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(TARGET.read_text())
