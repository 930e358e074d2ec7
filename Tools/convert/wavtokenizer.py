"""WavTokenizer (jishengpeng/WavTokenizer) from its published files to a model folder that Codetta reads.

    python Tools/convert/wavtokenizer.py CONFIG.yaml CHECKPOINT.ckpt Models/wavtokenizer        (needs torch, safetensors and PyYAML)

Of the checkpoint the encoder, the quantizer and the decoder are taken, under their names; the decoder of EnCodec that also lies in
it, and what only training uses, are left out. The config gets the fields that the original's classes have fixed.
"""
import seanet_vocos

CARD = """---
license: MIT
---
# WavTokenizer

A model of [jishengpeng/WavTokenizer](https://github.com/jishengpeng/WavTokenizer), converted by Tools/convert/wavtokenizer.py.
"""


def config_of(yaml_settings, tensors):
    (features, backbone, head), settings = seanet_vocos.parts(yaml_settings)
    if features["num_quantizers"] != 1:
        raise SystemExit(f"{features['num_quantizers']} quantizers, expected 1")
    return {
        "model_type": "wavtokenizer", "sampling_rate": settings.get("sample_rate", 24000), "codebook_size": features["vq_bins"],
        **seanet_vocos.encoder_fields(tensors, backbone["input_channels"], causal=False), **seanet_vocos.decoder_fields(backbone, head)}


def convert(config, source, folder):
    seanet_vocos.convert(config, source, folder, config_of, CARD)


if __name__ == "__main__":
    seanet_vocos.main(__doc__, convert)
