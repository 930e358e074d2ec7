"""The bridges, where the packages that they lead to are installed."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from conftest import noise

import codetta


def test_the_package_itself_imports_none_of_them() -> None:
    program = (
        "import sys, numpy, codetta; model = codetta.load(); model.decode(model.encode(numpy.zeros(100, 'f4')));"
        "print([name for name in ('torch', 'datasets', 'transformers') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.strip() == b"[]"


def test_tensors_are_read_where_they_are_and_answers_shared(model: codetta.Model, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    x = torch.from_numpy(noise(rng, 2, 5000)).requires_grad_()
    codes = model.encode(x, 44_100)
    assert np.array_equal(codes.array, model.encode(x.detach().numpy(), 44_100).array)
    assert np.array_equal(model.encode(x.T.contiguous().T, 44_100).array, codes.array)
    assert np.array_equal(model.encode(x.double(), 44_100).array, codes.array)
    y = model.decode(codes)
    shared = torch.from_numpy(y)
    shared[0, 0] = 7
    assert y[0, 0] == 7
    tensor = torch.from_numpy(codes.astype(np.int64).array)
    assert np.array_equal(model.decode(tensor, 44_100, samples=5000)[1], y[1])
    with pytest.raises(codetta.UsageError, match="^x: cannot be read as an array"):
        model.encode(x.bfloat16())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader_workers(model: codetta.Model, rng: np.random.Generator, method: str) -> None:
    data_loader = pytest.importorskip("torch.utils.data").DataLoader
    from codetta.integrations.torch import Batch, EncodedDataset, collate

    clips: list[Any] = [noise(rng, int(length)) for length in rng.integers(1000, 30_000, 7)]
    clips[3] = {"array": clips[3], "sampling_rate": 16_000}
    data = EncodedDataset(clips, model, 16_000, bitrate=3)
    model.encode(clips[0])
    loader: Any = data_loader(data, batch_size=3, num_workers=2, collate_fn=collate, multiprocessing_context=method)
    batches: list[Batch] = list(loader)
    assert [len(batch.codes) for batch in batches] == [3, 3, 1]
    found = [(row, length) for batch in batches for row, length in zip(batch.codes.numpy(), batch.lengths.tolist())]
    for i, (row, length) in enumerate(found):
        clip = clips[i]["array"] if i == 3 else clips[i]
        assert np.array_equal(row[:, :length], model.encode(clip, 16_000, 3).array) and not row[:, length:].any()
    assert [n for batch in batches for n in batch.samples.tolist()] == [len(c["array"] if isinstance(c, dict) else c) for c in clips]
    padded = collate([data[0], data[1]], padding=-1)
    assert padded.lengths[0] != padded.lengths[1] and (padded.codes == -1).sum() == 6 * abs(int(padded.lengths[0] - padded.lengths[1]))
    with pytest.raises(codetta.UsageError, match="^items: their shapes"):
        collate([model.encode(clips[0]), model.encode(clips[0], codebooks=2)])


def test_datasets_map(model: codetta.Model, rng: np.random.Generator) -> None:
    datasets = pytest.importorskip("datasets")
    from codetta.integrations.datasets import decoder, encoder

    clips = [noise(rng, *shape) for shape in ((1, 3000), (1, 4001), (2, 2500), (1, 1700))]
    rows = [{"array": clip.tolist(), "sampling_rate": 16_000 if i < 3 else 22_050} for i, clip in enumerate(clips)]
    data = datasets.Dataset.from_list([{"audio": row, "text": str(i)} for i, row in enumerate(rows)])
    function = pickle.loads(pickle.dumps(encoder(model, bitrate=6)))
    for batched in (True, False):
        tokens = data.map(function, batched=batched, remove_columns=["audio"], load_from_cache_file=False)
        assert tokens["text"] == ["0", "1", "2", "3"]
        for row, clip, original in zip(tokens, clips, rows):
            expected = model.encode(clip, original["sampling_rate"], 6)
            assert np.array_equal(row["codes"], expected.array)
            assert (row["samples"], row["sampling_rate"]) == (clip.shape[1], original["sampling_rate"])
        back = tokens.map(decoder(model), batched=batched, load_from_cache_file=False)
        for row, clip, original in zip(back, clips, rows):
            assert np.array_equal(np.float32(row["audio"]["array"]), model.decode(model.encode(clip, original["sampling_rate"], 6)))


def test_the_interface_of_transformers(model: codetta.Model, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    from codetta.integrations.transformers import CodettaModel as EncodecModel

    bridge = EncodecModel.from_pretrained("codetta-24k", threads=2).eval().to("cpu")
    assert bridge.config.sampling_rate == 24_000 and bridge.config.target_bandwidths[-1] == 6
    lengths = [5000, 3001, 0]
    inputs = {"input_values": torch.zeros(3, 1, 5000), "padding_mask": torch.zeros(3, 5000, dtype=torch.long)}
    for i, length in enumerate(lengths):
        inputs["input_values"][i, 0, :length] = torch.from_numpy(noise(rng, length))
        inputs["padding_mask"][i, :length] = 1
    encoded = bridge.encode(inputs["input_values"], inputs["padding_mask"], bandwidth=3.0)
    assert encoded.audio_codes.shape == (1, 3, 6, 11) and encoded.audio_codes.dtype == torch.int64
    assert encoded["audio_codes"] is encoded[0] and encoded.audio_scales == [None]
    decoded = bridge.decode(encoded.audio_codes, encoded.audio_scales, inputs["padding_mask"])
    assert decoded.audio_values.shape == (3, 1, 5000)
    for i, length in enumerate(lengths):
        alone = model.encode(inputs["input_values"][i, :, :length], bitrate=3)
        assert np.array_equal(encoded.audio_codes[0, i, :, : int(alone.lengths[0])], alone.array[0])
        assert np.array_equal(decoded.audio_values[i, :, :length], model.decode(alone))
        assert not decoded.audio_values[i, :, length:].any()
    outputs = bridge(**inputs, bandwidth=3.0)
    assert torch.equal(outputs.audio_codes, encoded.audio_codes) and torch.equal(outputs.audio_values, decoded.audio_values)
    codes, values = bridge(**inputs, bandwidth=3.0, return_dict=False)
    assert torch.equal(codes, encoded.audio_codes) and torch.equal(values, decoded.audio_values)
    assert bridge.decode(encoded.audio_codes).audio_values.shape == (3, 1, 11 * 480)
    with pytest.raises(codetta.UsageError, match="^padding_mask: has ones behind zeros"):
        bridge.encode(inputs["input_values"], 1 - inputs["padding_mask"])
    with pytest.raises(codetta.UsageError, match="^input_values: "):
        bridge.encode(inputs["input_values"][0])
    with pytest.raises(AttributeError, match="audio_codes"):
        _ = encoded.nothing


def test_the_outputs_are_those_of_transformers() -> None:
    """The fields of our outputs are those of its classes, in its order."""
    modeling = pytest.importorskip("transformers.models.encodec.modeling_encodec")
    torch = pytest.importorskip("torch")
    from codetta.integrations.transformers import CodettaModel

    bridge = CodettaModel.from_pretrained("codetta-24k")
    x = torch.zeros(1, 1, 2400)
    encoded = bridge.encode(x)
    names = modeling.EncodecEncoderOutput.__dataclass_fields__
    assert encoded.keys() == list(names)
    assert bridge.decode(encoded.audio_codes).keys() == list(modeling.EncodecDecoderOutput.__dataclass_fields__)
    assert bridge(x).keys() == list(modeling.EncodecOutput.__dataclass_fields__)
