"""Compares `codetta evaluate` with the references of its measures on a hundred pairs and more, and prints the deviations.

Run: make oracles   or: python Tools/oracles/measures.py --codetta .build/release/codetta [--audio FOLDER]
A measure whose deviations leave their bounds is marked FAIL, and the exit status is 1.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import librosa
import numpy as np
import pysptk
import pyworld
import scipy.stats
import soundfile
from pystoi import stoi
from pystoi.utils import resample_oct

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tools/goldens"))

import measures as definitions  # noqa: E402
import pairs  # noqa: E402


class Bound:
    """How far a value may be from its reference: on all pairs, and on 95 % of them."""

    def __init__(self, everywhere, mostly=None, relative=False):
        self.everywhere, self.mostly, self.relative = everywhere, mostly or everywhere, relative

    def deviation(self, found, expected):
        return abs(found - expected) / (max(abs(expected), 1e-12) if self.relative else 1)

    def holds(self, deviations):
        return max(deviations) <= self.everywhere and np.quantile(deviations, 0.95) <= self.mostly

    def __str__(self):
        show = (lambda x: f"{100 * x:g} %") if self.relative else (lambda x: f"{x:g}")
        return show(self.everywhere) + ("" if self.mostly == self.everywhere else f" (95 %: {show(self.mostly)})")


BOUNDS = {
    "snr": Bound(1e-3), "segmentalSNR": Bound(1e-3), "siSDR": Bound(1e-3),
    "multiResolutionSTFT": Bound(1e-3, relative=True), "stftDistance": Bound(1e-3, relative=True),
    "melDistance": Bound(1e-3, relative=True), "encodecMelDistance": Bound(1e-3, relative=True),
    "logSpectralDistance": Bound(1e-3, relative=True), "melCepstralDistortion": Bound(1e-3, relative=True),
    "stoi": Bound(1e-3), "estoi": Bound(1e-3),
    "pesqNarrowband": Bound(0.05, 0.02), "pesqWideband": Bound(0.05, 0.02),
    "bandwidthReference": Bound(1e-9), "bandwidthDegraded": Bound(1e-9),
    "clippingReference": Bound(1e-9), "clippingDegraded": Bound(1e-9),
    "loudnessReference": Bound(0.01), "loudnessDegraded": Bound(0.01), "loudnessDifference": Bound(0.01),
    # Two paths of nearly the same probability may swap in single precision: a stretch of some frames.
    "voicingDecisionError": Bound(3, 0.5), "grossPitchError": Bound(3, 0.5), "f0ErrorCents": Bound(30, 2),
}
# WORLD and SPTK define these otherwise; what must agree is the order of the pairs, and the size roughly.
RANKS = {"melCepstralDistortion": 0.85, "voicingDecisionError": 0.6}


class References:
    """The measures of one pair by other implementations; what belongs to the reference signal alone is kept for the next."""

    def __init__(self):
        self.kept = {}

    def keep(self, what, x, make):
        key = (what, len(x), x.tobytes())
        if key not in self.kept:
            self.kept = {k: v for k, v in self.kept.items() if k[1:] == key[1:]}
            self.kept[key] = make(x)
        return self.kept[key]

    def own(self, r, d, rate):
        result = {
            "snr": definitions.snr(r, d), "segmentalSNR": definitions.segmental_snr(r, d, rate),
            "siSDR": definitions.si_sdr(r, d), "multiResolutionSTFT": definitions.multi_resolution_stft(r, d),
            "stftDistance": definitions.stft_distance(r, d), "melDistance": definitions.mel_distance(r, d, rate),
            "encodecMelDistance": definitions.encodec_mel_distance(r, d, rate),
            "logSpectralDistance": definitions.log_spectral_distance(r, d),
            "melCepstralDistortion": definitions.mel_cepstral_distortion(r, d, rate),
            "stoi": stoi(r, d, rate), "estoi": stoi(r, d, rate, extended=True),
            "bandwidthReference": definitions.bandwidth(r, rate), "bandwidthDegraded": definitions.bandwidth(d, rate),
            "clippingReference": definitions.clipping(r), "clippingDegraded": definitions.clipping(d),
            "loudnessReference": definitions.loudness(r, rate), "loudnessDegraded": definitions.loudness(d, rate)}
        result["loudnessDifference"] = result["loudnessDegraded"] - result["loudnessReference"]
        return result

    def pitch(self, r, d):
        track = lambda x: librosa.pyin(x, fmin=60, fmax=600, sr=16000, frame_length=1024, hop_length=160, fill_na=0)[0]
        a, b = self.keep("pyin", r, track), track(d)
        both = (a > 0) & (b > 0)
        result = {"voicingDecisionError": 100 * np.mean((a > 0) != (b > 0))}
        if np.any(both):
            result["f0ErrorCents"] = np.sqrt(np.mean((1200 * np.log2(b[both] / a[both])) ** 2))
            result["grossPitchError"] = 100 * np.mean(np.abs(b[both] - a[both]) > 0.2 * a[both])
        return result

    def world(self, r, d):
        def analyse(x):
            f0, time = pyworld.harvest(x, 16000, f0_floor=60, f0_ceil=600)
            envelope = pyworld.cheaptrick(x, pyworld.stonemask(x, f0, time, 16000), time, 16000)
            return f0, pysptk.sp2mc(envelope, order=24, alpha=0.42)

        (f, a), (g, b) = self.keep("world", r, analyse), analyse(d)
        distance = 10 / np.log(10) * np.sqrt(2 * np.sum((a[:, 1:] - b[:, 1:]) ** 2, axis=1))
        return {"melCepstralDistortion": np.mean(distance), "voicingDecisionError": 100 * np.mean((f > 0) != (g > 0))}

    def pesq(self, r, d, rate):
        import pesq
        result = {}
        for name, mode, wanted in (("pesqNarrowband", "nb", 8000), ("pesqWideband", "wb", 16000)):
            try:
                x, y = (resample_oct(x, wanted, rate) if rate != wanted else x for x in (r, d))
                result[name] = pesq.pesq(wanted, x.astype(np.float32), y.astype(np.float32), mode)
            except pesq.PesqError:
                pass
        return result


def compare(codetta, reference, degraded, references):
    """(values found, values expected, values by WORLD) of one pair; what has no number on our side is left out."""
    output = subprocess.run(
        [codetta, "evaluate", reference, degraded, "--json"], check=True, capture_output=True, text=True).stdout
    report = json.loads(output)["reconstruction"]
    found = {k: v["value"] for k, v in report["overall"].items() if "value" in v}
    r, rate = soundfile.read(reference, dtype="float32")
    d, other = soundfile.read(degraded, dtype="float32")
    assert rate == other, "pairs are of one rate"
    delay = report["delay"]["samples"]
    r, d = (x.astype(np.float64) for x in (r[max(0, -delay):], d[max(0, delay):]))
    count = min(len(r), len(d))
    r, d = r[:count], d[:count]
    assert count == report["comparedSamples"], f"compared {report['comparedSamples']}, not {count}"
    expected = references.own(r, d, rate)
    if "pesqWideband" in report["overall"]:
        expected |= references.pesq(r, d, rate)
    x, y = (np.ascontiguousarray(resample_oct(s, 16000, rate) if rate != 16000 else s) for s in (r, d))
    return found, expected | references.pitch(x, y), references.world(x, y)


def table(results):
    """Prints a line a measure; whether all are within bounds."""
    print(f"{'measure':24}{'pairs':>6}{'largest':>12}{'95 %':>12}   bound")
    sound = True
    for name, bound in BOUNDS.items():
        both = [(label, f[name], e[name]) for label, f, e, _ in results
                if name in f and name in e and np.isfinite(e[name])]
        if not both:
            continue
        deviations = [bound.deviation(a, b) for _, a, b in both]
        holds = bound.holds(deviations)
        sound &= bool(holds)
        scale = 100 if bound.relative else 1
        print(f"{name:24}{len(both):6}{scale * max(deviations):12.3g}{scale * np.quantile(deviations, .95):12.3g}   "
              f"{bound}{'' if holds else '   FAIL: ' + both[int(np.argmax(deviations))][0]}")
    for name, least in RANKS.items():
        both = [(f[name], w[name]) for _, f, _, w in results if name in f and np.isfinite(w[name])]
        rank = scipy.stats.spearmanr(both).statistic
        ratio = np.median([a / b for a, b in both if b > 0])
        sound &= bool(rank >= least)
        print(f"{name}, WORLD: {len(both)} pairs, rank correlation {rank:.3f} (at least {least}), median ratio {ratio:.3f}"
              f"{'' if rank >= least else '   FAIL'}")
    return sound


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codetta", default=str(ROOT / ".build/release/codetta"))
    parser.add_argument("--audio", type=pathlib.Path, help="a folder of more recordings")
    parser.add_argument("--limit", type=int, default=12, help="how many of them (12)")
    arguments = parser.parse_args()
    references, results = References(), []
    with tempfile.TemporaryDirectory() as work:
        for name, reference, degraded in pairs.make(
                ROOT, arguments.audio, arguments.limit, pathlib.Path(work), arguments.codetta):
            results.append((name, *compare(arguments.codetta, reference, degraded, references)))
            print(f"\r{len(results)} pairs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if len(results) < 100:
        print(f"only {len(results)} pairs: install opus-tools, lame, vorbis-tools, codec2, or give --audio", file=sys.stderr)
    sys.exit(0 if table(results) and len(results) >= 100 else 1)


main()
