"""The package and the command give the same bytes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import CASES, SAMPLES, noise
from numpy.typing import NDArray

import codetta

soundfile = pytest.importorskip("soundfile")
Run = Callable[..., bytes]
CodesOf = Callable[..., NDArray[np.int32]]


@pytest.mark.parametrize("path", sorted(p for p in SAMPLES.iterdir() if p.suffix in (".wav", ".flac")), ids=lambda p: str(p.name))
@pytest.mark.parametrize("bitrate", [3, 6])
def test_samples(model: codetta.Model, run: Run, codes_of: CodesOf, tmp_path: Path, path: Path, bitrate: float) -> None:
    x, rate = soundfile.read(path, dtype="float32", always_2d=True)
    codes = model.encode(x.T, rate, bitrate)
    assert codes.array.tobytes() == codes_of(path, "--bitrate", bitrate).tobytes()

    codetta.write(codes, tmp_path / "a.codetta", entropy="lm")
    run("decode", tmp_path / "a.codetta", "-o", tmp_path / "a.wav", "--subtype", "float")
    y, again = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert again == rate and y.T.tobytes() == model.decode(codes).tobytes()


def test_random_rates_lengths_and_layouts(model: codetta.Model, run: Run, codes_of: CodesOf, tmp_path: Path) -> None:
    """40 cases, or as many as the environment variable CODETTA_CASES says."""
    rng = np.random.default_rng(21)
    for case in range(CASES):
        rate = int(rng.choice([8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, int(rng.integers(4000, 100_000))]))
        channels, length = int(rng.integers(1, 4)), int(rng.integers(1, 2 * rate) if case % 8 else rng.integers(1, 40))
        integers, codebooks = bool(rng.integers(2)), int(rng.integers(1, 13))
        x = noise(rng, channels, length)
        audio = (x * 32767).astype(np.int16) if integers else x
        name = tmp_path / "a.wav"
        soundfile.write(name, audio.T, rate, subtype="PCM_16" if integers else "FLOAT")
        expected = codes_of(name, "--codebooks", codebooks)
        # The same samples in another layout: interleaved, reversed, every other, in a batch, as double.
        layouts = [
            audio, np.asfortranarray(audio), audio[:, ::-1].copy()[:, ::-1], np.repeat(audio, 2, axis=1)[:, ::2],
            np.stack([audio[:, ::-1], audio]), audio.astype(np.float64) / (32768 if integers else 1),
        ]
        codes = model.encode(layouts[case % len(layouts)], rate, codebooks=codebooks)
        single = codes[1] if codes.is_batch else codes
        about = f"{case}: {rate} Hz, {channels} x {length}, layout {case % len(layouts)}, {codebooks} codebooks"
        assert single.array.tobytes() == expected.tobytes(), about
        assert model.decode(single).shape == audio.shape, about


def test_searches(model: codetta.Model, run: Run, tmp_path: Path) -> None:
    path = SAMPLES / "human-de-2.flac"
    x, rate = soundfile.read(path, dtype="float32")
    for search, entropy in (("beam:4", "adaptive"), ("rate:4:0.5", "lm")):
        run("encode", path, "-o", tmp_path / "a.codetta", "--force", "--bitrate", 2, "--search", search, "--entropy", entropy)
        expected = codetta.read(tmp_path / "a.codetta")
        codes = model.encode(x, rate, 2, search=search, entropy=entropy)
        assert codes.array.tobytes() == expected.array.tobytes()
        assert len(codetta.to_bytes(codes)) == (tmp_path / "a.codetta").stat().st_size


def test_files(model: codetta.Model, run: Run, tmp_path: Path) -> None:
    path = SAMPLES / "speech-en.wav"
    report = model.encode_file(path, tmp_path / "a.codetta", bitrate=3)
    run("encode", path, "-o", tmp_path / "b.codetta", "--bitrate", 3)
    assert (tmp_path / "a.codetta").read_bytes() == (tmp_path / "b.codetta").read_bytes()
    assert report["samples"] == soundfile.info(path).frames
    model.decode_file(tmp_path / "a.codetta", tmp_path / "a.wav")
    run("decode", tmp_path / "a.codetta", "-o", tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_python_m_codetta_is_the_command(run: Run) -> None:
    version = subprocess.run([sys.executable, "-m", "codetta", "--version"], capture_output=True, check=True).stdout
    assert version == run("--version") and version.strip()
    wrong = subprocess.run([sys.executable, "-m", "codetta", "encode", "no.wav"], capture_output=True)
    assert wrong.returncode == 66
