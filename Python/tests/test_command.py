"""The package and the command give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import CASES, SAMPLES, noise

import codetta

soundfile = pytest.importorskip("soundfile")
Run = Callable[..., bytes]


@pytest.mark.parametrize("path", sorted(p for p in SAMPLES.iterdir() if p.suffix in (".wav", ".flac")), ids=lambda p: p.name)
@pytest.mark.parametrize("bitrate", [3, 6])
def test_samples(model: codetta.Model, run: Run, tmp_path: Path, path: Path, bitrate: float) -> None:
    x, rate = soundfile.read(path, dtype="float32", always_2d=True)
    expected = run("encode", path, "-o", "-", "--bitrate", bitrate)
    codes = model.encode(x.T, rate, bitrate)
    assert codetta.to_bytes(codes) == expected
    assert np.array_equal(codetta.read(expected).array.reshape(codes.array.shape), codes.array)
    (tmp_path / "a.codetta").write_bytes(expected)
    run("decode", tmp_path / "a.codetta", "-o", tmp_path / "a.wav", "--subtype", "float")
    y, again = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert again == rate and np.array_equal(y.T, model.decode(codes))


def test_random_rates_lengths_and_layouts(model: codetta.Model, run: Run, tmp_path: Path) -> None:
    """40 cases, or as many as the environment variable CODETTA_CASES says."""
    rng = np.random.default_rng(21)
    for case in range(CASES):
        rate = int(rng.choice([8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, int(rng.integers(4000, 100_000))]))
        channels, length = int(rng.integers(1, 4)), int(rng.integers(0, 2 * rate) if case % 8 else rng.integers(0, 40))
        integers, codebooks = bool(rng.integers(2)), int(rng.integers(1, 13))
        entropy = str(rng.choice(["none", "adaptive", "lm"]))
        x = noise(rng, channels, length)
        audio = (x * 32767).astype(np.int16) if integers else x
        name = tmp_path / f"{case}.wav"
        soundfile.write(name, audio.T, rate, subtype="PCM_16" if integers else "FLOAT")
        expected = run("encode", name, "-o", "-", "--codebooks", codebooks, "--entropy", entropy)
        # The same samples in another layout: interleaved, reversed, every other, in a batch.
        layouts = [
            audio, np.asfortranarray(audio), audio[:, ::-1].copy()[:, ::-1], np.repeat(audio, 2, axis=1)[:, ::2],
            np.stack([audio, audio]), audio.astype(np.float64) / 32768 if integers else audio.astype(np.float64),
        ]
        codes = model.encode(layouts[case % len(layouts)], rate, codebooks=codebooks, entropy=entropy)
        single = codes[1] if codes.is_batch else codes
        about = f"{case}: {rate} Hz, {channels} x {length}, layout {case % len(layouts)}, {entropy}, {codebooks} codebooks"
        assert codetta.to_bytes(single) == expected, about
        assert model.decode(single).shape == audio.shape, about
        name.unlink()


def test_searches(model: codetta.Model, run: Run) -> None:
    path = SAMPLES / "human-de-2.flac"
    x, rate = soundfile.read(path, dtype="float32")
    for search, entropy in (("beam:4", "adaptive"), ("rate:4:0.5", "lm")):
        expected = run("encode", path, "-o", "-", "--bitrate", 2, "--search", search, "--entropy", entropy)
        assert codetta.to_bytes(model.encode(x, rate, 2, search=search, entropy=entropy)) == expected


def test_files(model: codetta.Model, run: Run, tmp_path: Path) -> None:
    path = SAMPLES / "speech-en.wav"
    report = model.encode_file(path, tmp_path / "a.codetta", bitrate=3)
    assert (tmp_path / "a.codetta").read_bytes() == run("encode", path, "-o", "-", "--bitrate", 3)
    assert report["samples"] == soundfile.info(path).frames
    model.decode_file(tmp_path / "a.codetta", tmp_path / "a.wav")
    run("decode", tmp_path / "a.codetta", "-o", tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_python_m_codetta_is_the_command(run: Run) -> None:
    import subprocess
    import sys

    version = subprocess.run([sys.executable, "-m", "codetta", "--version"], capture_output=True, check=True).stdout
    assert version == run("--version") and version.strip()
    wrong = subprocess.run([sys.executable, "-m", "codetta", "encode", "no.wav"], capture_output=True)
    assert wrong.returncode == 66
