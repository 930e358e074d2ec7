"""ViSQOL v3 by visqol-python: NSIM and MOS-LQO in speech mode (16 kHz) and audio mode (48 kHz).

Speech mode's MOS-LQO is the exponential mapping scaled to 5, not the lattice network, so that it needs no TensorFlow Lite.
"""
import importlib.metadata

import numpy as np

from audio import UnscorableError, read_pair

PACKAGES = ["visqol-python"]
RATES = {"speech": 16000, "audio": 48000}
SCORES = {f"visqol_{mode}_{kind}": dict(direction="higher", range=limits)
          for mode in RATES for kind, limits in (("nsim", [0, 1]), ("mos", [1, 5]))}


def version():
    return importlib.metadata.version("visqol-python")


def open_scorer():
    import visqol
    measures = {}
    for mode in RATES:
        measures[mode] = visqol.VisqolApi()
        measures[mode].create(mode=mode, **({"use_lattice_model": False} if mode == "speech" else {}))

    def score(reference, degraded):
        scores = {}
        for mode, rate in RATES.items():
            pair = read_pair(reference, degraded, rate)
            try:
                result = measures[mode].measure_from_arrays(*(x.astype(np.float64) for x in pair), rate)
            except (ValueError, IndexError) as error:
                raise UnscorableError(f"{degraded}: {mode} mode: {error}") from None
            scores[f"visqol_{mode}_nsim"], scores[f"visqol_{mode}_mos"] = result.vnsim, result.moslqo
        return scores
    return score
