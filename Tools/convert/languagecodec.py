"""Language-Codec (jishengpeng/Languagecodec) from its published files to a model folder that Codetta reads.

    python Tools/convert/languagecodec.py CONFIG.yaml CHECKPOINT.ckpt Models/languagecodec        (needs torch, safetensors and PyYAML)

Of the checkpoint the encoder, the quantizer and the decoder are taken, under their names; the decoder of EnCodec that also lies in
it, and what only training uses, are left out. The config gets the fields that the original's classes have fixed.
"""
import seanet_vocos

CARD = """---
license: MIT
---
# Language-Codec

A model of [jishengpeng/Languagecodec](https://github.com/jishengpeng/Languagecodec), converted by Tools/convert/languagecodec.py.
"""


def config_of(yaml_settings, tensors):
    (_, backbone, head), settings = seanet_vocos.parts(yaml_settings)
    codebooks = [tensor for name, tensor in tensors.items() if name.endswith("._codebook.embed")]
    return {
        "model_type": "languagecodec", "sampling_rate": settings.get("sample_rate", 24000), "num_quantizers": len(codebooks),
        "codebook_size": codebooks[0].shape[0], **seanet_vocos.encoder_fields(tensors, backbone["input_channels"], causal=False),
        **seanet_vocos.decoder_fields(backbone, head)}


def convert(config, source, folder):
    seanet_vocos.convert(config, source, folder, config_of, CARD)


if __name__ == "__main__":
    seanet_vocos.main(__doc__, convert)
