"""Vocos (gemelo-ai/vocos) from its published files to a model folder that Codetta reads.

    python Tools/convert/vocos.py config.yaml pytorch_model.bin Models/vocos-mel-24khz        (needs torch, safetensors and PyYAML)
    python Tools/convert/vocos.py config.yaml pytorch_model.bin Models/vocos-encodec-24khz --encodec ENCODEC

The model for EnCodec's tokens also needs EnCodec itself, unless its checkpoint holds it: ENCODEC is the original encodec_24khz-….th
or the model.safetensors of facebook/encodec_24khz. Its encoder is taken and as many codebooks as the model uses; its decoder is not.
"""
import argparse
import pathlib

import checkpoint
import safetensors.torch
import seanet_vocos
import torch
import yaml

CARD = """---
license: MIT
---
# Vocos

A model of [gemelo-ai/vocos](https://github.com/gemelo-ai/vocos), converted by Tools/convert/vocos.py.{encodec}
"""
ENCODEC_NOTE = """ The encoder is EnCodec's
([facebookresearch/encodec](https://github.com/facebookresearch/encodec)), whose weights have a licence of their own: MIT, or for
older copies CC-BY-NC-4.0."""
CODEBOOKS = "feature_extractor.codebook_weights"


def vocoder_config(features, backbone, head):
    for field, name in (("hop_length", "hop_length"), ("n_fft", "n_fft"), ("padding", "padding")):
        if features.get(field, {"padding": "center", "n_fft": 1024, "hop_length": 256}[field]) != head.get(name, "same"):
            raise SystemExit(f"{field} of the features and of the head differ")
    return {
        "model_type": "vocos-mel", "sampling_rate": features.get("sample_rate", 24000),
        "n_mels": features.get("n_mels", 100), **seanet_vocos.decoder_fields(backbone, head)}


def encodec_tensors(path):
    """EnCodec's encoder and codebooks from either kind of file; the original's names get the prefix that they have in Vocos."""
    tensors = safetensors.torch.load_file(path) if path.suffix == ".safetensors" else checkpoint.load(path)
    prefix = seanet_vocos.PREFIX if any(name.startswith("encoder.model.") for name in tensors) else ""
    return {prefix + name: tensor for name, tensor in tensors.items() if name.startswith(("encoder.", "quantizer."))}


def codebook_name(tensors, index):
    names = (f"{seanet_vocos.PREFIX}quantizer.vq.layers.{index}._codebook.embed", f"quantizer.layers.{index}.codebook.embed")
    return next((name for name in names if name in tensors), None)


def take_codebooks(tensors):
    """Leaves the codebooks that the model uses, which must be EnCodec's, and says how many words each has."""
    used = tensors.pop(CODEBOOKS)
    size = tensors[codebook_name(tensors, 0)].shape[0]
    books = [tensors[codebook_name(tensors, i)] for i in range(used.shape[0] // size)]
    if not torch.equal(torch.cat(books), used.to(books[0].dtype)):
        raise SystemExit("the model's codebooks are not EnCodec's (train_codebooks): its codes cannot be found")
    kept = {codebook_name(tensors, i) for i in range(len(books))}
    for name in [name for name in tensors if "quantizer." in name and name not in kept]:
        del tensors[name]
    return size


def convert(config, source, folder, encodec=None):
    (features, backbone, head), settings = seanet_vocos.parts(yaml.safe_load(config.read_text()))
    stored = checkpoint.load(source)
    tensors = {name: tensor for name, tensor in stored.items() if name.startswith(("backbone.", "head."))}
    if CODEBOOKS not in stored:
        return checkpoint.write_folder(folder, vocoder_config(features, backbone, head), tensors, CARD.format(encodec=""))
    if features.get("encodec_model", "encodec_24khz") != "encodec_24khz":
        raise SystemExit(f"{features['encodec_model']}: only encodec_24khz is supported")
    inside = {
        name: tensor for name, tensor in stored.items()
        if name.startswith((seanet_vocos.PREFIX + "encoder.", seanet_vocos.PREFIX + "quantizer."))}
    if not inside and encodec is None:
        raise SystemExit("this model needs EnCodec's encoder: give its checkpoint with --encodec")
    tensors |= {CODEBOOKS: stored[CODEBOOKS], **(inside or encodec_tensors(encodec))}
    size = take_codebooks(tensors)
    fields = {
        "model_type": "vocos-encodec", "sampling_rate": settings.get("sample_rate", 24000),
        "bandwidths": features.get("bandwidths", [1.5, 3.0, 6.0, 12.0]), "codebook_size": size,
        **seanet_vocos.encoder_fields(tensors, backbone["input_channels"], causal=True), **seanet_vocos.decoder_fields(backbone, head)}
    checkpoint.write_folder(folder, fields, tensors, CARD.format(encodec=ENCODEC_NOTE))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path, help="the model's config.yaml")
    parser.add_argument("checkpoint", type=pathlib.Path, help="the model's pytorch_model.bin")
    parser.add_argument("folder", type=pathlib.Path, help="model folder to write")
    parser.add_argument("--encodec", type=pathlib.Path, help="EnCodec's checkpoint")
    arguments = parser.parse_args()
    convert(arguments.config, arguments.checkpoint, arguments.folder, arguments.encodec)


if __name__ == "__main__":
    main()
