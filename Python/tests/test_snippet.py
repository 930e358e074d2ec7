"""The snippet of the README runs as it is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import noise

import codetta


def test_the_snippet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    monkeypatch.chdir(tmp_path)
    x = noise(rng, 44_101)
    ref, deg, block = x, 0.9 * x, x[:960]

    model = codetta.load("codetta-24k")
    codes = model.encode(x, sample_rate=44_100, bitrate=3, lengths=None)
    assert codes.array.shape == (6, 51) and codes.array.dtype == np.int32 and codes.lengths.tolist() == [51]
    y = model.decode(codes)
    assert y.shape == x.shape and y.dtype == np.float32
    codetta.write(codes, "a.codetta")
    with model.encoder(bitrate=3) as e: codes = e.push(block)
    assert codes.array.shape[0] == 6
    codes = codetta.read("a.codetta"); codetta.write(codes, "a.codetta", entropy="lm"); report = codetta.evaluate(ref, deg, 24_000)
    assert report["reconstruction"]["channels"][0]["snr"]["value"] == pytest.approx(20, abs=0.01)

    assert (model.sample_rate, model.frame_rate, model.codebooks, model.channels) == (24_000, 50.0, 12, 1)
    assert model.bitrates == [0.5 * k for k in range(1, 13)] and model.latency == 960
    assert model.name == "codetta-24k" and model.type == "soundstream" and model.has_entropy_model and not model.is_ragged


def test_the_models_inside_are_listed() -> None:
    assert "codetta-24k" in codetta.list_models()


def test_the_models_inside_come_before_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from codetta._native import MODELS

    if not MODELS.is_dir():
        pytest.skip("this installation has no models")
    monkeypatch.delenv("CODETTA_MODELS", raising=False)
    with pytest.raises(codetta.NoInputError, match=f"searched {MODELS}"):
        codetta.load("nothing")


def test_versions_agree() -> None:
    from codetta._native import library

    assert codetta.__version__ == library.codetta_version().decode()


def test_all_names_exist() -> None:
    assert all(hasattr(codetta, name) for name in codetta.__all__)
    assert set(codetta.__all__) <= set(dir(codetta))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(codetta, "nothing")
