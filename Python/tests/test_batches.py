"""The promise: every item of a batch has the codes and the samples that it has by itself, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import noise

import codetta


@pytest.mark.parametrize("rate", [24_000, 16_000, 44_100])
def test_batches_equal_one_by_one(model: codetta.Model, rng: np.random.Generator, rate: int) -> None:
    lengths = [int(n) for n in rng.integers(0, 30_000, 13)]
    clips = [noise(rng, length) for length in lengths]
    alone = [model.encode(clip, rate, 3) for clip in clips]
    audio = [model.decode(codes) for codes in alone]
    for threads in (1, 2, 3, 8):
        model.threads = threads
        order = rng.permutation(len(clips))
        # What lies behind an item's end is never looked at: here it is no number at all.
        padded = np.full((len(clips), max(lengths) + int(rng.integers(0, 5000))), np.nan, np.float32)
        for row, i in zip(padded, order):
            row[: lengths[i]] = clips[i]
        batch = model.encode(padded, rate, 3, lengths=[lengths[i] for i in order])
        decoded = model.decode(batch)
        for place, i in enumerate(order):
            frames = int(batch.lengths[place])
            assert np.array_equal(batch.array[place, :, :frames], alone[i].array)
            assert batch[place].array.tobytes() == alone[i].array.tobytes()
            assert decoded[place, : lengths[i]].tobytes() == audio[i].tobytes()
            assert codetta.to_bytes(batch[place]) == codetta.to_bytes(alone[i])
    model.threads = 2


def test_a_part_of_a_batch_is_the_same(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 8, 2, 9000)
    whole = model.encode(x)
    assert np.array_equal(model.encode(x[3:5]).array, whole.array[3:5])
    assert np.array_equal(model.encode(x[::-1]).array, whole.array[::-1])
    assert np.array_equal(model.encode(x[2:3]).array, whole.array[2:3])
    assert [codes.array.tobytes() for codes in whole] == [item.tobytes() for item in whole.array]
    assert len(whole) == 8
    assert np.array_equal(model.decode(whole)[3], model.decode(whole[3]))


def test_one_bad_item_is_named(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 4, 1, 3000)
    x[2, 0, 1234] = np.inf
    with pytest.raises(codetta.BadDataError, match=r"^x\[2\]: sample 1234 .*infinite"):
        model.encode(x)
