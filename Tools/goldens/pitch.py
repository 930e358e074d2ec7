"""Writes Tests/MetricsTests/Fixtures/pitch.json: F0 tracks of speech by librosa.pyin, and the errors that follow from them.

Run: python Tools/goldens/pitch.py   (numpy, librosa 0.11.0)
The samples of Samples/speech-en.wav are taken as if they were at 16 kHz, so that nothing has to be resampled; the degraded
signal is the same with integer noise added.
"""
import json
import pathlib
import wave

import librosa
import numpy as np

from lcg import integers

ROOT = pathlib.Path(__file__).resolve().parents[2]
COUNT, DIVISOR = 60000, 24


def track(x):
    f0, voiced, _ = librosa.pyin(x, fmin=60, fmax=600, sr=16000, frame_length=1024, hop_length=160)
    return np.where(voiced, f0, 0)


with wave.open(str(ROOT / "Samples/speech-en.wav")) as file:
    speech = np.frombuffer(file.readframes(COUNT), "<i2").astype(np.int64)
noise = integers(COUNT, 3) // DIVISOR
reference, degraded = (track(x / 32768.0) for x in (speech, speech + noise))
both = (reference > 0) & (degraded > 0)
a, b = reference[both], degraded[both]
expected = {
    "f0ErrorCents": np.sqrt(np.mean((1200 * np.log2(b / a)) ** 2)), "f0ErrorHertz": np.sqrt(np.mean((b - a) ** 2)),
    "grossPitchError": 100 * np.mean(np.abs(b - a) > 0.2 * a),
    "voicingDecisionError": 100 * np.mean((reference > 0) != (degraded > 0))}
tracks = {"reference": np.round(reference, 3).tolist(), "degraded": np.round(degraded, 3).tolist()}
target = ROOT / "Tests/MetricsTests/Fixtures/pitch.json"
target.write_text(json.dumps({"count": COUNT, "expected": expected, **tracks}) + "\n")
print(expected, len(reference), np.mean(reference > 0))
