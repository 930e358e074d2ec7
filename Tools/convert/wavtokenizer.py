"""WavTokenizer (jishengpeng/WavTokenizer) from its published files to a model folder that Codetta reads.

    python Tools/convert/wavtokenizer.py CONFIG.yaml CHECKPOINT.ckpt Models/wavtokenizer        (needs torch, safetensors and PyYAML)

Of the checkpoint the encoder, the quantizer and the decoder are taken, under their names; the decoder of EnCodec that also lies in
it, and what only training uses, are left out. The config gets the fields that the original's classes have fixed.
"""
import argparse
import pathlib

import checkpoint
import yaml

CARD = """---
license: MIT
---
# WavTokenizer

A model of [jishengpeng/WavTokenizer](https://github.com/jishengpeng/WavTokenizer), converted by Tools/convert/wavtokenizer.py.
"""
PARTS = ("backbone.", "head.", "feature_extractor.encodec.encoder.", "feature_extractor.encodec.quantizer.")
FIRST = "feature_extractor.encodec.encoder.model.0.conv.conv."


def config_of(settings, tensors):
    settings = settings.get("model", settings)
    settings = settings.get("init_args", settings)
    features, backbone, head = (settings[part]["init_args"] for part in ("feature_extractor", "backbone", "head"))
    if features["num_quantizers"] != 1:
        raise SystemExit(f"{features['num_quantizers']} quantizers, expected 1")
    first = next(tensors[FIRST + name] for name in ("weight_v", "weight") if FIRST + name in tensors)
    return {
        "model_type": "wavtokenizer", "sampling_rate": settings.get("sample_rate", 24000),
        "hidden_size": backbone["input_channels"], "codebook_size": features["vq_bins"],
        # The encoder.
        "num_filters": first.shape[0], "upsampling_ratios": features["dowmsamples"], "num_residual_layers": 1, "kernel_size": 7,
        "last_kernel_size": 7, "residual_kernel_size": 3, "dilation_growth_rate": 2, "compress": 2, "use_conv_shortcut": True,
        "num_lstm_layers": 2, "use_causal_conv": False, "pad_mode": "reflect", "trim_right_ratio": 1.0, "norm_type": "weight_norm",
        # The decoder.
        "dim": backbone["dim"], "intermediate_dim": backbone["intermediate_dim"], "num_layers": backbone["num_layers"],
        "adanorm_num_embeddings": backbone.get("adanorm_num_embeddings"), "n_fft": head["n_fft"],
        "hop_length": head["hop_length"], "padding": head.get("padding", "same")}


def convert(config, source, folder):
    tensors = {name: tensor for name, tensor in checkpoint.load(source).items() if name.startswith(PARTS)}
    checkpoint.write_folder(folder, config_of(yaml.safe_load(config.read_text()), tensors), tensors, CARD)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path, help="the model's .yaml")
    parser.add_argument("checkpoint", type=pathlib.Path, help="the model's .ckpt")
    parser.add_argument("folder", type=pathlib.Path, help="model folder to write")
    arguments = parser.parse_args()
    convert(arguments.config, arguments.checkpoint, arguments.folder)


if __name__ == "__main__":
    main()
