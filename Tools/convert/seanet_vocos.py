"""What the converters of codecs with EnCodec's encoder and Vocos's decoder share: fields of the config, parts of the checkpoint."""
import itertools

import checkpoint
import yaml

PREFIX = "feature_extractor.encodec."
PARTS = ("backbone.", "head.", f"{PREFIX}encoder.", f"{PREFIX}quantizer.")


def convolution(tensors, prefix, index):
    """The weight of a convolution of EnCodec's encoder in any spelling, whose module is number `index`."""
    kinds = [f"{prefix}encoder.model.{index}.conv.conv", f"encoder.layers.{index}.conv"]
    spellings = ["weight_v", "parametrizations.weight.original1", "weight"]
    return next(tensors[f"{kind}.{name}"] for kind in kinds for name in spellings if f"{kind}.{name}" in tensors)


def encoder_fields(tensors, hidden_size, causal, prefix=PREFIX):
    """The fields of EnCodec's encoder."""
    strides = []
    # Of every ratio there are a unit, an activation and a convolution of twice the stride; the last one of all has an odd kernel.
    for index in itertools.count(3, 3):
        kernel = convolution(tensors, prefix, index).shape[2]
        if kernel % 2:
            break
        strides.append(kernel // 2)
    return {
        "hidden_size": hidden_size, "num_filters": convolution(tensors, prefix, 0).shape[0], "upsampling_ratios": strides[::-1],
        "num_residual_layers": 1, "kernel_size": 7, "last_kernel_size": 7, "residual_kernel_size": 3, "dilation_growth_rate": 2,
        "compress": 2, "use_conv_shortcut": True, "num_lstm_layers": 2, "use_causal_conv": causal, "pad_mode": "reflect",
        "trim_right_ratio": 1.0, "norm_type": "weight_norm"}


def decoder_fields(backbone, head):
    return {
        "dim": backbone["dim"], "intermediate_dim": backbone["intermediate_dim"], "num_layers": backbone["num_layers"],
        "adanorm_num_embeddings": backbone.get("adanorm_num_embeddings"), "n_fft": head["n_fft"],
        "hop_length": head["hop_length"], "padding": head.get("padding", "same")}


def parts(settings):
    """The arguments of feature extractor, backbone and head of an original's YAML, and what stands beside them."""
    settings = settings.get("model", settings)
    settings = settings.get("init_args", settings)
    return [settings[part].get("init_args", {}) for part in ("feature_extractor", "backbone", "head")], settings


def convert(config, source, folder, config_of, card):
    """A model folder of the parts of a checkpoint; `config_of` makes its config of the YAML and the tensors."""
    tensors = {name: tensor for name, tensor in checkpoint.load(source).items() if name.startswith(PARTS)}
    checkpoint.write_folder(folder, config_of(yaml.safe_load(config.read_text()), tensors), tensors, card)


def main(description, convert):
    checkpoint.main(description, convert, config="the model's .yaml", checkpoint="the model's .ckpt")
