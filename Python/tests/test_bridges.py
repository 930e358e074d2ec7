"""The bridges: what they give is what the model gives."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codetta
from codetta.integrations.datasets import Tokenize as TokenizeRows

X = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 12_000)).astype(np.float32)


def test_rows_of_data_sets(model: codetta.Model) -> None:
    rows: list[dict[str, Any]] = [dict(array=X[i, : 3000 * (i + 1)], sampling_rate=(16_000, 24_000)[i % 2]) for i in range(4)] + [dict(array=X[:2], sampling_rate=24_000)]
    result = TokenizeRows(model, bitrate=6)({"audio": rows})
    for row, codes, samples, rate in zip(rows, result["codes"], result["samples"], result["sample_rate"]):
        expected = model.encode(row["array"], row["sampling_rate"], bitrate=6)
        array = np.array(codes)
        assert array.ndim == 3 and np.array_equal(array if row["array"].ndim == 2 else array[0], expected.array)
        assert np.array_equal(model.decode(array, sample_rate=rate, samples=samples).reshape(-1), model.decode(expected).reshape(-1))


def test_a_data_set() -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"audio": [dict(array=x.tolist(), sampling_rate=24_000) for x in X]})
    found = data.map(TokenizeRows("codetta-24k", codebooks=2), batched=True, remove_columns="audio")
    assert np.array(found[1]["codes"]).shape == (1, 2, 25)


def test_tensors_and_a_loader(model: codetta.Model) -> None:
    torch: Any = pytest.importorskip("torch")
    from codetta.integrations.torch import Tokenize, collate

    audio = torch.from_numpy(X)
    assert model.encode(audio[0]) == model.encode(X[0]) and model.encode(audio.double()[0].requires_grad_()) == model.encode(X[0])
    assert torch.from_numpy(model.decode(model.encode(X[0]))).shape == (12_000,)

    class Clips(torch.utils.data.Dataset):  # type: ignore[misc]
        tokenize = Tokenize("codetta-24k", bitrate=3)

        def __len__(self) -> int:
            return 8

        def __getitem__(self, index: int) -> Any:
            return self.tokenize(audio[index % 4, : 6000 + 500 * index])

    for workers, method in ((0, None), (2, "fork")):
        loader = torch.utils.data.DataLoader(Clips(), batch_size=4, num_workers=workers, collate_fn=collate, multiprocessing_context=method)
        batches = list(loader)
        assert [batch["codes"].shape[0] for batch in batches] == [4, 4]
        for index in range(8):
            batch, place = batches[index // 4], index % 4
            expected = model.encode(X[index % 4, : 6000 + 500 * index], bitrate=3).array
            assert np.array_equal(batch["codes"][place, 0, :, : batch["lengths"][place]].numpy(), expected)


def test_the_interface_of_transformers(model: codetta.Model) -> None:
    torch: Any = pytest.importorskip("torch")
    from codetta.integrations.transformers import CodettaModel

    bridge = CodettaModel.from_pretrained("codetta-24k")
    values, mask = torch.from_numpy(X)[:, None], torch.ones(4, 12_000)
    mask[1, 5000:] = 0
    codes = bridge.encode(values, mask, num_quantizers=4).audio_codes
    assert codes.shape == (4, 4, 25) and codes.dtype == torch.int64
    for index, length in enumerate((12_000, 5000, 12_000, 12_000)):
        expected = model.encode(X[index, :length], codebooks=4).array
        assert np.array_equal(codes[index, :, : expected.shape[1]].numpy(), expected)
    assert bridge.decode(codes, mask).audio_values.shape == (4, 1, 12_000)
    assert bridge(values).audio_values.shape == values.shape
    with pytest.raises(codetta.UsageError, match="input_values"):
        bridge.encode(values[:, 0])
