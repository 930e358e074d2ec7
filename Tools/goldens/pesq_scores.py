"""Writes Tests/MetricsTests/Fixtures/pesq.json: PESQ of the speech in Samples, by the ITU's program as pesq 0.0.4 wraps it.

Run: python Tools/goldens/pesq_scores.py   (numpy, pesq 0.0.4)
The signals are made of integers, as those of PESQTests.swift, so that both sides measure the same float32 values. For 8 kHz,
samples are added in threes; for 16 kHz they are taken as they are, so that the speech is slow and one utterance is long.
"""
import json
import pathlib
import wave

import numpy as np
from pesq import pesq

from lcg import integers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "Tests/MetricsTests/Fixtures/pesq.json"


def speech(name, mode):
    with wave.open(str(ROOT / f"Samples/{name}.wav")) as file:
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)
    return x[:len(x) // 3 * 3].reshape(-1, 3).sum(axis=1) if mode == "narrowband" else x


def degrade(x, how, amount, seed):
    """Exact in float32: integers below 2^24 over 2^20."""
    v = integers(len(x) + 20000, seed)
    half = len(x) // 2
    if how == "noise":
        y, noise = x, amount
    elif how == "clip":
        y, noise = np.clip(x, -amount, amount), 0
    elif how == "delay":
        y, noise = np.concatenate([np.zeros(amount, np.int64), x]), 8
    elif how == "jump":
        y, noise = np.concatenate([x[:half], np.zeros(amount, np.int64), x[half:]]), 4
    elif how == "loss":
        y, noise = np.concatenate([x[:half], x[half + amount:]]), 4
    elif how == "gaps":
        y, noise = np.where(np.arange(len(x)) // amount % 6 == 5, 0, x), 0
    elif how == "cut":
        y, noise = x[:amount], 30
    return (8 * y + (noise * v[:len(y)] >> 8)) / 2.0**20


cases = []
for mode, name, how, amount in (
    ("narrowband", "speech-en", "noise", 0),
    ("narrowband", "speech-en", "noise", 10),
    ("narrowband", "speech-de", "noise", 300),
    ("narrowband", "speech-en", "clip", 6500),
    ("narrowband", "speech-zh", "delay", 1234),
    ("narrowband", "speech-de", "jump", 700),
    ("narrowband", "speech-en", "loss", 900),
    ("narrowband", "speech-zh", "gaps", 160),
    ("narrowband", "speech-en", "cut", 30000),
    ("wideband", "speech-en", "noise", 0),
    ("wideband", "speech-zh", "noise", 3),
    ("wideband", "speech-en", "noise", 60),
    ("wideband", "speech-de", "clip", 6000),
    ("wideband", "speech-en", "delay", 9000),
    ("wideband", "speech-zh", "jump", 1500),
    ("wideband", "speech-de", "loss", 2500),
    ("wideband", "speech-en", "gaps", 320),
    ("wideband", "speech-de", "cut", 70000),
):
    seed = 300 + len(cases)
    x = speech(name, mode)
    r, d = x / 2.0**17, degrade(x, how, amount, seed)
    assert np.all(r == r.astype(np.float32)) and np.all(d == d.astype(np.float32))
    rate, short = (8000, "nb") if mode == "narrowband" else (16000, "wb")
    score = pesq(rate, r.astype(np.float32), d.astype(np.float32), short)
    cases.append({
        "mode": mode, "source": name, "how": how, "amount": amount, "seed": seed, "count": len(d), "score": score})

TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(TARGET.read_text())
