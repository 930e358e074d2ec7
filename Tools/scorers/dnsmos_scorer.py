"""DNSMOS: speech quality without a reference (Reddy, Gopal and Cutler, P.835 2022 and P.808 2021), 16 kHz, the degraded file alone.

As in the package, files under 9.01 s are repeated to that length.
"""
import importlib.metadata

import numpy as np

from audio import read_mono

PACKAGES = ["speechmos", "onnxruntime", "librosa"]
NAMES = {"dnsmos_overall": "ovrl_mos", "dnsmos_speech": "sig_mos", "dnsmos_background": "bak_mos", "dnsmos_p808": "p808_mos"}
SCORES = {name: dict(direction="higher", range=[1, 5]) for name in NAMES}


def version():
    return importlib.metadata.version("speechmos")


def open_scorer():
    from speechmos import dnsmos

    def score(reference, degraded):
        x = read_mono(degraded, 16000)
        found = dnsmos.run(x / max(1, np.abs(x).max()), 16000)  # the package refuses samples beyond full scale
        return {name: float(found[key]) for name, key in NAMES.items()}
    return score
