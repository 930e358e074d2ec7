"""A class with the methods and outputs of `EncodecModel` of transformers, so that existing code changes one line:

    from codetta.integrations.transformers import CodettaModel as EncodecModel

    model = EncodecModel.from_pretrained("codetta-24k")
    encoded = model.encode(inputs["input_values"], inputs["padding_mask"], bandwidth=3.0)
    encoded.audio_codes                                                                     # [1, B, K, T]
    decoded = model.decode(encoded.audio_codes, encoded.audio_scales, inputs["padding_mask"])
    decoded.audio_values                                                                    # [B, C, T]

Inputs are tensors of PyTorch at `config.sampling_rate`, such as an EncodecFeatureExtractor makes. What differs: without `bandwidth` all
codebooks are used, the number of samples that comes back is the one that went in, and nothing has gradients.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ..errors import UsageError
from ..model import Model, load


class Output:
    """Named values, which are read as attributes, by name, or by position as those of a `ModelOutput`."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getitem__(self, key: str | int | slice) -> Any:
        return self.__dict__[key] if isinstance(key, str) else self.to_tuple()[key]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"this output has no {name}; it has {', '.join(self.__dict__)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def keys(self) -> list[str]:
        """The names of the values."""
        return list(self.__dict__)

    def to_tuple(self) -> tuple[Any, ...]:
        """The values that are there."""
        return tuple(value for value in self.__dict__.values() if value is not None)


class CodettaConfig:
    """What `EncodecConfig` says of a model."""

    def __init__(self, model: Model) -> None:
        self.model_type: str = model.type
        self.sampling_rate: int = model.sample_rate
        self.audio_channels: int = model.channels
        self.codebook_size: int = max(model.codebook_sizes)
        self.num_quantizers: int = model.codebooks
        self.frame_rate: float = model.frame_rate
        self.hop_length: int = model.hop_length
        self.target_bandwidths: list[float] = model.bitrates
        self.chunk_length: int | None = None
        self.return_dict: bool = True


class CodettaModel:
    """A codec behind the interface of `EncodecModel`. It runs on the CPU; tensors come back on the device of those that came."""

    main_input_name: str = "input_values"

    def __init__(self, model: Model) -> None:
        if model.is_ragged:
            raise UsageError(f"model: the codebooks of {model.name} have rates of their own, which one tensor does not hold")
        self.model: Model = model
        self.config: CodettaConfig = CodettaConfig(model)

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike[str], *, threads: int | None = None, **_: Any) -> CodettaModel:
        """Loads a model as `codetta.load`. Options of transformers, such as `device_map`, have no meaning here."""
        return cls(load(name, threads))

    def eval(self) -> CodettaModel:
        """Nothing: it is never trained here."""
        return self

    def to(self, *_: Any, **__: Any) -> CodettaModel:
        """Nothing: it runs on the CPU."""
        return self

    def encode(
        self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, bandwidth: float | None = None,
        return_dict: bool | None = None,
    ) -> Any:
        """Turns audio [B, C, T] into codes.

        Args:
            padding_mask: 1 where there is audio, [B, T] or [B, C, T]. Padding is on the right.
            bandwidth: In kb/s; all codebooks if it is left out.

        Returns:
            audio_codes [1, B, K, T], int64, which end in zeros where items are shorter; audio_scales [None]; last_frame_pad_length 0.
        """
        if input_values.ndim != 3 or input_values.shape[1] != self.model.channels:
            raise UsageError(f"input_values: its shape is {tuple(input_values.shape)}; it is [B, {self.model.channels}, T]")
        lengths = _lengths(padding_mask, input_values.shape[0], input_values.shape[2])
        x = input_values.detach().cpu()
        codes = self.model.encode(x if x.dtype != torch.bfloat16 else x.float(), bitrate=bandwidth, lengths=lengths, dtype=np.int64)
        tensor = torch.from_numpy(codes.array[:, 0])[np.newaxis].to(input_values.device)
        return self._give(return_dict, audio_codes=tensor, audio_scales=[None], last_frame_pad_length=0)

    def decode(
        self, audio_codes: torch.Tensor, audio_scales: Any = None, padding_mask: torch.Tensor | None = None, return_dict: bool | None = None,
        last_frame_pad_length: int | None = 0,
    ) -> Any:
        """Turns codes [1, B, K, T] into audio.

        Returns:
            audio_values [B, C, T]: as long as the padding mask, with zeros behind the end of an item; without a mask, as long as the codes.
        """
        if audio_codes.ndim != 4 or audio_codes.shape[0] != 1:
            raise UsageError(f"audio_codes: its shape is {tuple(audio_codes.shape)}; it is [1, B, K, T]")
        if audio_scales is not None and any(scale is not None for scale in audio_scales):
            raise UsageError(f"audio_scales: {self.model.name} has none")
        array = audio_codes[0].detach().cpu().numpy()
        if last_frame_pad_length:
            array = array[..., :-last_frame_pad_length]
        frames, hop = array.shape[-1], self.model.hop_length
        total = frames * hop if padding_mask is None else int(padding_mask.shape[-1])
        samples = [min(count, frames * hop) for count in _lengths(padding_mask, len(array), total)]
        audio = self.model.decode(array[:, np.newaxis], lengths=[-(-count // hop) for count in samples], samples=samples)
        if audio.shape[-1] < total and padding_mask is not None:
            audio = np.pad(audio, ((0, 0), (0, 0), (0, total - audio.shape[-1])))
        return self._give(return_dict, audio_values=torch.from_numpy(audio).to(audio_codes.device))

    def forward(
        self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, bandwidth: float | None = None,
        audio_codes: torch.Tensor | None = None, audio_scales: Any = None, return_dict: bool | None = None,
        last_frame_pad_length: int | None = 0,
    ) -> Any:
        """Codes of audio, unless they are given, and the audio of these codes: audio_codes, audio_values."""
        mask = torch.ones(input_values.shape[0], input_values.shape[-1]) if padding_mask is None else padding_mask
        codes = self.encode(input_values, mask, bandwidth, True).audio_codes if audio_codes is None else audio_codes
        decoded = self.decode(codes, audio_scales, mask, True, last_frame_pad_length)
        return self._give(return_dict, audio_codes=codes, audio_values=decoded.audio_values)

    __call__ = forward

    def _give(self, return_dict: bool | None, **values: Any) -> Any:
        output = Output(**values)
        return output if (self.config.return_dict if return_dict is None else return_dict) else tuple(values.values())


def _lengths(padding_mask: torch.Tensor | None, count: int, total: int) -> list[int]:
    """Samples of each item, of a mask that is 1 up to its end."""
    if padding_mask is None:
        return [total] * count
    mask = padding_mask.detach().cpu().bool()
    if mask.ndim == 3:
        mask = mask.any(1)
    if mask.shape != (count, total):
        raise UsageError(f"padding_mask: its shape is {tuple(padding_mask.shape)}; it is [{count}, {total}], or has channels between")
    lengths = mask.sum(-1)
    if not bool((mask == (torch.arange(total) < lengths[:, None])).all()):
        raise UsageError("padding_mask: has ones behind zeros; padding is on the right")
    return [int(length) for length in lengths]
