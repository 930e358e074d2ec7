"""Token files as their own programs write them, and the codes that are in them.

    ENCODEC=checkout DAC=checkout python Tools/goldens/foreign.py

ENCODEC is a checkout of facebookresearch/encodec, DAC one of descriptinc/descript-audio-codec. Models have random weights: only
their codes matter here. Writes Tests/TokenFilesTests/Fixtures/foreign: files, and codes.json with the codes of each, the scales and
starts of its segments and its samples. Of DAC's file in windows, which tiny-dac codes, the reference's audio is in
Tests/CodecsTests/Fixtures/tiny-dac-windows.safetensors: `codes` [channels, codebooks, frames], `starts` of the windows, and
`output.K` [channels, samples] from the first K codebooks.
"""
import json
import pathlib
import sys

import numpy as np
import safetensors.numpy
import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tools/parity"))
import dac_windows  # noqa: E402
import formats  # noqa: E402
import published  # noqa: E402
import references  # noqa: E402

FIXTURES = ROOT / "Tests/TokenFilesTests/Fixtures/foreign"
CODECS = ROOT / "Tests/CodecsTests/Fixtures"


def windows():
    """A stereo clip that the reference compresses in windows; its audio as the reference decompresses it."""
    codec = references.DAC(published.TINY["tiny-dac"])
    codec.model = transformers.DacModel.from_pretrained(CODECS / "tiny-dac").eval()
    model = dac_windows.original(codec)
    with torch.no_grad():
        file = dac_windows.compress(model, dac_windows.clip(codec, 1.03, 2), 0.8)
        file.save(FIXTURES / "windows.dac")
        codes, starts = file.codes, list(range(0, file.codes.shape[-1], file.chunk_length))
        tensors = {"codes": np.ascontiguousarray(codes.numpy(), np.int32), "starts": np.array(starts, np.int32)}
        for codebooks in (1, codes.shape[1]):
            file.codes = codes[:, :codebooks]
            tensors[f"output.{codebooks}"] = dac_windows.decompress(model, file)
        safetensors.numpy.save_file(tensors, CODECS / "tiny-dac-windows.safetensors")
    return {"codes": codes.tolist(), "samples": file.original_length, "starts": starts, "scales": [1] * len(starts)}


def main():
    FIXTURES.mkdir(exist_ok=True)
    known = {}
    for name, bandwidth, samples in (("encodec_24khz", 1.5, 12_001), ("encodec_48khz", 3.0, 52_000)):
        data = formats.compress(formats.encodec_model(name), bandwidth, samples)
        (FIXTURES / f"{name}.ecdc").write_bytes(data)
        known[f"{name}.ecdc"] = formats.decompressed(data)
    lm = formats.compress(formats.encodec_model("encodec_24khz"), 1.5, 1000, use_lm=True)
    (FIXTURES / "encodec_24khz-lm.ecdc").write_bytes(lm)

    random = np.random.default_rng(5)
    codes = random.integers(0, 1024, (2, 3, 11))
    formats.save_dac(FIXTURES / "whole.dac", codes, samples=5000, rate=44_100)
    known["whole.dac"] = {"codes": codes.tolist(), "samples": 5000}
    known["windows.dac"] = windows()

    arrays = {
        "codes": codes.astype(np.int64), "segment_frames": np.array([[0, 5], [0, 5]], np.int32),
        "segment_scales": np.array([[0.25, 0.5], [1, 2]], np.float32)}
    np.savez(FIXTURES / "numpy.npz", **arrays)
    np.savez_compressed(FIXTURES / "compressed.npz", **arrays)
    known["numpy.npz"] = {"codes": codes.tolist()}
    (FIXTURES / "codes.json").write_text(json.dumps(known, separators=(",", ":")))


if __name__ == "__main__":
    main()
