"""Zimtohrli: a psychoacoustic distance at 48 kHz (google/zimtohrli), and the opinion score its authors map it to."""
import importlib.metadata

from audio import read_pair

PACKAGES = ["zimtohrli"]
SCORES = {"zimtohrli_distance": dict(direction="lower", range=[0, 1]), "zimtohrli_mos": dict(direction="higher", range=[1, 5])}


def version():
    return importlib.metadata.version("zimtohrli")


def open_scorer():
    import zimtohrli
    measure = zimtohrli.Pyohrli()

    def score(reference, degraded):
        distance = measure.distance(*read_pair(reference, degraded, 48000))
        return {"zimtohrli_distance": distance, "zimtohrli_mos": zimtohrli.mos_from_zimtohrli(distance)}
    return score
