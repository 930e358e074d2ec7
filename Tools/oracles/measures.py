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
import visqol
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
    "visqolSpeech": Bound(0.02, 0.01), "visqolSpeechMOS": Bound(0.1, 0.05), "visqolAudio": Bound(0.02, 0.01),
    "bandwidthReference": Bound(1e-9), "bandwidthDegraded": Bound(1e-9),
    "clippingReference": Bound(1e-9), "clippingDegraded": Bound(1e-9),
    "loudnessReference": Bound(0.01), "loudnessDegraded": Bound(0.01), "loudnessDifference": Bound(0.01),
    # Two paths of nearly the same probability may swap in single precision: a stretch of some frames.
    "voicingDecisionError": Bound(3, 0.5), "grossPitchError": Bound(3, 0.5), "f0ErrorCents": Bound(30, 2),
    "f0ErrorHertz": Bound(5, 0.5),
}
# Other definitions of the same idea, where what must agree is the order of the pairs: least rank correlation.
RANKS = {"visqolSpeech": 0.99, "visqolAudio": 0.99}
WORLD_RANKS = {"melCepstralDistortion": 0.85}
# The tracks of pYIN and of WORLD's Harvest on both signals of a pair, over frames that both call voiced: the share of frames
# within 20 % (no gross error, such as an octave) and the median difference, at the median pair of recordings whose name begins
# with "speech": of music the two follow different voices. pYIN's grid is 10 cents, and its windows are longer.
F0_SHARE, F0_CENTS = 95, 20


def resampled(x, rate, wanted):
    """At another rate, by the conversion that the measures are defined with."""
    return np.ascontiguousarray(resample_oct(x, wanted, rate) if rate != wanted else x)


def pitch_errors(a, b):
    """The measures of pitch from two tracks in Hz, 0 where unvoiced."""
    both = (a > 0) & (b > 0)
    result = {"voicingDecisionError": 100 * np.mean((a > 0) != (b > 0))}
    if np.any(both):
        result["f0ErrorCents"] = np.sqrt(np.mean((1200 * np.log2(b[both] / a[both])) ** 2))
        result["f0ErrorHertz"] = np.sqrt(np.mean((b[both] - a[both]) ** 2))
        result["grossPitchError"] = 100 * np.mean(np.abs(b[both] - a[both]) > 0.2 * a[both])
    return result


def track_agreement(a, b):
    """How two trackers agree on one signal: over frames voiced in both, the share within 20 % and the median difference."""
    both = (a > 0) & (b > 0)
    if np.sum(both) < 50:
        return {}
    cents = np.abs(1200 * np.log2(b[both] / a[both]))
    return {"f0Share": 100 * np.mean(cents < 1200 * np.log2(1.2)), "f0Cents": np.median(cents)}


class References:
    """The measures of one pair by other implementations; what belongs to the reference signal alone is kept for the next."""

    def __init__(self):
        self.kept = {}
        self.visqol_modes = {}
        for mode, options in (("speech", {"use_lattice_model": False}), ("audio", {})):
            self.visqol_modes[mode] = visqol.VisqolApi()
            self.visqol_modes[mode].create(mode=mode, **options)

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

    def pitch_and_world(self, r, d):
        """By pYIN and by WORLD, from signals at 16 kHz."""
        def track(x):
            return librosa.pyin(x, fmin=60, fmax=600, sr=16000, frame_length=1024, hop_length=160, fill_na=0)[0]

        def analyse(x):
            f0, time = pyworld.harvest(x, 16000, f0_floor=60, f0_ceil=600)
            f0 = pyworld.stonemask(x, f0, time, 16000)
            return f0, pysptk.sp2mc(pyworld.cheaptrick(x, f0, time, 16000), order=24, alpha=0.42)

        a, b = self.keep("pyin", r, track), track(d)
        (f, x), (g, y) = self.keep("world", r, analyse), analyse(d)
        distance = 10 / np.log(10) * np.sqrt(2 * np.sum((x[:, 1:] - y[:, 1:]) ** 2, axis=1))
        # WORLD's frames are 5 ms apart, pYIN's 10.
        agreement = track_agreement(np.concatenate([a, b]), np.concatenate([f[::2][:len(a)], g[::2][:len(b)]]))
        return pitch_errors(a, b), {"melCepstralDistortion": np.mean(distance), **pitch_errors(f, g), **agreement}

    def visqol(self, r, d, rate):
        result = {}
        for mode, wanted in (("speech", 16000), ("audio", 48000)):
            try:
                score = self.visqol_modes[mode].measure_from_arrays(*(resampled(x, rate, wanted) for x in (r, d)), wanted)
            except (ValueError, IndexError):
                continue  # too short, or silent
            result[f"visqol{mode.title()}"] = score.vnsim
            if mode == "speech":
                result["visqolSpeechMOS"] = score.moslqo
        return result

    def pesq(self, r, d, rate):
        import pesq
        result = {}
        for name, mode, wanted in (("pesqNarrowband", "nb", 8000), ("pesqWideband", "wb", 16000)):
            try:
                x, y = (resampled(x, rate, wanted) for x in (r, d))
                result[name] = pesq.pesq(wanted, x.astype(np.float32), y.astype(np.float32), mode)
            except pesq.PesqError:
                pass
        return result


def compare(codetta, measures, reference, degraded, references):
    """(values found, values expected, values by WORLD) of one pair; what has no number on our side is left out."""
    output = subprocess.run(
        [codetta, "evaluate", reference, degraded, "--measures", measures, "--json"], check=True, capture_output=True,
        text=True).stdout
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
    asked = {k for k, v in report["overall"].items() if v != {"undefined": {"notMeasured": {}}}}
    expected, world = {}, {}
    if asked & {"snr", "stoi", "melDistance"}:
        expected |= references.own(r, d, rate)
    if asked & {"pesqNarrowband", "pesqWideband"}:
        expected |= references.pesq(r, d, rate)
    if asked & {"visqolSpeech", "visqolAudio"}:
        expected |= references.visqol(r, d, rate)
    if "voicingDecisionError" in asked:
        pitch, world = references.pitch_and_world(*(resampled(x, rate, 16000) for x in (r, d)))
        expected |= pitch
    return found, expected, world


def table(results):
    """Prints a line a measure; whether all are within bounds."""
    print(f"{'measure':24}{'pairs':>6}{'largest':>12}{'95 %':>12}   bound")
    sound = True
    for name, bound in BOUNDS.items():
        defined = [(label, name in f, np.isfinite(e.get(name, np.nan))) for label, f, e, _ in results]
        unequal = [label for label, ours, theirs in defined if ours != theirs]
        both = [(label, f[name], e[name]) for (label, f, e, _), (_, ours, theirs) in zip(results, defined) if ours and theirs]
        if not both:
            continue
        deviations = [bound.deviation(a, b) for _, a, b in both]
        failures = [] if bound.holds(deviations) else [both[int(np.argmax(deviations))][0]]
        failures += [f"{label} (a value on one side only)" for label in unequal]
        sound &= not failures
        scale = 100 if bound.relative else 1
        print(f"{name:24}{len(both):6}{scale * max(deviations):12.3g}{scale * np.quantile(deviations, .95):12.3g}   "
              f"{bound}{verdict(failures)}")
    for ranks, place, whose in ((RANKS, 2, "ViSQOL"), (WORLD_RANKS, 3, "WORLD")):
        for name, least in ranks.items():
            both = [(row[1][name], row[place][name]) for row in results if name in row[1] and name in row[place]]
            if len(both) < 3:
                continue
            rank, ratio = scipy.stats.spearmanr(both).statistic, np.median([a / b for a, b in both if b > 0])
            sound &= bool(rank >= least)
            print(f"{name}, {whose}'s: {len(both)} pairs, rank correlation {rank:.4f} (at least {least}), "
                  f"median ratio {ratio:.3f}{verdict([] if rank >= least else [name])}")
    tracks = [w for label, _, _, w in results if "f0Share" in w and label.startswith("speech")]
    if tracks:
        share, cents = (np.median([w[key] for w in tracks]) for key in ("f0Share", "f0Cents"))
        holds = share >= F0_SHARE and cents <= F0_CENTS
        sound &= bool(holds)
        print(f"F0, WORLD's: {len(tracks)} pairs with 0.5 s voiced in both; at the median pair {share:.2f} % of frames within "
              f"20 % (at least {F0_SHARE}), {cents:.1f} cents apart (at most {F0_CENTS}){verdict([] if holds else ['F0'])}")
    return sound


def verdict(failures):
    """Up to three of what failed."""
    return "   FAIL: " + ", ".join(failures[:3]) if failures else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codetta", default=str(ROOT / ".build/release/codetta"))
    parser.add_argument("--audio", type=pathlib.Path, help="a folder of more recordings")
    parser.add_argument("--limit", type=int, default=12, help="how many of them (12)")
    parser.add_argument("--every", type=int, default=1, help="measure only every so many-th pair, best a prime number (1: all)")
    parser.add_argument("--measures", default="all", help="only these, by codetta's names, separated by commas")
    parser.add_argument("--json", type=pathlib.Path, help="where to write all values, a line a pair")
    arguments = parser.parse_args()
    references, results = References(), []
    with tempfile.TemporaryDirectory() as work:
        for name, reference, degraded in pairs.make(
                ROOT, arguments.audio, arguments.limit, arguments.every, pathlib.Path(work), arguments.codetta):
            results.append((name, *compare(arguments.codetta, arguments.measures, reference, degraded, references)))
            if arguments.json:
                with arguments.json.open("a") as file:
                    print(json.dumps(results[-1]), file=file)
            print(f"\r{len(results)} pairs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if len(results) < 100:
        print(f"only {len(results)} pairs: install opus-tools, lame, vorbis-tools, codec2, or give --audio", file=sys.stderr)
    sys.exit(0 if table(results) and len(results) >= 100 else 1)


main()
