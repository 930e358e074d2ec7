"""DistillMOS: speech quality without a reference (Stahl and Gamper, 2025), 16 kHz, on the degraded file alone."""
import contextlib
import importlib.metadata
import io
import sys
import types

from audio import read_mono

PACKAGES = ["distillmos"]
SCORES = {"distillmos": dict(direction="higher", range=[1, 5])}


def version():
    return importlib.metadata.version("distillmos")


def open_scorer():
    import torch
    # The package needs torchaudio only for its own file reader, which is not used here, and torchaudio's build must match torch's.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    import distillmos
    with contextlib.redirect_stdout(io.StringIO()):
        model = distillmos.ConvTransformerSQAModel().eval()

    def score(reference, degraded):
        with torch.inference_mode():
            return {"distillmos": model(torch.from_numpy(read_mono(degraded, 16000))[None]).item()}
    return score
