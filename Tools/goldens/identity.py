"""The identity of a model, by which token files name it: Docs/container.md, "Identity of a model"."""
import hashlib
import json
import struct
from pathlib import Path


def tensors(path):
    """Name, type, shape and the bytes of the values of each tensor of a safetensors file."""
    data = path.read_bytes()
    length = struct.unpack_from("<Q", data)[0]
    for name, tensor in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            first, last = tensor["data_offsets"]
            yield name, tensor["dtype"], tensor["shape"], data[8 + length + first : 8 + length + last]


def of_weights(files):
    """The identity of the tensors in all of `files` together."""
    found = hashlib.sha256(b"codetta weights 1\n")
    for name, kind, shape, values in sorted((tensor for file in files for tensor in tensors(file)), key=lambda tensor: tensor[0].encode()):
        found.update(struct.pack("<I", len(name.encode())) + name.encode() + struct.pack("<B", len(kind)) + kind.encode())
        found.update(struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + hashlib.sha256(values).digest())
    return found.digest()


def value(setting):
    """As in JSON, without white space; the shortest digits of a number, a whole one without a point."""
    if isinstance(setting, float) and setting.is_integer() and abs(setting) < 2**53:
        setting = int(setting)
    if isinstance(setting, list):
        return "[" + ",".join(map(value, setting)) + "]"
    return json.dumps(setting, ensure_ascii=False, separators=(",", ":"))


def settings(config, before=""):
    """A line `name=value` for each setting."""
    found = []
    for name, setting in config.items():
        if isinstance(setting, dict):
            found += settings(setting, f"{before}{name}.")
        elif setting is not None:
            found.append(f"{before}{name}={value(setting)}")
    return sorted(found, key=str.encode)


def of_model(weights, lines):
    return hashlib.sha256(b"codetta model 1\n" + weights + "".join(line + "\n" for line in lines).encode()).digest()


def of_folder(folder):
    """Identities of the weights, of the model if its settings are those that config.json spells out, and of the entropy model, in hexadecimal digits."""
    folder = Path(folder)
    index = folder / "model.safetensors.index.json"
    names = set(json.loads(index.read_text())["weight_map"].values()) if index.exists() else {"model.safetensors"}
    weights = of_weights(folder / name for name in names)
    config = json.loads((folder / "config.json").read_text())
    lines = settings({name: setting for name, setting in config.items() if name != "model_type"})
    entropy = folder / "entropy.safetensors"
    return dict(
        weights=weights.hex(), settings=lines, model=of_model(weights, lines).hex(),
        entropyModel=of_weights([entropy]).hex()[:16] if entropy.exists() else None)
