"""Models of every family, tiny ones with random weights: stereo, ragged, segments with scales, and those that do not stream."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from conftest import noise

import codetta

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "CodecsTests" / "Fixtures"
FOLDERS = sorted(path.parent for path in FIXTURES.glob("*/config.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_a_family(folder: Path, rng: np.random.Generator) -> None:
    try:
        tiny = codetta.load(folder, threads=2)
        x = noise(rng, 3, tiny.channels, 9001)
        batch = tiny.encode(x, 32_000)
    except codetta.UsageError as error:
        assert "vocoder" in str(error) or "encode" in str(error), error
        pytest.skip(str(error))
    assert tiny.frame_rate > 0 and len(tiny.bitrates) in (1, tiny.codebooks)
    decoded = tiny.decode(batch)
    assert decoded.shape == x.shape
    arrays = batch.array if tiny.is_ragged else [batch.array]
    assert len(arrays) == (tiny.codebooks if tiny.is_ragged else 1)
    for i in range(3):
        alone = tiny.encode(x[i], 32_000)
        assert codetta.to_bytes(batch[i]) == codetta.to_bytes(alone)
        singles = alone.array if tiny.is_ragged else [alone.array]
        for row, single in zip(arrays, singles):
            assert np.array_equal(row[i], single)
        assert np.array_equal(decoded[i], tiny.decode(alone))
        segments = alone.segments if len(alone.segments) else None
        again = tiny.codes(alone.array, 32_000, samples=9001, segments=segments)
        assert np.array_equal(tiny.decode(again), decoded[i])
        assert np.array_equal(tiny.decode(pickle.loads(pickle.dumps(alone))), decoded[i])
    if not any(len(codes.segments) for codes in batch):
        assert np.array_equal(tiny.decode(batch.array, 32_000, samples=[9001] * 3), decoded)
    with tiny.encoder(32_000, channels=tiny.channels) as encoder, tiny.decoder() as decoder:
        pieces = [encoder.push(block) for block in np.split(x[0], [3000, 3001, 7000], axis=-1)] + [encoder.finish()]
        parts = [decoder.push(piece) for piece in pieces] + [decoder.finish()]
    assert np.array_equal(np.concatenate(parts, axis=-1), decoded[0])


def test_ragged_codes(rng: np.random.Generator) -> None:
    """A list with an array for each codebook, each of its own rate."""
    snac = codetta.load(FIXTURES / "tiny-snac")
    assert snac.is_ragged and len(set(snac.strides)) > 1
    x = noise(rng, 2, 20_000)
    codes = snac.encode(x, lengths=[20_000, 7000])
    for book, stride, size in zip(codes.array, snac.strides, snac.codebook_sizes):
        assert book.shape == (2, codes.lengths.max() // stride) and book.dtype == np.int32 and book.max() < size
        assert not book[1, codes.lengths[1] // stride:].any()
    assert np.array_equal(snac.decode(codes.array, lengths=codes.lengths, samples=[20_000, 7000]), snac.decode(codes))
    with pytest.raises(codetta.UsageError, match="^codes: their codebooks have rates of their own"):
        np.asarray(codes)
    with pytest.raises(codetta.UsageError, match="^codes: their codebooks end at different times"):
        snac.decode([codes.array[0][:, 1:], *codes.array[1:]], lengths=codes.lengths)
    with pytest.raises(codetta.UsageError, match="^codes: those of a ragged model are a list"):
        snac.decode(codes.array[0])
    stride = max(snac.strides)
    if stride > 1:
        with pytest.raises(codetta.UsageError, match="^lengths: .* no multiple of"):
            snac.decode(codes.array, lengths=[stride + 1, stride])
