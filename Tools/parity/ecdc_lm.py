"""How far a file that EnCodec compressed with its language model can be read when the probabilities differ in their last bits.

    ENCODEC=checkout python Tools/parity/ecdc_lm.py [--seconds S]

ENCODEC is a checkout of facebookresearch/encodec, whose own `compress_to_file` and `decompress_from_file` run here, with a language
model of the published size (5 layers of 200 channels, 8 heads) and random weights, sharpened to several numbers of bits a code
(the package promises files a fifth to a third smaller: 7 to 8 bits of 10). The codes are drawn from the model itself. Each file is
read in processes that differ from the writer's in one setting of how the same sums are carried out. Printed: codes read before the
first wrong one, of all; of the 8192 probabilities of the second frame those that differ, and the boundaries of the quantized
distributions made of them that do; and how the reading ended.
"""
import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types

CODEBOOKS, SIZE, RATE = 8, 1024, 75
# How the writer computes: one thread, whatever instructions the machine has, each step by itself.
WRITER = {"threads": 1, "double": False, "mkldnn": True, "together": False, "environment": {}}
READERS = {
    "the writer's own": {},
    "2 threads": {"threads": 2},
    "without oneDNN": {"mkldnn": False},
    "instructions of AVX2": {"environment": {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}},
    "instructions of any x86": {"environment": {"ATEN_CPU_CAPABILITY": "default", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}},
    "doubles, rounded to floats": {"double": True},
    "all steps together": {"together": True},
}


def encodec():
    """The checkout's module encodec.compress, without its audio library."""
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    sys.path.insert(0, os.environ["ENCODEC"])
    return importlib.import_module("encodec.compress")


class Codec:
    """What the reference asks of a model when it writes or reads a file: the codes are those given or read."""

    name, sample_rate, frame_rate, bits_per_codebook, normalize = "encodec_24khz", RATE * 320, RATE, 10, False
    segment_length = segment_stride = None

    def __init__(self, lm, codes=None):
        self.lm, self.codes = lm, codes

    def to(self, device):
        return self

    def get_lm_model(self):
        return self.lm

    def encode(self, audio):
        return [(self.codes[None], None)]

    def decode(self, frames):
        import torch
        self.codes = frames[0][0][0]
        return torch.zeros(1, 1, 1)


def language_model(state=None, sharpness=1.0, seed=2):
    """The published size, in evaluation mode; random weights unless `state` has some."""
    import torch
    torch.manual_seed(seed)
    encodec()
    from encodec.model import LMModel
    lm = LMModel(CODEBOOKS, SIZE, past_context=int(3.5 * RATE)).eval()
    if state is not None:
        lm.load_state_dict(state)
    else:
        for linear in lm.linears:
            linear.weight.data.mul_(sharpness)
    return lm


class Variant:
    """The language model as one setting computes it. Keeps the codes that it was given, and the first probabilities."""

    def __init__(self, lm, setting, codes):
        import torch
        torch.set_num_threads(setting["threads"])
        torch.backends.mkldnn.enabled = setting["mkldnn"]
        self.lm = lm.double() if setting["double"] else lm
        self.seen, self.first, self.rows = [], None, None
        if setting["together"]:
            shifted = torch.cat([torch.zeros(1, CODEBOOKS, 1, dtype=torch.long), 1 + codes[None, :, :-1]], dim=-1)
            self.rows = lm(shifted)[0]

    def __call__(self, codes, states, offset):
        import torch
        self.seen.append(codes[0, :, 0] - 1)
        if self.rows is None:
            probabilities, states, offset = self.lm(codes, states, offset)
        else:
            probabilities, states = self.rows[..., len(self.seen) - 1:len(self.seen)], ()
        probabilities = probabilities.to(torch.float32)
        if len(self.seen) == 2:
            self.first = probabilities[0, :, :, 0].T.contiguous()
        return probabilities, states, offset


def sample(lm, frames, seed=4):
    """Codes [codebooks, frames] drawn from the model, and their mean bits."""
    import torch
    generator = torch.Generator().manual_seed(seed)
    codes, bits = torch.zeros(1, CODEBOOKS, 1, dtype=torch.long), 0.0
    states, offset, drawn = None, 0, []
    for _ in range(frames):
        probabilities, states, offset = lm(codes, states, offset)
        rows = probabilities[0, :, :, 0].T
        picked = torch.multinomial(rows, 1, generator=generator)
        bits -= float(torch.log2(rows.gather(1, picked)).sum())
        drawn.append(picked[:, 0])
        codes = 1 + picked[None]
    return torch.stack(drawn, dim=1), bits / frames / CODEBOOKS


def prepare(folder, frames, sharpness):
    """Weights and codes in files; mean bits a code."""
    import torch
    torch.set_num_threads(1)
    with torch.no_grad():
        lm = language_model(sharpness=sharpness)
        codes, bits = sample(lm, frames)
    torch.save({"lm": lm.state_dict(), "codes": codes}, folder / "model.pt")
    return bits


def work(task):
    """In a process of its own, for settings that hold from its start: writes the file, or reads it and tells how far."""
    import torch
    folder, setting = pathlib.Path(task["folder"]), task["setting"]
    saved = torch.load(folder / "model.pt", weights_only=True)
    codes, module = saved["codes"], encodec()
    with torch.no_grad():
        lm = Variant(language_model(saved["lm"]), setting, codes)
        if task["verb"] == "write":
            with open(folder / "a.ecdc", "wb") as file:
                module.compress_to_file(Codec(lm, codes), torch.zeros(1, 320 * codes.shape[1]), file, use_lm=True)
            torch.save(lm.first, folder / "first.pt")
            return {"bytes": (folder / "a.ecdc").stat().st_size}
        reader, end = Codec(lm), "the last frame"
        module.MODELS["encodec_24khz"] = lambda: reader
        try:
            module.decompress((folder / "a.ecdc").read_bytes())
        except (EOFError, RuntimeError) as error:
            end = str(error)
        # Where that fails, the codes that the model was given for the next frame.
        read = torch.stack(lm.seen[1:], dim=1) if reader.codes is None else reader.codes
        same = (read == codes[:, :read.shape[1]]).T.flatten()
        wrong = (~same).nonzero()
        theirs = torch.load(folder / "first.pt", weights_only=True)
        cdfs = [torch.stack([module.build_stable_quantized_cdf(row, 24) for row in rows]) for rows in (theirs, lm.first)]
        return {
            "codes": int(wrong[0]) if len(wrong) else len(same), "of": codes.numel(), "end": end,
            "probabilities": int((theirs != lm.first).sum()), "boundaries": int((cdfs[0] != cdfs[1]).sum())}


def launch(verb, folder, **changes):
    setting = {**WRITER, **changes}
    task = json.dumps({"verb": verb, "folder": str(folder), "setting": setting})
    command = [sys.executable, "-W", "ignore", __file__, "--task", task]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **setting["environment"]})
    if result.returncode:
        sys.exit(result.stderr)
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1, help="length of the recording (default: 1)")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        print(json.dumps(work(json.loads(arguments.task))))
        return
    row = "{:<28} {:>12} {:>8} {:>14} {:>11}   {}"
    for sharpness in (2.5, 4, 9):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            bits = prepare(folder, round(arguments.seconds * RATE), sharpness)
            size = launch("write", folder)["bytes"]
            print(f"\n{bits:.2f} bits a code, {size} bytes")
            print(row.format("reader", "right codes", "of", "probabilities", "boundaries", "ended at"))
            for name, changes in READERS.items():
                result = launch("read", folder, **changes)
                print(row.format(name, *(result[key] for key in ("codes", "of", "probabilities", "boundaries", "end"))), flush=True)


if __name__ == "__main__":
    main()
