"""Tiny models with random weights as transformers saves them, and what it makes of short clips.

    python Tools/goldens/published.py        (needs torch, transformers and safetensors)

Writes Tests/CodecsTests/Fixtures/tiny-dac, tiny-encodec-causal and tiny-encodec-centred (model folders) and, beside each,
a .safetensors with, for every length, `audio.N` [channels, N], `codes.N` [codebooks, frames], `margins.N` (see
Tools/parity/references.py) and `output.N.K`, the audio that the reference decodes from the first K codebooks.
"""
import pathlib
import sys

import numpy as np
from safetensors.numpy import save_file
from transformers import DacConfig, EncodecConfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tools/parity"))
import references  # noqa: E402

FIXTURES = ROOT / "Tests/CodecsTests/Fixtures"
SECOND = 4000
TINY = {
    "tiny-dac": DacConfig(
        sampling_rate=SECOND, encoder_hidden_size=4, downsampling_ratios=[2, 5, 4], decoder_hidden_size=32, n_codebooks=4,
        codebook_size=16, codebook_dim=4),
    "tiny-encodec-causal": EncodecConfig(
        sampling_rate=SECOND, num_filters=4, upsampling_ratios=[5, 4, 2], hidden_size=8, codebook_size=16,
        target_bandwidths=[0.8, 1.6]),
    "tiny-encodec-centred": EncodecConfig(
        sampling_rate=SECOND, audio_channels=2, num_filters=4, upsampling_ratios=[5, 4, 2], hidden_size=8, codebook_size=32,
        target_bandwidths=[1.0, 1.5], use_causal_conv=False, use_conv_shortcut=False, num_residual_layers=2),
}


def main():
    for name, config in TINY.items():
        codec = references.build(config)
        codec.save(FIXTURES / name)
        tensors = {}
        for samples in (1, codec.hop - 1, codec.hop + 1, SECOND):
            audio = references.clip(samples, codec.rate, codec.channels)
            codes = codec.codes(audio)
            margins = codec.margins(audio, codes)
            tensors[f"audio.{samples}"] = audio
            tensors[f"codes.{samples}"] = codes.astype(np.int32)
            tensors[f"margins.{samples}"] = margins.astype(np.float32)
            for codebooks in codec.bitrates:
                prefix = codec.codes(audio, codebooks)
                assert (prefix == codes[:codebooks]).all()
                output = np.ascontiguousarray(codec.audio(prefix).reshape(codec.channels, -1))
                tensors[f"output.{samples}.{codebooks}"] = output
            print(name, samples, "codes", codes.shape, "least margin", margins.min(), "output", output.shape, output.std())
        save_file(tensors, FIXTURES / f"{name}.safetensors")


if __name__ == "__main__":
    main()
