"""The card's table: an exported model beside the untrained linear codec, on the fixed validation clips.

    python Tools/train/evaluate.py Models/codetta-24k [--data .train/data] [--clips 60] [--json out.json]

The linear codec is the same transform, KLT to the same number of dimensions and k-means RVQ of the same size: no training.
"""
import argparse
import json
import pathlib

import torch

from codec import Codec, Config
from data import Batches, validation_clips
from export import open_exported
from metrics import validate

COLUMNS = [("pesq", "PESQ-WB", 2), ("stoi", "STOI", 3), ("estoi", "ESTOI", 3), ("mel", "mel distance", 3), ("si_sdr", "SI-SDR dB", 1)]


@torch.no_grad()
def linear_codec(config, data, seed=1):
    """KLT + k-means RVQ fitted on training audio; no network. The fit takes a minute and is kept beside the data."""
    torch.manual_seed(seed)
    settings = {**vars(config), "encoder_layers": 0, "decoder_layers": 0, "decoder_lookahead": 0, "noise_filling": False}
    model = Codec(Config(**settings))
    kept = pathlib.Path(data) / "linear-codec.pt"
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        if state["settings"] == settings:
            model.load_state_dict(state["model"])
            return model.eval()
    for parameter in model.parameters():
        parameter.zero_()
    batches = Batches(data, seed)
    x = torch.cat([batches.batch(16, 48000) for _ in range(40)])
    model.initialise(x)
    latents = torch.cat([model.analyse(piece)[:, 2:].reshape(-1, config.codebook_dim) for piece in x.split(32)])
    model.quantizer.fit(latents, len(latents))
    torch.save(dict(settings=settings, model=model.state_dict()), kept)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--data", default=".train/data")
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    model = open_exported(arguments.model)
    c = model.config
    levels = {c.codebooks_for(kbps): kbps for kbps in (1.5, 3, 6)}
    speech = validation_clips(arguments.data, arguments.clips)
    music = validation_clips(arguments.data, 20, kind="music")
    lines = [f"{len(speech)} validation clips of speech, {sum(len(x) for _, x in speech) / 24000:.0f} s", "",
             "| codec | kb/s | " + " | ".join(title for _, title, _ in COLUMNS) + " |", "|---|---|" + "---|" * len(COLUMNS)]
    results = {}
    for name, codec in ((arguments.model.name, model), ("KLT + k-means RVQ, untrained", linear_codec(c, arguments.data))):
        scores, perplexity = validate(codec, speech, list(levels), jobs=arguments.jobs)
        results[name] = dict(speech=scores, perplexity=perplexity)
        for n, row in scores.items():
            lines.append(f"| {name} | {levels[n]} | " + " | ".join(f"{row[k]:.{d}f}" for k, _, d in COLUMNS) + " |")
        if music:
            results[name]["music"] = validate(codec, music, list(levels), speech=False)[0]
    lines += ["", f"{len(music)} clips of music", "", "| codec | kb/s | mel distance | SI-SDR dB |", "|---|---|---|---|"]
    for name, result in results.items():
        for n, row in result.get("music", {}).items():
            lines.append(f"| {name} | {levels[n]} | {row['mel']:.3f} | {row['si_sdr']:.1f} |")
    lines += ["", f"Codebook perplexity of {arguments.model.name}: {results[arguments.model.name]['perplexity']}"]
    print("\n".join(lines))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
