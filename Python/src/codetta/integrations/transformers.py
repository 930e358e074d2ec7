"""For code that uses the codecs of `transformers`: the methods and output fields of `MimiModel`, so that one line changes.

    # from transformers import MimiModel
    from codetta.integrations.transformers import CodettaModel as MimiModel
    model = MimiModel.from_pretrained("codetta-24k")
    codes = model.encode(input_values, padding_mask).audio_codes      # [B, K, T]
    audio = model.decode(codes).audio_values                          # [B, 1, samples]

It needs PyTorch alone.
"""
from __future__ import annotations

import os
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from ..errors import UsageError
from ..model import Model, load


@dataclass
class EncoderOutput:
    """`audio_codes`: [B, K, T], int64, with zeros behind shorter items."""

    audio_codes: torch.Tensor

    def __getitem__(self, index: int) -> torch.Tensor:
        return (self.audio_codes,)[index]


@dataclass
class DecoderOutput:
    """`audio_values`: [B, 1, samples]."""

    audio_values: torch.Tensor

    def __getitem__(self, index: int) -> torch.Tensor:
        return (self.audio_values,)[index]


@dataclass
class ModelOutput:
    """Both."""

    audio_codes: torch.Tensor
    audio_values: torch.Tensor


class CodettaModel:
    """A codec of one channel with the interface of `MimiModel`. It computes on the CPU, and gives tensors where its input was."""

    def __init__(self, model: Model) -> None:
        if model.channels != 1:
            raise UsageError(f"{model.name} codes {model.channels} channels together; this interface has one")
        self.model = model
        self.config = SimpleNamespace(
            model_type="codetta", sampling_rate=model.sample_rate, frame_rate=model.frame_rate, num_quantizers=model.codebooks,
            codebook_size=max(model.codebook_sizes), audio_channels=1)

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike[str], **options: Any) -> CodettaModel:
        """As `codetta.load`."""
        return cls(load(name, **options))

    def eval(self) -> CodettaModel:
        return self

    def to(self, *_: Any, **__: Any) -> CodettaModel:
        return self

    def encode(self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, num_quantizers: int | None = None) -> EncoderOutput:
        """input_values: [B, 1, T] at the model's rate; padding_mask: [B, T] or [B, 1, T], 1 where there is audio."""
        if input_values.ndim != 3 or input_values.shape[1] != 1:
            raise UsageError(f"input_values has shape {tuple(input_values.shape)}; [B, 1, T] is needed")
        lengths = None
        if padding_mask is not None:
            lengths = padding_mask.reshape(len(input_values), -1).sum(-1).to(torch.int64)
        codes = self.model.encode(input_values, lengths=lengths, codebooks=num_quantizers).numpy(np.int64)
        return EncoderOutput(torch.from_numpy(codes[:, 0]).to(input_values.device))

    def decode(self, audio_codes: torch.Tensor, padding_mask: torch.Tensor | None = None) -> DecoderOutput:
        """audio_codes: [B, K, T]. With `padding_mask` the audio has its length."""
        audio = torch.from_numpy(self.model.decode(audio_codes[:, None])).to(audio_codes.device)
        return DecoderOutput(audio if padding_mask is None else audio[..., : padding_mask.shape[-1]])

    def __call__(self, input_values: torch.Tensor, padding_mask: torch.Tensor | None = None, num_quantizers: int | None = None) -> ModelOutput:
        codes = self.encode(input_values, padding_mask, num_quantizers).audio_codes
        audio = self.decode(codes).audio_values[..., : input_values.shape[-1]]
        return ModelOutput(codes, audio)
