"""The measures of Sources/Metrics in double precision, from the published definitions that the Swift sources cite.

What Tools/goldens/metrics.py and Tools/oracles/measures.py compare with.   (numpy, scipy, torch, librosa, pystoi)
"""
import warnings

import librosa
import numpy as np
import scipy.fft
import scipy.signal
import torch
from pystoi.utils import resample_oct

# Mel bands narrower than an FFT bin are empty in the published settings too.
warnings.filterwarnings("ignore", message="Empty filters detected")


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


def magnitude(x, fft_size, hop, window, center=True):
    return torch.stft(
        torch.from_numpy(x), fft_size, hop, window, torch.hann_window(window, dtype=torch.float64),
        center=center, pad_mode="reflect", return_complex=True).abs().numpy().T


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


def stft_distance(r, d):
    total = 0
    for window in (2048, 512):
        a, b = (magnitude(x, window, window // 4, window) for x in (r, d))
        total += np.mean(np.abs(a - b))
        total += np.mean(np.abs(np.log10(np.maximum(a**2, 1e-5)) - np.log10(np.maximum(b**2, 1e-5))))
    return total


def encodec_mel_distance(r, d, rate):
    total = 0
    for window in (64, 128, 256, 512, 1024):
        hop, pad = window // 4, (window - window // 4) // 2
        hann = torch.hann_window(window, dtype=torch.float64).numpy()
        filters = librosa.filters.mel(
            sr=rate, n_fft=window, n_mels=64, fmin=64, htk=True, norm=None, dtype=np.float64)
        mels = []
        for x in (r, d):
            frames = librosa.util.frame(np.pad(x, pad, mode="reflect"), frame_length=window, hop_length=hop).T
            power = np.abs(np.fft.rfft(frames * hann, axis=1)) ** 2 / np.sum(hann**2)
            mels.append(power @ filters.T)
        logs = [np.log10(1e-5 + m) for m in mels]
        total += np.mean(np.abs(mels[0] - mels[1])) + np.mean((logs[0] - logs[1]) ** 2)
    return total / 10


def mel_cepstral_distortion(r, d, rate):
    cepstra = []
    for x in (r, d):
        x = resample_oct(x, 16000, rate)
        filters = librosa.filters.mel(sr=16000, n_fft=1024, n_mels=80, dtype=np.float64)
        mel = np.log(np.maximum(magnitude(x, 1024, 80, 1024) @ filters.T, 1e-5))
        cepstra.append(scipy.fft.dct(mel, axis=1)[:, 1:25] / 80)
    return np.mean(10 / np.log(10) * np.sqrt(2 * np.sum((cepstra[0] - cepstra[1]) ** 2, axis=1)))


def bandwidth(x, rate):
    width = max(1, round(200 * 2048 / rate))
    power = np.sum(magnitude(x, 2048, 1024, 2048, center=False) ** 2, axis=0)
    bands = power[:1025 // width * width].reshape(-1, width).sum(axis=1)
    return float((np.nonzero(bands >= 1e-6 * bands.max())[0][-1] + 1) * width * rate / 2048)


def k_weighting(rate):
    """BS.1770's two filters at any rate: the analogue shelf and high-pass that its 48 kHz coefficients come from."""
    k, gain, q = np.tan(np.pi * 1681.974450955533 / rate), 10 ** (3.999843853973347 / 20), 0.7071752369554196
    band = gain**0.4996667741545416
    shelf = np.array([gain + band * k / q + k**2, 2 * (k**2 - gain), gain - band * k / q + k**2,
                      1 + k / q + k**2, 2 * (k**2 - 1), 1 - k / q + k**2]) / (1 + k / q + k**2)
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    high = [1, -2, 1, 1, 2 * (k**2 - 1) / (1 + k / q + k**2), (1 - k / q + k**2) / (1 + k / q + k**2)]
    return np.array([shelf, high])


def loudness(x, rate):
    step = (rate + 5) // 10
    y = scipy.signal.sosfilt(k_weighting(rate), x) ** 2
    blocks = np.array([np.mean(y[i:i + 4 * step]) for i in range(0, len(y) - 4 * step + 1, step)])
    audible = blocks[blocks >= 10 ** ((-70 + 0.691) / 10)]
    if not len(audible):
        return np.nan
    return -0.691 + 10 * np.log10(np.mean(audible[audible >= np.mean(audible) / 10]))


def clipping(x):
    return 100 * float(np.mean(np.abs(x) >= 32767 / 32768))
