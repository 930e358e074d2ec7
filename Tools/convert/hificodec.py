"""HiFi-Codec (yangdongchao/AcademiCodec) from its published files to a model folder that Codetta reads.

    python Tools/convert/hificodec.py CONFIG.json CHECKPOINT Models/hificodec-24k-320d        (needs torch and safetensors)

Of the checkpoint the encoder, the quantizer and the generator are taken, each under its name. The config gets a model_type and the
encoder's width, which the original's classes have fixed.
"""
import json

import checkpoint

CARD = """# HiFi-Codec

A model of [yangdongchao/AcademiCodec](https://github.com/yangdongchao/AcademiCodec), converted by Tools/convert/hificodec.py.
The repository states no licence.
"""
FIELDS = (
    "sampling_rate", "upsample_rates", "upsample_kernel_sizes", "upsample_initial_channel", "resblock", "resblock_kernel_sizes",
    "resblock_dilation_sizes", "n_code_groups", "n_codes")


def convert(config, source, folder):
    stored = checkpoint.load(source)
    tensors = {
        f"{part}.{name}": tensor for part in ("encoder", "quantizer", "generator") for name, tensor in stored[part].items()}
    settings = json.loads(config.read_text())
    fields = {
        "model_type": "hificodec", **{name: settings[name] for name in FIELDS},
        "encoder_initial_channel": tensors["encoder.conv_pre.bias"].shape[0]}
    checkpoint.write_folder(folder, fields, tensors, CARD)


if __name__ == "__main__":
    checkpoint.main(__doc__, convert, config="the model's config_….json", checkpoint="the model's checkpoint")
