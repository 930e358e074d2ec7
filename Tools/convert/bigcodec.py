"""BigCodec (Aria-K-Alethia/BigCodec) from its published file to a model folder that Codetta reads.

    python Tools/convert/bigcodec.py bigcodec.pt Models/bigcodec        (needs torch and safetensors)

Of the checkpoint the encoder and the decoder with its quantizer are taken, each under its name. The config has the arguments of the
original's two networks.
"""
import checkpoint

CARD = """---
license: MIT
---
# BigCodec

A model of [Aria-K-Alethia/BigCodec](https://github.com/Aria-K-Alethia/BigCodec), converted by Tools/convert/bigcodec.py.
"""
PARTS = {"encoder": "CodecEnc", "decoder": "generator"}
PUBLISHED = {
    "model_type": "bigcodec", "sampling_rate": 16000, "ngf": 48, "encoder_up_ratios": [2, 2, 2, 5, 5],
    "upsample_initial_channel": 1536, "decoder_up_ratios": [5, 5, 2, 2, 2], "hidden_size": 1024, "rnn_num_layers": 2,
    "codebook_size": 8192, "codebook_dim": 8}


def convert(source, folder, config=PUBLISHED):
    stored = checkpoint.load(source)
    tensors = {f"{part}.{name}": tensor for part, key in PARTS.items() for name, tensor in stored[key].items()}
    checkpoint.write_folder(folder, config, tensors, CARD)


if __name__ == "__main__":
    checkpoint.main(__doc__, convert, checkpoint="the published bigcodec.pt")
