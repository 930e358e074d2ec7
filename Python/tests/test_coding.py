"""Codes and audio: shapes, lengths, and what they have in common with the command's."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codetta

from .conftest import ROOT

soundfile = pytest.importorskip("soundfile")
CASES = int(os.environ.get("CODETTA_CASES", "20"))


def noise(shape: tuple[int, ...], seed: int = 0) -> Any:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, shape).astype(np.float32)


def encoded_by(command: str, audio: Any, rate: int, folder: Path, *options: str) -> codetta.Codes:
    soundfile.write(folder / "x.wav", audio.T, rate, subtype="FLOAT")
    subprocess.run([command, "encode", folder / "x.wav", "-o", folder / "x.codetta", "-f", "-q", *options], check=True)
    return codetta.read(folder / "x.codetta")


def test_the_snippet(model: codetta.Model, tmp_path: Path) -> None:
    x = noise((44_101,))
    codes = model.encode(x, sample_rate=44_100, bitrate=3, lengths=None)
    assert codes.array.shape == (6, 51) and codes.array.dtype == np.int32 and list(codes.lengths) == [51]
    y = model.decode(codes)
    assert y.shape == x.shape and y.dtype == np.float32
    with model.encoder(44_100, bitrate=3) as e:
        first = e.push(x[:20_000])
        fork = e.copy()
        rest = [e.push(x[20_000:]), e.finish()]
        other = [fork.push(x[20_000:]), fork.finish()]
    assert np.array_equal(np.concatenate([first.array, *(c.array for c in rest)], -1), codes.array)
    assert all(np.array_equal(a.array, b.array) for a, b in zip(rest, other))
    codetta.write(codes, tmp_path / "a.codetta", entropy="lm")
    assert codetta.read(tmp_path / "a.codetta") == codes
    assert codetta.evaluate(x, y, 44_100)["reconstruction"]


@pytest.mark.parametrize("path", sorted((ROOT / "Samples").glob("*.*[av]*")), ids=lambda path: path.name)
def test_codes_are_those_of_the_command(model: codetta.Model, command: str, path: Path, tmp_path: Path) -> None:
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert model.encode(audio.T, rate, bitrate=3 * audio.shape[1]) == encoded_by(command, audio.T, rate, tmp_path, "--bitrate", str(3 * audio.shape[1]))


def test_random_signals_are_coded_as_by_the_command(model: codetta.Model, command: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    for case in range(CASES):
        channels, rate = int(draw.integers(1, 3)), int(draw.choice([8000, 16_000, 22_050, 24_000, 44_100, 48_000]))
        books = int(draw.integers(1, 13))
        x = noise((channels, int(draw.integers(0, rate))), case)
        codes = model.encode(x, rate, codebooks=books)
        assert codes == encoded_by(command, x, rate, tmp_path, "--codebooks", str(books)), (case, x.shape, rate)
        assert model.decode(codes).shape == x.shape
        assert model.encode(np.asfortranarray(x), rate, codebooks=books) == codes
        assert model.encode(x[:, ::-1][:, ::-1], rate, codebooks=books) == codes


def test_batches_equal_one_by_one(model: codetta.Model) -> None:
    draw = np.random.default_rng(2)
    lengths = [int(n) for n in draw.integers(0, 30_000, 12)]
    padded = noise((12, 2, max(lengths)))
    alone = [model.encode(padded[i, :, :n], 16_000, bitrate=6) for i, n in enumerate(lengths)]
    order = draw.permutation(12)
    for threads in (1, 2, 5):
        one = codetta.load("codetta-24k", threads=threads)
        batch = one.encode(padded[order], 16_000, bitrate=6, lengths=[lengths[i] for i in order])
        audio = one.decode(batch)
        assert batch.array.shape == (12, 2, 6, max(len(codes) for codes in alone))
        for place, i in enumerate(order):
            assert batch[place] == alone[i]
            assert np.array_equal(audio[place, :, : lengths[i]], model.decode(alone[i])) and not audio[place, :, lengths[i] :].any()
    assert [codes.array.tolist() for codes in model.encode([padded[i, 0, :n] for i, n in enumerate(lengths)], 16_000, bitrate=3)] == [
        model.encode(padded[i, 0, :n], 16_000, bitrate=3).array.tolist() for i, n in enumerate(lengths)]


def test_forms_come_back(model: codetta.Model) -> None:
    for shape, form, codes_shape in [
        ((4800,), "T", (12, 10)), ((1, 4800), "CT", (1, 12, 10)), ((2, 4800), "CT", (2, 12, 10)), ((3, 2, 4800), "BCT", (3, 2, 12, 10))]:
        codes = model.encode(noise(shape))
        assert codes.form == form and codes.array.shape == codes_shape and model.decode(codes).shape == shape
    codes = model.encode(noise((3, 4800)), lengths=[4800, 0, 17])
    assert codes.form == "BT" and codes.array.shape == (3, 1, 12, 10) and list(codes.samples) == [4800, 0, 17] and model.decode(codes).shape == (3, 4800)
    assert len(model.encode(np.zeros((0, 2, 100), np.float32))) == 0


def test_plain_codes_decode(model: codetta.Model) -> None:
    x = noise((2, 30_000))
    codes = model.encode(x, 44_100)
    y = model.decode(codes)
    for dtype in (np.int32, np.int64, np.uint16):
        assert np.array_equal(model.decode(codes.numpy(dtype), sample_rate=44_100, samples=30_000), y)
    assert np.array_equal(model.decode(codes.array[None], sample_rate=44_100, samples=[30_000])[0], y)
    assert np.array_equal(model.decode(codes, codebooks=3), model.decode(model.encode(x, 44_100, codebooks=3)))
    whole = model.decode(codes, dtype="int16")
    assert whole.dtype == np.int16 and np.abs(whole / 32768 - y).max() <= 0.51 / 32768


def test_samples_of_any_kind(model: codetta.Model) -> None:
    x = np.round(noise((9000,)) * 32767).astype(np.int16)
    expected = model.encode(x)
    for same in (x / 32768.0, (x / 32768).astype(np.float32), memoryview(x), np.array(x)):
        assert model.encode(same) == expected

    class Exports:
        def __dlpack__(self, **options: Any) -> Any:
            return x.__dlpack__(**options)

        def __dlpack_device__(self) -> Any:
            return x.__dlpack_device__()

    assert model.encode(Exports()) == expected


def test_streams_decode(model: codetta.Model) -> None:
    x = noise((2, 20_000))
    codes = model.encode(x, 22_050, bitrate=6)
    with model.encoder(22_050, 2, bitrate=6) as encoder:
        pieces = [encoder.push(x[:, i : i + 777]) for i in range(0, 20_000, 777)] + [encoder.finish()]
    with model.decoder(pieces[0]) as decoder:
        audio = [decoder.push(piece) for piece in pieces] + [decoder.finish()]
    assert np.array_equal(np.concatenate(audio, 1), model.decode(codes))


def test_tags_and_formats(model: codetta.Model, tmp_path: Path) -> None:
    codes = model.encode(noise((9000,)), bitrate=3).tag(speaker="Ann", title="Öl")
    assert codes.tags == {"speaker": "Ann", "title": "Öl"} and codes.tag(title=None).tags == {"speaker": "Ann"}
    for format in ("codetta", "json", "npz", "safetensors"):
        codetta.write(codes, tmp_path / f"a.{format}")
        assert codetta.read(tmp_path / f"a.{format}") == codes
    codetta.write(codes, tmp_path / "a.npy")
    assert np.array_equal(np.load(tmp_path / "a.npy").reshape(6, -1), codes.array)
    for entropy in ("none", "adaptive", "lm"):
        for preset in ("archive", "stream"):
            assert codetta.read_bytes(codetta.to_bytes(codes, entropy=entropy, preset=preset)) == codes
