"""Writes Tests/SpectralTests/Fixtures/spectral.json from scipy and librosa.

Run: python Tools/goldens/spectral.py   (numpy, scipy, librosa)
Each entry is {"shape": [...], "values": [...]}, row-major, 8 significant digits.
"""
import json
import pathlib

import librosa
import numpy as np
import scipy.fft
import scipy.signal

from lcg import noise

HERE = pathlib.Path(__file__).resolve()
TARGET = HERE.parents[2] / "Tests/SpectralTests/Fixtures/spectral.json"
entries = {}


def put(name, array):
    array = np.asarray(array, np.float64)
    entries[name] = {"shape": list(array.shape), "values": [float(f"{v:.8g}") for v in array.ravel()]}


def put_complex(name, array):
    """[bins, frames] of librosa to [frames, bins, 2]."""
    put(name, np.stack([array.T.real, array.T.imag], axis=-1))


for name in ("hann", "hamming"):
    put(f"window.{name}.periodic", scipy.signal.get_window(name, 11, fftbins=True))
    put(f"window.{name}.symmetric", scipy.signal.get_window(name, 11, fftbins=False))
put("window.sine", scipy.signal.windows.cosine(12))
put("window.kbd", scipy.signal.windows.kaiser_bessel_derived(16, beta=np.pi * 4))

# MDCT of one block by scipy's orthonormal DCT-IV of the folded block.
N = 24
x = noise(2 * N, 7).astype(np.float64) * scipy.signal.windows.cosine(2 * N)
a, b, c, d = x.reshape(4, N // 2)
put("mdct", scipy.fft.dct(np.concatenate([-c[::-1] - d, a - b[::-1]]), type=4, norm="ortho"))

x = noise(200, 1).astype(np.float64)
stft = dict(n_fft=32, hop_length=12)
put_complex("stft.center.reflect", librosa.stft(x, window="hann", center=True, pad_mode="reflect", **stft))
put_complex("stft.center.zero", librosa.stft(x, window="hamming", center=True, pad_mode="constant", **stft))
put_complex("stft.none", librosa.stft(x, window="hann", center=False, **stft))
put_complex("stft.shortWindow", librosa.stft(x, n_fft=32, hop_length=8, win_length=20, center=True, pad_mode="reflect"))

for name, htk, norm in (("slaney", False, "slaney"), ("htk", True, None)):
    put(f"filters.{name}", librosa.filters.mel(
        sr=16000, n_fft=128, n_mels=12, fmin=50, fmax=7000, htk=htk, norm=norm, dtype=np.float64))
put("mel.slaney", librosa.mel_frequencies(n_mels=9, fmin=0, fmax=12000, htk=False))
put("mel.htk", librosa.mel_frequencies(n_mels=9, fmin=0, fmax=12000, htk=True))

x = noise(1600, 3).astype(np.float64) * np.repeat(1 / 2.0 ** np.arange(8), 200)
power = librosa.feature.melspectrogram(
    y=x, sr=16000, n_fft=256, hop_length=160, n_mels=20, center=True, pad_mode="reflect", power=2.0)
put("logmel.decibels", librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T)
put("mfcc", librosa.feature.mfcc(S=librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=40), n_mfcc=13).T)

TARGET.write_text(json.dumps(entries, separators=(",", ":")) + "\n")
print(TARGET.stat().st_size, "bytes")
