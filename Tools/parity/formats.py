"""Compares the token files of other programs with Codetta's, both ways: what they write is read here, what is written here they read.

    ENCODEC=checkout DAC=checkout python Tools/parity/formats.py [--codetta PROGRAM]

ENCODEC is a checkout of facebookresearch/encodec, DAC one of descriptinc/descript-audio-codec; of both only the code that reads
and writes files and EnCodec's models, with random weights, are used. `.ecdc` files must come back byte for byte. The audio of DAC's
files in windows is compared by dac_windows.py.
"""
import argparse
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types

import numpy as np
import torch

import dac_windows

ROOT = pathlib.Path(__file__).resolve().parents[2]
TINY_DAC = ROOT / "Tests/CodecsTests/Fixtures/tiny-dac"
torch.set_num_threads(1)


def checkout(variable, *stubs):
    """Makes a checkout importable. What its files import for audio, which plays no part here, is stubbed."""
    for name in stubs:
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.path.insert(0, os.environ[variable])


def encodec():
    checkout("ENCODEC", "torchaudio")
    # The package has a function of the same name.
    return importlib.import_module("encodec.compress")


def encodec_model(name):
    """One of the two models with random weights under its published name."""
    compress = encodec()
    torch.manual_seed(3)
    is_stereo = name == "encodec_48khz"
    model = compress.EncodecModel._get_model(
        [3.0, 6.0, 12.0, 24.0] if is_stereo else [1.5, 3.0, 6.0, 12.0, 24.0], 48_000 if is_stereo else 24_000,
        2 if is_stereo else 1, causal=not is_stereo, model_norm="time_group_norm" if is_stereo else "weight_norm",
        audio_normalize=is_stereo, segment=1.0 if is_stereo else None, name=name)
    for layer in model.quantizer.vq.layers:
        layer._codebook.inited.fill_(1)
        layer._codebook.embed.normal_()
    from encodec.model import LMModel
    lm = LMModel(model.quantizer.n_q, model.quantizer.bins, num_layers=1, dim=40, past_context=100).eval()
    model.get_lm_model = lambda: lm
    return model.eval()


def compress(model, bandwidth, samples, use_lm=False):
    """A file of noise."""
    model.set_target_bandwidth(bandwidth)
    generator = torch.Generator().manual_seed(samples)
    audio = 0.1 * torch.randn(model.channels, samples, generator=generator)
    return encodec().compress(model, audio, use_lm=use_lm)


def decompressed(data):
    """What the reference takes from a file: codes [codebooks][frames], and scales and first frames of segments."""
    module = encodec()
    taken = []

    class Model:
        """Takes the codes in place of decoding them."""

        def __init__(self, name):
            self.model = encodec_model(name)

        def to(self, device):
            return self

        def __getattr__(self, name):
            return getattr(self.model, name)

        def decode(self, frames):
            taken.extend(frames)
            return torch.zeros(1, 1, 1)

    published, module.MODELS = module.MODELS, {name: lambda name=name: Model(name) for name in module.MODELS}
    try:
        module.decompress(data)
    finally:
        module.MODELS = published
    metadata = module.binary.read_ecdc_header(io.BytesIO(data))
    counts = [codes.shape[-1] for codes, _ in taken]
    return {
        "codes": torch.cat([codes[0] for codes, _ in taken], dim=-1).tolist(), "samples": metadata["al"],
        "scales": [float(scale) for _, scale in taken if scale is not None],
        "starts": [sum(counts[:i]) for i in range(len(counts))] if taken[0][1] is not None else []}


def save_dac(path, codes, samples, rate, windows=1):
    """A file of codes [channels, codebooks, frames], coded as a whole or in so many windows."""
    dac_windows.file_class()(
        codes=torch.from_numpy(codes), chunk_length=codes.shape[-1] // windows, original_length=samples,
        input_db=torch.tensor([-21.5]), channels=len(codes), sample_rate=rate, padding=windows == 1, dac_version="1.0.0").save(path)


class Converter:
    def __init__(self, program):
        self.program = str(program)

    def __call__(self, source, target, *options):
        command = [self.program, "convert", str(source), "-o", str(target), "--force", "--quiet", *options]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
        return target


def check_ecdc(convert, folder):
    for name, bandwidths, rate in (("encodec_24khz", [1.5, 6.0, 24.0], 24_000), ("encodec_48khz", [3.0, 24.0], 48_000)):
        model = encodec_model(name)
        # Of lengths such as 47 700 at 48 kHz the reference itself fails to decode the file: its segments do not add up.
        for samples in (1, 319, 321, rate, rate * 5 // 2):
            for bandwidth in bandwidths:
                data = compress(model, bandwidth, samples)
                source = folder / "a.ecdc"
                source.write_bytes(data)
                expected = decompressed(data)
                ours = json.loads(convert(source, folder / "a.json").read_text())
                assert ours["tracks"][0] == expected["codes"] and ours["samples"] == samples, (name, samples)
                segments = ours.get("segments", [[]])[0]
                assert [s["frame"] for s in segments] == expected["starts"]
                assert [np.float32(s["scale"]) for s in segments] == [np.float32(x) for x in expected["scales"]]
                back = convert(convert(source, folder / "b.codetta"), folder / "b.ecdc").read_bytes()
                assert back == data, (name, samples, bandwidth)
                assert decompressed(back) == expected
        print(f"{name}: {5 * len(bandwidths)} files read, written back byte for byte, and read by the reference")


def check_dac(convert, folder):
    random = np.random.default_rng(1)
    for channels, frames, windows in ((1, 1, 1), (2, 300, 1), (1, 300, 2), (2, 300, 5)):
        codes = random.integers(0, 16, (channels, 4, frames))
        samples = frames * 40 - 7
        save_dac(folder / "a.dac", codes, samples, 4000, windows)
        options = ("--model", str(TINY_DAC))
        middle = convert(folder / "a.dac", folder / "a.codetta", *options)
        ours = json.loads(convert(middle, folder / "a.json").read_text())
        assert ours["tracks"] == codes.tolist() and ours["samples"] == samples
        again = dac_windows.file_class().load(convert(middle, folder / "b.dac"))
        assert (again.codes.numpy() == codes).all() and again.padding == (windows == 1) and again.chunk_length == frames // windows
        assert (again.original_length, again.channels, again.sample_rate) == (samples, channels, 4000)
    print("dac: 4 files read, written again, and read by the reference")


def check_arrays(convert, folder):
    import safetensors.numpy
    data = compress(encodec_model("encodec_48khz"), 3.0, 100_000)
    (folder / "a.ecdc").write_bytes(data)
    expected = decompressed(data)
    for format, load in (("npz", np.load), ("safetensors", safetensors.numpy.load_file)):
        arrays = load(convert(folder / "a.ecdc", folder / f"a.{format}"))
        assert (arrays["codes"] == [expected["codes"]]).all()
        assert (arrays["segment_frames"] == [expected["starts"]]).all()
        assert (arrays["segment_scales"] == np.float32([expected["scales"]])).all()
        assert convert(folder / f"a.{format}", folder / "b.ecdc").read_bytes() == data
        print(f"{format}: read by its own library, and back byte for byte")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codetta", default=ROOT / ".build/release/codetta")
    convert = Converter(parser.parse_args().codetta)
    with tempfile.TemporaryDirectory() as scratch:
        for check in (check_ecdc, check_dac, check_arrays):
            check(convert, pathlib.Path(scratch))


if __name__ == "__main__":
    main()
