"""Residual vector quantization with codebooks learned by exponential moving averages (SoundStream, Zeghidour et al. 2021)."""
import torch
import torch.nn as nn


def nearest(x, codebook):
    """Index of the nearest codeword: the greatest x.e - |e|^2 / 2."""
    return torch.addmm(-0.5 * codebook.square().sum(1), x, codebook.t()).argmax(-1)


class ResidualVectorQuantizer(nn.Module):
    def __init__(self, dim, codebooks, size, decay=0.99):
        super().__init__()
        self.decay = decay
        self.register_buffer("codebooks", torch.zeros(codebooks, size, dim))
        self.register_buffer("usage", torch.ones(codebooks, size), persistent=True)
        self.register_buffer("sums", torch.zeros(codebooks, size, dim), persistent=True)
        self.register_buffer("power", torch.ones(()))

    @property
    def size(self):
        return self.codebooks.shape[1]

    def forward(self, z, active):
        """z [batch, time, dim]; active [batch]: codebooks used by each item. Straight-through output; commitment and drift loss."""
        batch, time, dim = z.shape
        residual = z.detach().reshape(-1, dim).clone()
        used = active[:, None].expand(batch, time).reshape(-1)
        total = torch.zeros_like(residual)
        for k in range(len(self.codebooks)):
            rows = (used > k).nonzero()[:, 0]
            if len(rows) == 0:
                break
            r = residual[rows]
            index = nearest(r, self.codebooks[k])
            chosen = self.codebooks[k][index]
            if self.training:
                self.update(k, r, index)
            total.index_add_(0, rows, chosen)
            residual[rows] = r - chosen
        total = total.view_as(z)
        # Plain straight-through gradients take the error for noise of a fixed size, which a larger latent would drown: the
        # latents grow without end, codebooks lagging behind. So the error grows with the batch's level here.
        level = z.square().mean().sqrt()
        quantized = z + (total - z).detach() * (level / level.detach())
        drift = (level.square() / self.power).log().square()
        return quantized, (total - z).square().mean() / self.power + drift

    @torch.no_grad()
    def update(self, k, r, index):
        """Moving averages of counts and sums; codewords that fell out of use are moved onto current residuals."""
        keep = self.decay
        counts = torch.bincount(index, minlength=self.size).to(r.dtype)
        self.usage[k].mul_(keep).add_(counts, alpha=1 - keep)
        self.sums[k].mul_(keep).index_add_(0, index, r * (1 - keep))
        self.codebooks[k] = self.sums[k] / self.usage[k].clamp_min(1e-4)[:, None]
        mean = self.usage[k].mean()
        dead = (self.usage[k] < 0.04 * mean).nonzero()[:, 0]
        if len(dead):
            fresh = r[torch.randint(len(r), (len(dead),), device=r.device)]
            self.codebooks[k, dead] = fresh
            self.usage[k, dead] = 0.3 * mean
            self.sums[k, dead] = fresh * (0.3 * mean)

    @torch.no_grad()
    def fit(self, z, per_step, iterations=8):
        """k-means stage after stage on latents [n, dim]; per_step: frames that a training step will bring."""
        self.power.copy_(z.square().mean())
        residual = z
        for k in range(len(self.codebooks)):
            book = residual[torch.randperm(len(residual), device=z.device)[: self.size]].clone()
            for _ in range(iterations):
                index = nearest(residual, book)
                counts = torch.bincount(index, minlength=self.size).to(z.dtype)
                sums = torch.zeros_like(book).index_add_(0, index, residual)
                empty = counts == 0
                book = sums / counts.clamp_min(1)[:, None]
                book[empty] = residual[torch.randint(len(residual), (int(empty.sum()),), device=z.device)]
            self.codebooks[k] = book
            self.usage[k] = counts.clamp_min(0.5) * (per_step / len(z))
            self.sums[k] = book * self.usage[k][:, None]
            residual = residual - book[nearest(residual, book)]

    @torch.no_grad()
    def encode(self, z, codebooks):
        batch, time, dim = z.shape
        residual = z.reshape(-1, dim)
        codes = []
        for book in self.codebooks[:codebooks]:
            index = nearest(residual, book)
            residual = residual - book[index]
            codes.append(index.view(batch, time))
        return torch.stack(codes, 1)

    @torch.no_grad()
    def decode(self, codes):
        return sum(self.codebooks[k][codes[:, k]] for k in range(codes.shape[1]))
