"""Token files as their own programs write them, and the codes that are in them.

    ENCODEC=checkout DAC=checkout python Tools/goldens/foreign.py

ENCODEC is a checkout of facebookresearch/encodec, DAC one of descriptinc/descript-audio-codec. Models have random weights: only
their codes matter here. Writes Tests/TokenStreamTests/Fixtures/foreign: files, and codes.json with the codes of each, the scales and
starts of its segments and its samples.
"""
import json
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tools/parity"))
import formats  # noqa: E402

FIXTURES = ROOT / "Tests/TokenStreamTests/Fixtures/foreign"


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
    for name, padding in (("whole.dac", True), ("windows.dac", False)):
        formats.save_dac(FIXTURES / name, codes, samples=5000, rate=44_100, padding=padding)
    known["whole.dac"] = {"codes": codes.tolist(), "samples": 5000}

    arrays = {
        "codes": codes.astype(np.int64), "segment_frames": np.array([[0, 5], [0, 5]], np.int32),
        "segment_scales": np.array([[0.25, 0.5], [1, 2]], np.float32)}
    np.savez(FIXTURES / "numpy.npz", **arrays)
    np.savez_compressed(FIXTURES / "compressed.npz", **arrays)
    known["numpy.npz"] = {"codes": codes.tolist()}
    (FIXTURES / "codes.json").write_text(json.dumps(known, separators=(",", ":")))


if __name__ == "__main__":
    main()
