"""Bad input: an exception of its kind that names the argument."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import codetta

X = np.zeros(4800, np.float32)


@pytest.mark.parametrize("call, kind, words", [
    (lambda m: m.encode(np.zeros((1, 2, 3, 4), np.float32)), codetta.UsageError, "x has shape"),
    (lambda m: m.encode(np.zeros(9, np.complex64)), codetta.UsageError, "x has dtype complex64"),
    (lambda m: m.encode(np.zeros(9, np.int32)), codetta.UsageError, "x has dtype int32"),
    (lambda m: m.encode(np.zeros((0, 9), np.float32)), codetta.BadDataError, "x has no channels"),
    (lambda m: m.encode(np.full(9, np.nan, np.float32)), codetta.BadDataError, "x: sample 0"),
    (lambda m: m.encode([X, np.full(9, np.inf, np.float32)]), codetta.BadDataError, "x[1]"),
    (lambda m: m.encode(X, bitrate=3, codebooks=2), codetta.UsageError, "exclude"),
    (lambda m: m.encode(X, bitrate=-3), codetta.UsageError, "bitrate is -3"),
    (lambda m: m.encode(X, codebooks=99), codetta.UsageError, "codebooks"),
    (lambda m: m.encode(X, sample_rate=0), codetta.UsageError, "sample_rate is 0"),
    (lambda m: m.encode(X, sample_rate=5), codetta.UsageError, ""),
    (lambda m: m.encode(X, search="nonsense"), codetta.UsageError, "nonsense"),
    (lambda m: m.encode(X, entropy="zip"), codetta.UsageError, "entropy: 'zip'"),
    (lambda m: m.encode(X[None], lengths=[-1]), codetta.UsageError, "lengths[0] is -1"),
    (lambda m: m.encode(X[None], lengths=[4801]), codetta.UsageError, "lengths[0] is 4801"),
    (lambda m: m.encode(X[None], lengths=[1, 2]), codetta.UsageError, "lengths has shape"),
    (lambda m: m.decode(np.zeros((2, 3), np.float32)), codetta.UsageError, "codes has shape"),
    (lambda m: m.decode(np.full((2, 3), 1024)), codetta.BadDataError, "1024"),
    (lambda m: m.decode(np.full((2, 3), -1)), codetta.BadDataError, "-1"),
    (lambda m: m.decode(np.full((2, 3), 2**40)), codetta.UsageError, "codes"),
    (lambda m: m.decode(np.zeros((13, 3), np.int32)), codetta.UsageError, "codebooks"),
    (lambda m: m.decode(m.encode(X), dtype="float64"), codetta.UsageError, "dtype is float64"),
    (lambda m: m.decode(m.encode(X), codebooks=13), codetta.UsageError, "codebooks"),
    (lambda m: m.encoder(channels=0), codetta.UsageError, "channels"),
    (lambda m: m.encoder().push(np.zeros((2, 9), np.float32)), codetta.UsageError, "block has shape"),
    (lambda m: m.encode(X)[0], codetta.UsageError, "no items"),
    (lambda m: codetta.read("/absent.codetta"), codetta.NoInputError, "/absent.codetta"),
    (lambda m: codetta.read_bytes(b"RIFF"), codetta.BadDataError, "codetta"),
    (lambda m: codetta.read_bytes(codetta.to_bytes(m.encode(X))[:-1]), codetta.BadDataError, "truncated"),
    (lambda m: codetta.load("absent-model"), codetta.NoInputError, "absent-model"),
    (lambda m: codetta.evaluate(X, np.zeros((2, 4800), np.float32), 24_000), codetta.Error, ""),
])  # fmt: skip
def test_errors_name_the_argument(model: codetta.Model, call: Callable[[codetta.Model], object], kind: type[codetta.Error], words: str) -> None:
    with pytest.raises(kind) as caught:
        call(model)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.status == kind.status or kind is codetta.Error


def test_what_exists_may_be_kept(model: codetta.Model, tmp_path: Path) -> None:
    codes, path = model.encode(X), tmp_path / "a.codetta"
    codetta.write(codes, path)
    with pytest.raises(codetta.CannotCreateError):
        codetta.write(codes, path, overwrite=False)
    codetta.write(codes, path)


def test_closed_streams(model: codetta.Model) -> None:
    encoder = model.encoder()
    encoder.close()
    with pytest.raises(codetta.UsageError):
        encoder.push(X)
    encoder = model.encoder()
    encoder.finish()
    with pytest.raises(codetta.UsageError):
        encoder.push(X)


def test_standard_kinds() -> None:
    assert issubclass(codetta.UsageError, ValueError) and issubclass(codetta.NoInputError, FileNotFoundError)
