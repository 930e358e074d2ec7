"""Golden vectors for Tests/QuantizersTests: LFQ, BSQ and residual FSQ of the PyTorch package vector-quantize-pytorch.

    python Tools/goldens/binary_and_residual_fsq.py        (needs torch, vector-quantize-pytorch and safetensors)

Frames with a value that rounding could decide are left out.
"""
import os

import torch
from safetensors.torch import save_file
from vector_quantize_pytorch import LFQ, ResidualFSQ

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "../../Tests/QuantizersTests/Fixtures")
LEVELS, STAGES = [5, 4, 3], 3


def binary(spherical):
    """Two codebooks of 5 bits behind projections from 7 channels."""
    torch.manual_seed(1 + spherical)
    quantizer = LFQ(dim=7, codebook_size=32, num_codebooks=2, spherical=spherical).eval()
    latents = torch.randn(64, 7)
    latents = latents[(quantizer.project_in(latents).abs() > 1e-3).all(1)][:48]
    decoded, codes, _ = quantizer(latents[None])
    weights = {f"{name}.{field}": getattr(getattr(quantizer, name), field).detach().clone()
               for name in ("project_in", "project_out") for field in ("weight", "bias")}
    return dict(latents=latents, codes=codes[0].t().int().contiguous(), decoded=decoded[0].detach().contiguous(), **weights)


def residual_fsq():
    torch.manual_seed(3)
    quantizer = ResidualFSQ(levels=LEVELS, num_quantizers=STAGES, dim=len(LEVELS)).eval()
    latents = torch.randn(96, len(LEVELS)) * 0.7
    decoded, codes = quantizer(latents[None])
    nudged = [quantizer(latents[None] + shift)[1] for shift in (1e-4, -1e-4)]
    steady = ((codes == nudged[0]) & (codes == nudged[1])).all(-1)[0]
    return dict(latents=latents[steady], codes=codes[0][steady].t().int().contiguous(),
                decoded=decoded[0][steady].detach().contiguous(), levels=torch.tensor(LEVELS, dtype=torch.int32))


if __name__ == "__main__":
    for name, tensors in (("lfq", binary(False)), ("bsq", binary(True)), ("rfsq", residual_fsq())):
        save_file(tensors, os.path.join(FIXTURES, f"{name}.safetensors"))
        print(name, {key: tuple(value.shape) for key, value in tensors.items()})
