"""Golden files for Tests/QuantizersTests: quantizers as Tools/train writes them, with the codes that PyTorch gives.

    python Tools/goldens/trained_quantizers.py        (needs torch and safetensors)
"""
import os
import sys
import types

import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../train"))
from quantizer import build_quantizer  # noqa: E402
from quantizer_file import write  # noqa: E402

FIXTURES = os.path.join(HERE, "../../Tests/QuantizersTests/Fixtures")
CODEBOOKS = 4

if __name__ == "__main__":
    for kind in ("rvq", "grvq", "fsq", "lattice"):
        torch.manual_seed(7)
        z = torch.randn(3000, 8) @ torch.randn(8, 8)
        quantizer = build_quantizer(types.SimpleNamespace(quantizer=kind, codebook_dim=8, num_codebooks=CODEBOOKS, codebook_size=36)).eval()
        quantizer.fit(z, 100)
        latents = torch.randn(80, 8) @ torch.randn(8, 8)
        with torch.no_grad():
            codes = quantizer.encode(latents[None], CODEBOOKS)
            # Frames that rounding could decide are left out.
            steady = torch.stack([(quantizer.encode(latents[None] * s, CODEBOOKS) == codes).all(1)[0] for s in (1 + 1e-5, 1 - 1e-5)]).all(0)
            decoded = quantizer.decode(codes)[0]
        write(quantizer, os.path.join(FIXTURES, f"trained-{kind}.safetensors"))
        golden = os.path.join(FIXTURES, f"trained-{kind}-codes.safetensors")
        save_file(dict(latents=latents[steady], codes=codes[0][:, steady].int().contiguous(), decoded=decoded[steady].contiguous()), golden)
        os.chmod(golden, 0o644)
        print(kind, int(steady.sum()), "frames, error", float((decoded - latents).square().mean() / latents.square().mean()))
