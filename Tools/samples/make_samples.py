#!/usr/bin/env python3
"""Regenerates the clips in Samples/.

Needs espeak-ng on the PATH and the Python packages numpy, scipy and soundfile:

    python3 Tools/samples/make_samples.py [FOLDER]

The same versions of these give the same files; everything random is seeded.

The recordings of people are made from checkouts of the data sets that they come from (Samples/README.md names both):

    python3 Tools/samples/make_samples.py [FOLDER] --voices CHECKOUTS

CHECKOUTS holds `dataset-voice-kathleen` and `dataset-voice-kerstin`. Nothing but the rate and the level is changed.
"""

import argparse
import io
import subprocess
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import butter, resample_poly, sosfilt

RATE = 24_000
MUSIC_RATE = 44_100
PEAK = 10 ** (-3 / 20)

SPEECH = {
    "speech-en": ("en-us", 176, "A codec listens, keeps what matters in a few small numbers, and tells the rest again from memory."),
    "speech-de": ("de", 165, "Zwölf freche Jungen üben am Brückenpfeiler, bis die Glocke schlägt und der Regen endet."),
    "speech-zh": ("cmn-latn-pinyin", 200, "jin1 tian1 xia4 wu3 tian1 qi4 hen3 hao3, wo3 men qu4 hu2 bian1 ting1 niao3."),
}
# Clip: recording in the checkouts, rate of the clip.
VOICES = {
    "human-en": ("dataset-voice-kathleen/data/arctic_a0051_1592747309.wav", 48_000),
    "human-de-1": ("dataset-voice-kerstin/verified/de_rhasspy-0641.flac", 44_100),
    "human-de-2": ("dataset-voice-kerstin/verified/de_rhasspy-0286.flac", 44_100),
}
MIX_TEXT = ("en-us", 170, "While the guitar plays on, somebody reads the news, and both must fit through one door.")


def speech(voice: str, words_per_minute: int, text: str) -> np.ndarray:
    """What espeak-ng makes of `text`, at RATE, without the silence around it."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_per_minute), "--stdout", text]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    # The header that espeak-ng sends into a pipe does not know the length.
    samples = np.frombuffer(wav[44:], "<i2") / 32768
    rate = soundfile.info(io.BytesIO(wav)).samplerate
    common = np.gcd(RATE, rate)
    samples = resample_poly(samples, RATE // common, rate // common)
    loud = np.flatnonzero(np.abs(samples) > 1e-3)
    margin = np.zeros(RATE // 10)
    return np.concatenate([margin, samples[loud[0] : loud[-1] + 1], margin])


def pluck(frequency: float, seconds: float, random: np.random.Generator, brightness: float = 0.5) -> np.ndarray:
    """A plucked string: noise circulating in a delay line that loses its highs (Karplus and Strong, 1983)."""
    period = int(MUSIC_RATE / frequency)
    line = random.uniform(-1, 1, period)
    line -= line.mean()
    out = np.empty(int(seconds * MUSIC_RATE))
    for start in range(0, len(out), period):
        n = min(period, len(out) - start)
        out[start : start + n] = line[:n]
        line = 0.998 * (brightness * line + (1 - brightness) * np.roll(line, 1))
    return out


def bass(frequency: float, seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * MUSIC_RATE)) / MUSIC_RATE
    tone = sum(np.sin(2 * np.pi * frequency * k * t) / k**2 for k in range(1, 6))
    return tone * np.exp(-2.5 * t) * np.minimum(1, t / 0.005)


def shaker(seconds: float, random: np.random.Generator) -> np.ndarray:
    t = np.arange(int(seconds * MUSIC_RATE)) / MUSIC_RATE
    hiss = sosfilt(butter(2, 6000, "highpass", fs=MUSIC_RATE, output="sos"), random.standard_normal(len(t)))
    return hiss * np.exp(-45 * t) * np.minimum(1, t / 0.004)


def music() -> np.ndarray:
    """Two bars of D minor and two of its relatives: arpeggios left, melody right, bass and shaker in the middle; [samples, 2]."""
    random = np.random.default_rng(1983)
    beat = 60 / 132
    chords = [(50, (62, 65, 69, 74)), (46, (58, 62, 65, 70)), (48, (60, 64, 67, 72)), (45, (57, 61, 64, 69))]
    melody = [(0, 77), (1, 76), (1.5, 74), (2, 74), (3, 70), (4, 72), (4.5, 76), (5, 79), (6, 76), (6.5, 73), (7, 69), (8, 74)]
    out = np.zeros((int((8.8 * beat) * MUSIC_RATE), 2))

    def add(at: float, sound: np.ndarray, left: float, right: float) -> None:
        start = int(at * beat * MUSIC_RATE)
        sound = sound[: len(out) - start]
        out[start : start + len(sound)] += sound[:, None] * [left, right]

    def hertz(note: float) -> float:
        return 440 * 2 ** ((note - 69) / 12)

    for i, (root, notes) in enumerate(chords):
        add(2 * i, bass(hertz(root), 2 * beat), 0.35, 0.35)
        for step in range(8):
            add(2 * i + step / 4, pluck(hertz(notes[step % 4]), 0.9, random), 0.30, 0.12)
            add(2 * i + step / 4, shaker(0.1, random), 0.02 + 0.02 * (step % 2), 0.03 + 0.02 * (step % 2))
    for at, note in melody:
        add(at, pluck(hertz(note), 1.4, random, brightness=0.7), 0.18, 0.45)
    fade = int(0.3 * MUSIC_RATE)
    out[-fade:] *= np.linspace(1, 0, fade)[:, None] ** 2
    return out / np.abs(out).max() * PEAK


def save(path: Path, samples: np.ndarray, rate: int) -> None:
    samples = samples / np.abs(samples).max() * PEAK
    soundfile.write(path, np.rint(samples * 32767).astype(np.int16), rate, subtype="PCM_16")
    print(f"{path}: {len(samples) / rate:.2f} s, {path.stat().st_size} bytes")


def voice_clips(folder: Path, checkouts: Path) -> None:
    for name, (path, rate) in VOICES.items():
        samples, original = soundfile.read(checkouts / path, always_2d=True)
        # Kathleen's files hold the same channel twice.
        mono = samples[:, 0]
        common = np.gcd(rate, original)
        save(folder / f"{name}.flac", resample_poly(mono, rate // common, original // common), rate)


def main() -> None:
    parser = argparse.ArgumentParser(description="Regenerates the clips in Samples.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[2] / "Samples")
    parser.add_argument("--voices", type=Path, metavar="CHECKOUTS", help="make the recordings of people instead, from these checkouts")
    arguments = parser.parse_args()
    folder = arguments.folder
    if arguments.voices:
        voice_clips(folder, arguments.voices)
        return
    for name, recipe in SPEECH.items():
        save(folder / f"{name}.wav", speech(*recipe), RATE)
    stereo = music()
    mono = resample_poly(stereo.mean(axis=1), RATE // 300, MUSIC_RATE // 300)
    save(folder / "music-stereo.flac", stereo, MUSIC_RATE)
    save(folder / "music.wav", mono, RATE)
    voice = speech(*MIX_TEXT)
    length = max(len(voice), len(mono))
    mix = 0.35 * np.pad(mono / np.abs(mono).max(), (0, length - len(mono)))
    mix += np.pad(voice / np.abs(voice).max(), (0, length - len(voice)))
    save(folder / "mix.wav", mix, RATE)


if __name__ == "__main__":
    main()
