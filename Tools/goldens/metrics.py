"""Writes Tests/MetricsTests/Fixtures/metrics.json: the measures of Sources/Metrics in double precision.

Run: python Tools/goldens/metrics.py   (numpy, torch, librosa, pystoi 0.4.1)
Written from the published definitions that the Swift sources cite, but for STOI, which is pystoi's (see stoi.py); the signals are those of `pair`, which the tests make too.
"""
import json
import pathlib

import librosa
import numpy as np
import torch
from pystoi import stoi

from lcg import integers

HERE = pathlib.Path(__file__).resolve()
TARGET = HERE.parents[2] / "Tests/MetricsTests/Fixtures/metrics.json"


def pair(count, seed, clip, gain, hiss):
    """Low-passed noise whose level changes every 2400 samples, and it clipped, scaled and with noise added; exact in float32."""
    u, v = integers(count + 7, seed), integers(count, seed + 1)
    x = sum(u[j:j + count] for j in range(8)) >> (np.arange(count) // 2400 % 5)
    y = gain * np.clip(x, -clip, clip) + hiss * v
    return x / 2.0**18, y / 2.0**22


def snr(r, d):
    return 10 * np.log10(np.sum(r**2) / np.sum((r - d) ** 2))


def si_sdr(r, d):
    target = np.dot(d, r) / np.dot(r, r) * r
    return 10 * np.log10(np.sum(target**2) / np.sum((target - d) ** 2))


def segmental_snr(r, d, rate):
    length = round(0.030 * rate)
    hop = length // 4
    window = 0.5 * (1 - np.cos(2 * np.pi * np.arange(1, length + 1) / (length + 1)))
    ratios = []
    for start in range(0, len(r) - length + 1, hop):
        a, b = r[start:start + length] * window, d[start:start + length] * window
        if np.any(a):
            ratios.append(np.clip(10 * np.log10(np.sum(a**2) / np.sum((a - b) ** 2)), -10, 35))
    return np.mean(ratios)


def magnitude(x, fft_size, hop, window):
    return torch.stft(
        torch.from_numpy(x), fft_size, hop, window, torch.hann_window(window, dtype=torch.float64),
        center=True, pad_mode="reflect", return_complex=True).abs().numpy().T


def multi_resolution_stft(r, d):
    total = 0
    for fft_size, hop, window in ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200)):
        a, b = (np.sqrt(np.maximum(magnitude(x, fft_size, hop, window) ** 2, 1e-7)) for x in (r, d))
        total += np.linalg.norm(a - b) / np.linalg.norm(a) + np.mean(np.abs(np.log(a) - np.log(b)))
    return total / 3


def mel_distance(r, d, rate):
    total = 0
    for window, bands in zip((32, 64, 128, 256, 512, 1024, 2048), (5, 10, 20, 40, 80, 160, 320)):
        filters = librosa.filters.mel(sr=rate, n_fft=window, n_mels=bands, dtype=np.float64)
        a, b = (np.log10(np.maximum(magnitude(x, window, window // 4, window) @ filters.T, 1e-5)) for x in (r, d))
        total += np.mean(np.abs(a - b))
    return total


def log_spectral_distance(r, d):
    a, b = (np.maximum(magnitude(x, 2048, 512, 2048) ** 2, 1e-10) for x in (r, d))
    return np.mean(np.sqrt(np.mean((10 * np.log10(a / b)) ** 2, axis=1)))


cases = []
for rate, count, seed, clip, gain, hiss in (
    (24000, 24000, 1, 1 << 20, 15, 4),
    (44100, 30011, 5, 30000, 11, 1),
    (8000, 5000, 9, 1 << 20, 16, 24),
):
    r, d = pair(count, seed, clip, gain, hiss)
    cases.append({
        "sampleRate": rate, "count": count, "seed": seed, "clip": clip, "gain": gain, "hiss": hiss,
        "expected": {
            "snr": snr(r, d), "segmentalSNR": segmental_snr(r, d, rate), "siSDR": si_sdr(r, d),
            "multiResolutionSTFT": multi_resolution_stft(r, d), "melDistance": mel_distance(r, d, rate),
            "logSpectralDistance": log_spectral_distance(r, d),
            "stoi": stoi(r, d, rate), "estoi": stoi(r, d, rate, extended=True)}})

TARGET.write_text(json.dumps(cases, indent=1) + "\n")
print(TARGET.read_text())
