"""Streams give what whole buffers give, however they are cut, and go on from copies."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import noise

import codetta


@pytest.mark.parametrize(("rate", "channels"), [(24_000, None), (24_000, 2), (44_100, 1), (16_000, None)])
def test_any_cut_gives_the_same(model: codetta.Model, rng: np.random.Generator, rate: int, channels: int | None) -> None:
    x = noise(rng, channels or 1, 30_011)
    audio = x if channels else x[0]
    whole = model.encode(audio, rate, codebooks=5)
    cuts = np.sort(rng.integers(0, 30_011, 25))
    with model.encoder(rate, codebooks=5, channels=channels) as encoder:
        assert encoder.sample_rate == rate and encoder.channels == (channels or 1)
        pieces = [encoder.push(block) for block in np.split(audio, cuts, axis=-1)]
        pieces.append(encoder.finish())
    assert np.array_equal(np.concatenate([piece.array for piece in pieces], axis=-1), whole.array)
    assert sum(int(piece.samples[0]) for piece in pieces) == 30_011
    joined = codetta.join(pieces)
    assert joined.array.tobytes() == whole.array.tobytes() and joined.samples == whole.samples

    expected = model.decode(whole)
    for live in (False, True):
        with model.decoder(live=live) as decoder:
            parts = [decoder.push(piece) for piece in pieces]
            early = sum(part.shape[-1] for part in parts)
            parts.append(decoder.finish())
        decoded = np.concatenate(parts, axis=-1)
        assert np.array_equal(decoded[..., :30_011], expected) and (live or decoded.shape == expected.shape)
        assert early > 20_000 or not live


def test_copies_go_on_by_themselves(model: codetta.Model, rng: np.random.Generator) -> None:
    start, one, two = noise(rng, 7000), noise(rng, 5000), noise(rng, 4000)
    encoder = model.encoder(44_100)
    head = encoder.push(start)
    fork = encoder.copy()
    tails = [codetta.join([head, encoder.push(one), encoder.finish()]), codetta.join([head, fork.push(two), fork.finish()])]
    for tail, rest in zip(tails, (one, two)):
        assert np.array_equal(tail.array, model.encode(np.concatenate([start, rest]), 44_100).array)
    decoder = model.decoder()
    assert decoder.copy().finish().shape == (0,)
    begin = decoder.push(head)
    other = decoder.copy()
    for stream, tail in ((decoder, tails[0]), (other, tails[1])):
        end = stream.push(model.codes(tail.array[:, head.array.shape[1]:], 44_100))
        decoded = np.concatenate([begin, end, stream.finish(int(tail.samples[0]))])
        assert np.array_equal(decoded, model.decode(tail))


def test_streams_of_a_thread_each_are_the_same(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 48_000)
    for threads in (1, 4):
        with model.encoder(threads=threads) as encoder:
            codes = codetta.join([encoder.push(x), encoder.finish()])
        assert np.array_equal(codes.array, model.encode(x).array)


def test_a_stream_lives_on_without_its_model(rng: np.random.Generator) -> None:
    model = codetta.load()
    encoder = model.encoder()
    model.close()
    x = noise(rng, 4800)
    assert codetta.join([encoder.push(x), encoder.finish()]).array.shape == (12, 10)


def test_the_end_is_the_end(model: codetta.Model, rng: np.random.Generator) -> None:
    with model.encoder() as encoder:
        encoder.finish()
        with pytest.raises(codetta.UsageError, match="after its end"):
            encoder.push(noise(rng, 100))
    with pytest.raises(codetta.UsageError, match="encoder: it is closed"):
        encoder.push(noise(rng, 100))
    with pytest.raises(codetta.UsageError, match="encoder: it is closed"):
        encoder.copy()
    decoder = model.decoder()
    decoder.close()
    for call in (decoder.finish, decoder.copy, lambda: decoder.push(model.encode(noise(rng, 100)))):
        with pytest.raises(codetta.UsageError, match="decoder: it is closed"):
            call()
