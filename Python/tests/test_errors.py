"""Bad input: an exception of the right kind that names the argument."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise

import codetta

X = np.zeros(2400, np.float32)
NAN = np.full(2400, np.nan, np.float32)
Call = Callable[[codetta.Model], Any]


def _codes(model: codetta.Model) -> Any:
    return model.encode(X).array


def _write(model: codetta.Model, path: str, **options: Any) -> None:
    codetta.write(model.encode(X), path, **options)


CASES: list[tuple[type[codetta.Error], str, Call]] = [
    # Shapes.
    (codetta.UsageError, r"^x: its shape is \(\);", lambda m: m.encode(np.float32(1))),
    (codetta.UsageError, r"^x: its shape is \(1, 1, 1, 1\)", lambda m: m.encode(np.zeros((1, 1, 1, 1), np.float32))),
    (codetta.UsageError, r"^x: its shape is \(0, 1, 10\)", lambda m: m.encode(np.zeros((0, 1, 10), np.float32))),
    (codetta.UsageError, r"^x: has 0 channels", lambda m: m.encode(np.zeros((0, 10), np.float32))),
    (codetta.UsageError, r"^x: has 65 channels", lambda m: m.encode(np.zeros((65, 10), np.float32))),
    (codetta.BadDataError, r"^x: has 9 channels", lambda m: m.encode(np.zeros((9, 10), np.float32))),
    (codetta.UsageError, r"^x: its shape is \(2400,\); with lengths", lambda m: m.encode(X, lengths=[3])),
    (codetta.UsageError, r"^x: (cannot be read as an array|its type is object)", lambda m: m.encode([[1.0], [1.0, 2.0]])),
    (codetta.UsageError, r"^block: its shape is \(1, 1, 2400\)", lambda m: m.encoder().push(X[None, None])),
    (codetta.UsageError, r"^block: .* takes \[2, T\]", lambda m: m.encoder(channels=2).push(X)),
    (codetta.UsageError, r"^codes: their shape is \(5,\)", lambda m: m.decode(np.zeros(5, int))),
    (codetta.UsageError, r"^codes: their shape is \(1, 1, 1, 12, 5\)", lambda m: m.decode(np.zeros((1, 1, 1, 12, 5), int))),
    (codetta.UsageError, r"^codes: their shape is \(12, 5\)", lambda m: m.decode(np.zeros((12, 5), int), lengths=[5])),
    (codetta.UsageError, r"^codes: they have 13 codebooks", lambda m: m.decode(np.zeros((13, 5), int))),
    (codetta.UsageError, r"^codes: they have 0 codebooks", lambda m: m.decode(np.zeros((0, 5), int))),
    (codetta.UsageError, r"^codes: a batch has one item at least", lambda m: m.decode(np.zeros((0, 1, 12, 5), int))),
    # Types.
    (codetta.UsageError, r"^x: its type is int64", lambda m: m.encode(np.zeros(10, np.int64))),
    (codetta.UsageError, r"^x: its type is uint8", lambda m: m.encode(np.zeros(10, np.uint8))),
    (codetta.UsageError, r"^x: its type is complex64", lambda m: m.encode(np.zeros(10, np.complex64))),
    (codetta.UsageError, r"^x: its type is bool", lambda m: m.encode(np.zeros(10, bool))),
    (codetta.UsageError, r"^x: its type is object", lambda m: m.encode(None)),  # type: ignore[arg-type]
    (codetta.UsageError, r"^x: its type is <U4", lambda m: m.encode("talk")),
    (codetta.UsageError, r"^codes: their type is float32", lambda m: m.decode(np.zeros((12, 5), np.float32))),
    (codetta.UsageError, r"^codes: they are no codetta.Codes", lambda m: m.decoder().push(np.zeros((12, 5), int))),  # type: ignore[arg-type]
    (codetta.UsageError, r"^dtype: ", lambda m: m.encode(X, dtype=np.float32)),
    (codetta.UsageError, r"^dtype: .* does not hold codes up to 1023", lambda m: m.encode(X, dtype=np.uint8)),
    (codetta.UsageError, r"^dtype: ", lambda m: m.encode(X, dtype="nothing")),
    (codetta.UsageError, r"^dtype: ", lambda m: m.decode(m.encode(X), dtype=np.int32)),
    # Samples.
    (codetta.BadDataError, r"^x: sample 0 .*NaN", lambda m: m.encode(NAN)),
    (codetta.BadDataError, r"^x: sample 0 .*infinite", lambda m: m.encode(np.full(10, 1e300))),
    (codetta.BadDataError, r"^x\[1\]: sample 0 ", lambda m: m.encode(np.stack([X, NAN])[:, None])),
    (codetta.BadDataError, r"^block: sample 0 ", lambda m: m.encoder().push(NAN)),
    (codetta.BadDataError, r"^degraded: sample 0 ", lambda m: codetta.evaluate(X, NAN, 24_000)),
    (codetta.BadDataError, r"^reference: sample 0 ", lambda m: codetta.evaluate(NAN, X, 24_000)),
    # Numbers.
    (codetta.UsageError, r"^lengths: item 0 has -1", lambda m: m.encode(X[None], lengths=[-1])),
    (codetta.UsageError, r"^lengths: item 0 has 2401", lambda m: m.encode(X[None], lengths=[2401])),
    (codetta.UsageError, r"^lengths: its shape is \(2,\)", lambda m: m.encode(X[None], lengths=[1, 2])),
    (codetta.UsageError, r"^lengths: its type is float64", lambda m: m.encode(X[None], lengths=[1.5])),
    (codetta.UsageError, r"^lengths: item 0 has 9", lambda m: m.decode(np.zeros((1, 12, 5), int), lengths=[9])),
    (codetta.UsageError, r"^samples: is -1", lambda m: m.decode(_codes(m), samples=-1)),
    (codetta.UsageError, r"^samples: 5 frames do not hold", lambda m: m.decode(_codes(m), samples=10**6)),
    (codetta.UsageError, r"^samples: is -2", lambda m: m.decoder().finish(-2)),
    (codetta.UsageError, r"^sample_rate: is 0", lambda m: m.encode(X, 0)),
    (codetta.UsageError, r"^sample_rate: is -8000", lambda m: m.encoder(-8000)),
    (codetta.UsageError, r"^sample_rate: is 16000.5", lambda m: m.encode(X, 16000.5)),  # type: ignore[arg-type]
    (codetta.UsageError, r"^sample_rate: is needed", lambda m: codetta.evaluate(X, X)),
    (codetta.UsageError, r"^sample_rate: ", lambda m: m.decode(_codes(m), sample_rate=10**7)),
    (codetta.UsageError, r"^bitrate: is 0", lambda m: m.encode(X, bitrate=0)),
    (codetta.UsageError, r"^bitrate: is -3", lambda m: m.encode(X, bitrate=-3)),
    (codetta.UsageError, r"^bitrate: is nan", lambda m: m.encode(X, bitrate=float("nan"))),
    (codetta.UsageError, r"^bitrate: is 'high'", lambda m: m.encode(X, bitrate="high")),  # type: ignore[arg-type]
    (codetta.UsageError, r"^bitrate: 0.1 kb/s asked for", lambda m: m.encode(X, bitrate=0.1)),
    (codetta.UsageError, r"^bitrate: 9 kb/s asked for", lambda m: m.encode(X, bitrate=9)),
    (codetta.UsageError, r"^bitrate: cannot be combined with codebooks", lambda m: m.encode(X, bitrate=3, codebooks=6)),
    (codetta.UsageError, r"^codebooks: is 0", lambda m: m.encode(X, codebooks=0)),
    (codetta.UsageError, r"^codebooks: is 13", lambda m: m.encode(X, codebooks=13)),
    (codetta.UsageError, r"^codebooks: 13 codebooks asked for", lambda m: m.decode(m.encode(X), codebooks=13)),
    (codetta.UsageError, r"^threads: is 0", lambda m: codetta.load("codetta-24k", threads=0)),
    (codetta.UsageError, r"^threads: is 65", lambda m: m.encoder(threads=65)),
    (codetta.UsageError, r"^channels: is 0", lambda m: m.encoder(channels=0)),
    (codetta.UsageError, r"^max_delay: is -1", lambda m: codetta.evaluate(X, X, 24_000, max_delay=-1)),
    # Codes.
    (codetta.BadDataError, r"^codes: code -1 ", lambda m: m.decode(_codes(m) * 0 - 1)),
    (codetta.BadDataError, r"^codes: code 1024 ", lambda m: m.decode(_codes(m) * 0 + 1024)),
    (codetta.BadDataError, r"^codes: code 2147483647 ", lambda m: m.decode(np.full((12, 5), 2**40))),
    (codetta.BadDataError, r"^codes: code -1 ", lambda m: m.decode(np.full((12, 5), -(2**40)))),
    (codetta.BadDataError, r"^codes: code 2147483647 ", lambda m: m.decode(np.full((12, 5), 2**64 - 1, np.uint64))),
    (codetta.BadDataError, r"^segments: ", lambda m: m.codes(_codes(m), segments=[(0, 0, 1.0)])),
    (codetta.UsageError, r"^codes: they know their sample_rate", lambda m: m.decode(m.encode(X), sample_rate=8000)),
    (codetta.UsageError, r"^pieces: there are none", lambda m: codetta.join([])),
    # Choices and names.
    (codetta.UsageError, r"^search: there is no search \"best\"", lambda m: m.encode(X, search="best")),
    (codetta.UsageError, r"^search: the search rate:8:1", lambda m: m.encode(X, search="rate:8")),
    (codetta.UsageError, r"^search: is 8", lambda m: m.encode(X, search=8)),  # type: ignore[arg-type]
    (codetta.UsageError, r"^entropy: is 'zip', and must be one of none, adaptive, lm", lambda m: m.encode(X, entropy="zip")),
    (codetta.UsageError, r"^preset: is 'fast'", lambda m: codetta.to_bytes(m.encode(X), preset="fast")),
    (codetta.UsageError, r"^format: there is no format \"mp3\"", lambda m: codetta.to_bytes(m.encode(X), format="mp3")),
    (codetta.UsageError, r"^measures: there is no measure \"beauty\"", lambda m: codetta.evaluate(X, X, 24_000, measures="beauty")),
    (codetta.NoInputError, r"^name: no model \"nothing\"; searched ", lambda m: codetta.load("nothing")),
    (codetta.NoInputError, r"config.json: cannot be read", lambda m: codetta.load("/")),
    # Files.
    (codetta.NoInputError, r"^/no/such.codetta: ", lambda m: codetta.read("/no/such.codetta")),
    (codetta.BadDataError, r"^source: not a codetta file", lambda m: codetta.read(b"RIFF1234")),
    (codetta.BadDataError, r"^source: ", lambda m: codetta.read(b"")),
    (codetta.BadDataError, r"^source: byte \d+: truncated", lambda m: codetta.read(codetta.to_bytes(m.encode(X))[:-30])),
    (codetta.CannotCreateError, r"^/no/such/a.codetta: ", lambda m: _write(m, "/no/such/a.codetta")),
    (codetta.NoInputError, r"^/no/such.wav: ", lambda m: m.encode_file("/no/such.wav", "/tmp/never.codetta")),
    (codetta.UsageError, r"^degraded: files are compared with files", lambda m: codetta.evaluate("/a.wav", X)),
    (codetta.UsageError, r"^codes: token files belong to one recording", lambda m: codetta.to_bytes(m.encode(X[None, None]))),
    (codetta.BadDataError, r"^degraded: has 2 channel", lambda m: codetta.evaluate(X, np.stack([X, X]), 24_000)),
    (codetta.UsageError, r"^degraded: is a batch", lambda m: codetta.evaluate(X, X[None, None], 24_000)),
]


@pytest.mark.parametrize(("kind", "message", "call"), CASES, ids=[re.sub(r"[^\w ]", "", case[1])[:40] for case in CASES])
def test_bad_input(model: codetta.Model, kind: type[codetta.Error], message: str, call: Call) -> None:
    with pytest.raises(kind) as raised:
        call(model)
    assert type(raised.value) is kind
    assert re.search(message, str(raised.value)), str(raised.value)
    assert "\n" not in str(raised.value)


def test_kinds_are_those_of_python() -> None:
    assert issubclass(codetta.UsageError, ValueError) and issubclass(codetta.BadDataError, ValueError)
    assert issubclass(codetta.NoInputError, FileNotFoundError) and issubclass(codetta.InputOutputError, OSError)
    kinds = [getattr(codetta, name) for name in codetta.__all__ if name.endswith("Error") and name != "Error"]
    assert all(issubclass(kind, codetta.Error) for kind in kinds)
    assert sorted(kind.status for kind in kinds) == [64, 65, 66, 70, 73, 74, 78, 130, 141]


def test_closed_models(rng: np.random.Generator) -> None:
    model = codetta.load()
    codes = model.encode(noise(rng, 100))
    model.close()
    model.close()
    for call in (lambda: model.encode(X), lambda: model.decode(codes), model.encoder, lambda: model.codes(codes.array)):
        with pytest.raises(codetta.UsageError, match="^model: it is closed"):
            call()
    assert codes.array.shape == (12, 1)


def test_a_file_that_is_kept(model: codetta.Model, tmp_path: Path) -> None:
    path = tmp_path / "a.codetta"
    path.write_bytes(b"mine")
    with pytest.raises(codetta.CannotCreateError, match=re.escape(str(path))):
        codetta.write(model.encode(X), path, overwrite=False)
    assert path.read_bytes() == b"mine"
    codetta.write(model.encode(X), path)
    assert codetta.read(path).samples == [2400]


def test_every_truncation_is_an_error(model: codetta.Model, rng: np.random.Generator) -> None:
    data = codetta.to_bytes(model.encode(noise(rng, 12_000)))
    for length in range(len(data)):
        with pytest.raises(codetta.BadDataError):
            codetta.read(data[:length])


def test_no_flipped_bit_is_missed(model: codetta.Model, rng: np.random.Generator) -> None:
    sound = codetta.to_bytes(model.encode(noise(rng, 12_000)))
    for i in range(len(sound)):
        data = bytearray(sound)
        data[i] ^= 1 << int(rng.integers(8))
        with pytest.raises(codetta.Error):
            codetta.read(data)
