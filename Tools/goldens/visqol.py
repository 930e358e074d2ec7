"""Writes Tests/MetricsTests/Fixtures/visqol.json: similarity of samples and what was done to them, by visqol-python.

Run: python Tools/goldens/visqol.py   (numpy, visqol-python 3.8.0)
The signals are made of integers, as those of ViSQOLTests.swift, so that both sides measure the same float32 values. The samples
are read as if they were at the mode's rate: what they sound like then does not matter here.
"""
import importlib
import json
import pathlib
import sys
import wave

import numpy as np

from lcg import integers

sys.path.pop(0)  # this folder, in which visqol is this script
visqol = importlib.import_module("visqol")

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "Tests/MetricsTests/Fixtures/visqol.json"
RATES = {"speech": 16000, "audio": 48000}


def read(name):
    with wave.open(str(ROOT / "Samples" / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)


def degrade(x, how, amount, seed):
    """Integers of at most 24 bits."""
    if how == "noise":
        return x + (amount * integers(len(x), seed) >> 12)
    if how == "clip":
        return np.clip(x, -amount, amount)
    if how == "lowpass":
        return np.convolve(x, np.ones(1 << amount, np.int64))[:len(x)] >> amount
    if how == "quantise":
        return x >> amount << amount
    if how == "delay":
        return np.concatenate([np.zeros(amount, np.int64), x])
    if how == "advance":
        return x[amount:]
    if how == "gaps":
        return np.where(np.arange(len(x)) // amount % 4 == 2, 0, x)
    raise ValueError(how)


cases = []
for mode, source in (("speech", "speech-en.wav"), ("speech", "speech-de.wav"), ("audio", "music.wav"), ("audio", "speech-zh.wav")):
    measure = visqol.VisqolApi()
    measure.create(mode=mode, **({"use_lattice_model": False} if mode == "speech" else {}))
    x = read(source)
    for how, amount in (("noise", 10), ("noise", 300), ("clip", 1500), ("lowpass", 3), ("quantise", 9), ("delay", 777),
                        ("advance", 1234), ("gaps", 5000)):
        seed = 100 + len(cases)
        y = degrade(x, how, amount, seed)
        result = measure.measure_from_arrays(x / 2.0**16, y / 2.0**17, RATES[mode])
        cases.append(dict(mode=mode, source=source, seed=seed, how=how, amount=amount, nsim=result.vnsim,
                          mos=result.moslqo if mode == "speech" else None, bands=[round(v, 6) for v in result.fvnsim]))

TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
