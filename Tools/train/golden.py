"""Write the fixtures that Swift's codetta codec is tested against.

    python Tools/train/golden.py --model Models/codetta-24k --audio Samples/speech-en.wav --out Tests/CodecsTests/Fixtures

Per model: the audio, the codes that PyTorch gives, the audio that it decodes from them, and the margin of every choice
(how much farther the second-nearest codeword was, relative to the nearest), so that a differing code can be shown to be a near tie.
Tiny models with random weights cover decoders with and without lookahead.
"""
import argparse
import pathlib

import numpy as np
import soundfile
import torch
from safetensors.torch import save_file

from export import export, load_exported, open_exported
from models import build

TINY_WAVEFORM = dict(
    model_type="soundstream", channels=(6, 8, 12), groups=(1, 2, 4), strides=(4, 5, 3), kernel_sizes=(12, 10, 6), dilations=(1, 3),
    expansion=2, kernel_size=5, codebook_dim=8, num_codebooks=3, codebook_size=16)
TINY_MODELS = {
    "tiny-waveform": dict(TINY_WAVEFORM, encoder_layers=1, decoder_layers=2, decoder_lookahead=1),
    "tiny-waveform-causal": dict(TINY_WAVEFORM, encoder_layers=0, decoder_layers=1, decoder_lookahead=0)}


@torch.no_grad()
def margins(model, audio):
    """Per code: (second distance - first distance) / first distance."""
    z = model.analyse(model.padded(audio))
    residual, result = z[0], []
    for book in model.quantizer.codebooks:
        distance = torch.cdist(residual.double(), book.double()).square()
        two = distance.topk(2, largest=False).values
        result.append(((two[:, 1] - two[:, 0]) / two[:, 0].clamp_min(1e-12)).float())
        residual = residual - book[distance.argmin(1)]
    return torch.stack(result)


def write(model, audio, path):
    audio = audio[None]
    codes = model.encode(audio)
    output = model.decode(codes)[0, : audio.shape[-1]]
    half = codes.shape[1] // 2
    save_file(
        dict(audio=audio[0].contiguous(), codes=codes[0].int().contiguous(), margins=margins(model, audio),
             output=output.contiguous(), output_half=model.decode(codes[:, :half])[0, : audio.shape[-1]].contiguous()),
        path)
    path.chmod(0o644)
    print(f"{path}: {audio.shape[-1]} samples, codes {tuple(codes.shape[1:])}, output rms {float(output.square().mean().sqrt()):.4f}")


def tiny_model(settings, seed):
    torch.manual_seed(seed)
    model = build(settings).eval()
    for parameter in model.parameters():
        parameter.data.add_(torch.randn_like(parameter) * 0.05)
    model.initialise(torch.randn(8, 60 * 40) * 0.1)
    model.quantizer.codebooks.normal_(std=0.5)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--audio", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for seed, (name, settings) in enumerate(TINY_MODELS.items(), start=2):
        model = tiny_model(settings, seed)
        export(model, arguments.out / name)
        load_exported(model, arguments.out / name)
        generator = torch.Generator().manual_seed(seed)
        write(model, torch.randn(1501, generator=generator) * 0.1, arguments.out / f"{name}.safetensors")
    if arguments.model:
        samples, rate = soundfile.read(arguments.audio, dtype="float32", always_2d=True)
        if rate != 24000:
            raise SystemExit(f"{arguments.audio}: {rate} Hz, expected 24000")
        audio = torch.from_numpy(np.ascontiguousarray(samples[: int(arguments.seconds * rate), 0]))
        write(open_exported(arguments.model), audio, arguments.out / f"{arguments.model.name}.safetensors")


if __name__ == "__main__":
    main()
