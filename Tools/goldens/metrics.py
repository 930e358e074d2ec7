"""Writes Tests/MetricsTests/Fixtures/metrics.json: the measures of Sources/Metrics in double precision.

Run: python Tools/goldens/metrics.py   (numpy, scipy, torch, librosa, pystoi 0.4.1)
The measures are those of measures.py, but for STOI, which is pystoi's (see stoi.py); the signals are those of `pair`, which the tests make too.
"""
import json
import pathlib

import numpy as np
from pystoi import stoi

from lcg import integers
from measures import (
    bandwidth, clipping, encodec_mel_distance, log_spectral_distance, loudness, mel_cepstral_distortion, mel_distance,
    multi_resolution_stft, segmental_snr, si_sdr, snr, stft_distance)

HERE = pathlib.Path(__file__).resolve()
TARGET = HERE.parents[2] / "Tests/MetricsTests/Fixtures/metrics.json"


def pair(count, seed, clip, gain, hiss):
    """Low-passed noise whose level changes every 2400 samples, and it clipped, scaled and with noise added; exact in float32."""
    u, v = integers(count + 7, seed), integers(count, seed + 1)
    x = sum(u[j:j + count] for j in range(8)) >> (np.arange(count) // 2400 % 5)
    y = gain * np.clip(x, -clip, clip) + hiss * v
    return x / 2.0**18, y / 2.0**22


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
            "stftDistance": stft_distance(r, d), "encodecMelDistance": encodec_mel_distance(r, d, rate),
            "melCepstralDistortion": mel_cepstral_distortion(r, d, rate),
            "bandwidthReference": bandwidth(r, rate), "bandwidthDegraded": bandwidth(d, rate),
            "loudnessReference": loudness(r, rate), "loudnessDegraded": loudness(d, rate),
            "loudnessDifference": loudness(d, rate) - loudness(r, rate),
            "clippingReference": clipping(r), "clippingDegraded": clipping(d),
            "stoi": stoi(r, d, rate), "estoi": stoi(r, d, rate, extended=True)}})

TARGET.write_text(json.dumps(cases, indent=1) + "\n")
print(TARGET.read_text())
