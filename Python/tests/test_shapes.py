"""Layouts, types and sources of audio and codes: the numbers are the same, whatever holds them."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest
from conftest import noise
from numpy.typing import NDArray

import codetta


def test_shapes_follow_those_of_the_audio(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 3, 2, 4801)
    for audio, shape in ((x[0, 0], (12, 11)), (x[0], (2, 12, 11)), (x, (3, 2, 12, 11)), (x[:, :1], (3, 1, 12, 11))):
        codes = model.encode(audio)
        assert codes.array.shape == shape
        assert model.decode(codes).shape == audio.shape
        assert codes.is_batch == (audio.ndim == 3)
    codes = model.encode(x[:, 0], lengths=[4801, 960, 0])
    assert codes.array.shape == (3, 12, 11) and codes.lengths.tolist() == [11, 2, 0] and codes.samples.tolist() == [4801, 960, 0]
    assert not codes.array[1, :, 2:].any() and not codes.array[2].any()
    decoded = model.decode(codes)
    assert decoded.shape == (3, 4801) and not decoded[1, 960:].any()
    assert np.array_equal(codes[1].array, model.encode(x[1, 0, :960]).array)


class Bare:
    """An object that has one way to be an array."""

    def __init__(self, **ways: Any) -> None:
        self.ways = ways


class WithArray(Bare):
    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        found: NDArray[Any] = self.ways["array"]
        return found


class WithDLPack(Bare):
    def __dlpack__(self, **options: Any) -> Any:
        return self.ways["array"].__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        device: tuple[int, int] = self.ways["array"].__dlpack_device__()
        return device


def test_sources(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 2400)
    expected = model.encode(x).array
    flipped = x[::-1].copy()
    big = np.zeros((2400, 3), np.float32)
    big[:, 1] = x
    unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32)
    frozen = x.copy()
    frozen.flags.writeable = False
    sources: list[Any] = [
        WithArray(array=x), WithDLPack(array=x), memoryview(x.tobytes()).cast("f"), array.array("f", x), x.tolist(), x.astype(np.float64), flipped[::-1],
        big[:, 1], x.astype(">f4"), unaligned, frozen, np.asfortranarray(x),
    ]
    for source in sources:
        assert np.array_equal(model.encode(source).array, expected), type(source)


def test_int16_is_a_fraction_of_32768(model: codetta.Model, rng: np.random.Generator) -> None:
    x = (noise(rng, 2, 5000) * 32767).astype(np.int16)
    codes = model.encode(x)
    assert np.array_equal(codes.array, model.encode(x / np.float32(32768)).array)
    assert np.array_equal(codes.array, model.encode(np.asfortranarray(x)).array)
    y = model.decode(codes, dtype=np.int16)
    assert y.dtype == np.int16
    assert np.array_equal(y, np.clip(np.rint(model.decode(codes) * 32768.0), -32768, 32767))


def test_half_precision_is_read(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 2000).astype(np.float16)
    assert np.array_equal(model.encode(x).array, model.encode(x.astype(np.float32)).array)


@pytest.mark.parametrize("kind", [np.int16, np.int64, np.uint16, np.int32])
def test_codes_of_other_types(model: codetta.Model, rng: np.random.Generator, kind: Any) -> None:
    x = noise(rng, 2000)
    codes = model.encode(x, dtype=kind)
    assert codes.array.dtype == kind
    assert np.array_equal(codes.array, model.encode(x).array)
    assert np.array_equal(model.decode(codes.array, samples=2000), model.decode(codes))
    assert np.array_equal(np.asarray(codes), codes.array)
    assert codes.astype(np.int64).array.dtype == np.int64


def test_arrays_of_codes_decode_as_codes_do(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 3, 2, 4801)
    for audio in (x[0, 0], x[0], x):
        codes = model.encode(audio, sample_rate=16_000, bitrate=6 if audio.ndim == 1 else 12)
        samples = 4801 if audio.ndim < 3 else [4801] * 3
        y = model.decode(codes.array, sample_rate=16_000, samples=samples)
        assert y.shape == audio.shape and np.array_equal(y, model.decode(codes))
    codes = model.encode(x[:, 0], lengths=[4801, 1000, 1920])
    y = model.decode(codes.array, lengths=codes.lengths, samples=codes.samples)
    assert np.array_equal(y, model.decode(codes))
    assert model.decode(codes.array).shape == (3, 5280)


def test_fewer_codebooks(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 4800)
    all_of_them = model.encode(x)
    few = model.encode(x, codebooks=4)
    assert few.bitrate == 2 and few.codebooks == 4 and np.array_equal(few.array, all_of_them.array[:4])
    assert np.array_equal(model.decode(all_of_them, codebooks=4), model.decode(few))
    assert np.array_equal(model.decode(all_of_them.array[:4], samples=4800), model.decode(few))


def test_silence_of_no_length(model: codetta.Model) -> None:
    codes = model.encode(np.zeros(0, np.float32))
    assert codes.array.shape == (12, 0)
    assert model.decode(codes).shape == (0,)


def test_answers_own_their_memory_and_are_writable(model: codetta.Model, rng: np.random.Generator) -> None:
    codes = model.encode(noise(rng, 4000))
    y = model.decode(codes)
    assert y.flags.writeable and codes.array.flags.writeable and codes.array is codes.array
    kept = codes.array
    del codes
    assert kept.shape == (12, 9)


def test_downmix(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 2, 4800)
    codes = model.encode(x, downmix=True)
    assert codes.tracks == codes.channels == 1 and codes.array.shape == (1, 12, 10)
    assert model.decode(codes).shape == (1, 4800)
