"""SNAC (hubertsiuzdak/snac) from its published files to a model folder that Codetta reads.

    python Tools/convert/snac.py ORIGINAL Models/snac-24khz        (needs torch and safetensors)

ORIGINAL holds config.json and pytorch_model.bin. Tensors keep their names; the config gets a model_type.
"""
import json

import checkpoint

CARD = """---
license: MIT
---
# SNAC

A model of [hubertsiuzdak/snac](https://github.com/hubertsiuzdak/snac), converted by Tools/convert/snac.py.
"""


def convert(original, folder):
    config = json.loads((original / "config.json").read_text())
    # What the class has where the file says nothing.
    config.setdefault("attn_window_size", 32)
    tensors = checkpoint.load(original / "pytorch_model.bin")
    checkpoint.write_folder(folder, {"model_type": "snac", **config}, tensors, CARD)


if __name__ == "__main__":
    checkpoint.main(__doc__, convert, original="folder of config.json and pytorch_model.bin")
