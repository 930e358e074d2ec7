"""The quantizers that a config can name: rvq (the default), grvq, fsq, lattice.

RVQ's codebooks are learned by exponential moving averages (SoundStream, Zeghidour et al. 2021), the others' parameters by
gradients. All share one interface: forward, fit, encode, decode; quantizer_file.py writes each for Swift.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def nearest(x, codebook):
    """Index of the nearest codeword: the greatest x.e - |e|^2 / 2."""
    return torch.addmm(-0.5 * codebook.square().sum(1), x, codebook.t()).argmax(-1)


def build_quantizer(config):
    """The quantizer of a model's config: its `quantizer`, with `quantizer_groups` and `rotation` where they matter."""
    kind = getattr(config, "quantizer", "rvq")
    sizes = config.codebook_dim, config.num_codebooks, config.codebook_size
    rotation = getattr(config, "rotation", False)
    if kind == "rvq":
        return ResidualVectorQuantizer(*sizes, rotation=rotation)
    if kind == "grvq":
        return GroupedQuantizer(*sizes, groups=getattr(config, "quantizer_groups", 2), rotation=rotation)
    if kind in ("fsq", "lattice"):
        return (FiniteScalarQuantizer if kind == "fsq" else LatticeQuantizer)(*sizes)
    raise SystemExit(f"quantizer {kind} is unknown; known: rvq, grvq, fsq, lattice")


def rotated(z, target):
    """`target` as a rotation and scaling of z, which alone carries the gradient (Fifty et al. 2024, the rotation trick)."""
    length = z.detach().norm(dim=-1, keepdim=True).clamp_min(1e-6)
    e, q = z.detach() / length, F.normalize(target.detach(), dim=-1, eps=1e-6)
    r = F.normalize(e + q, dim=-1, eps=1e-6)
    turned = z - 2 * (z * r).sum(-1, keepdim=True) * r + 2 * (z * e).sum(-1, keepdim=True) * q
    return turned * (target.detach().norm(dim=-1, keepdim=True) / length)


class ResidualVectorQuantizer(nn.Module):
    def __init__(self, dim, codebooks, size, decay=0.99, rotation=False):
        super().__init__()
        self.decay, self.rotation = decay, rotation
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
        quantized = rotated(z, total) if self.rotation else z + (total - z).detach() * (level / level.detach())
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


class GroupedQuantizer(nn.Module):
    """RVQ on equal shares of the channels (HiFi-Codec); stream s * groups + g is stage s of group g."""

    def __init__(self, dim, codebooks, size, groups=2, rotation=False):
        super().__init__()
        if dim % groups or codebooks % groups:
            raise SystemExit(f"{groups} groups do not divide {dim} channels and {codebooks} codebooks")
        self.groups = nn.ModuleList(
            ResidualVectorQuantizer(dim // groups, codebooks // groups, size, rotation=rotation) for _ in range(groups))

    def forward(self, z, active):
        count = len(self.groups)
        parts = [group(share, (active - g + count - 1) // count)
                 for g, (group, share) in enumerate(zip(self.groups, z.chunk(count, -1)))]
        return torch.cat([quantized for quantized, _ in parts], -1), sum(loss for _, loss in parts) / count

    def fit(self, z, per_step):
        for group, share in zip(self.groups, z.chunk(len(self.groups), -1)):
            group.fit(share.contiguous(), per_step)

    def encode(self, z, codebooks):
        count = len(self.groups)
        streams = [None] * codebooks
        for g, (group, share) in enumerate(zip(self.groups, z.chunk(count, -1))):
            own = range(g, codebooks, count)
            codes = group.encode(share, len(own)) if own else None
            for s, k in enumerate(own):
                streams[k] = codes[:, s]
        return torch.stack(streams, 1)

    def decode(self, codes):
        count = len(self.groups)
        empty = lambda group: codes.new_zeros(codes.shape[0], codes.shape[2], group.codebooks.shape[2], dtype=torch.float32)
        return torch.cat([group.decode(codes[:, g::count]) if g < codes.shape[1] else empty(group)
                          for g, group in enumerate(self.groups)], -1)


def levels_of(size):
    """Level counts, each at least 3, whose product is near `size` and not above it."""
    count = max(1, round(math.log(size) / math.log(5.6)))
    levels = [max(3, int(size ** (1 / count)))] * count
    while math.prod(levels) > size and levels[-1] > 3:
        levels[levels.index(max(levels))] -= 1
    for i in range(count):
        while math.prod(levels) // levels[i] * (levels[i] + 1) <= size:
            levels[i] += 1
    return levels


class LevelQuantizer(nn.Module):
    """Levels of single channels behind learned projections, several codebooks side by side; those left out count as 0."""

    def __init__(self, dim, codebooks, size):
        super().__init__()
        self.levels, self.codebooks = levels_of(size), codebooks
        width = codebooks * len(self.levels)
        self.project_in, self.project_out = nn.Linear(dim, width), nn.Linear(width, dim)
        self.register_buffer("counts", torch.tensor(self.levels * codebooks, dtype=torch.float32), persistent=False)

    def used(self, active):
        """1 for the channels of the first `active` codebooks [batch], else 0: [batch, 1, channels]."""
        used = torch.arange(self.codebooks, device=active.device) < active[:, None]
        return used.repeat_interleave(len(self.levels), 1)[:, None].float()

    def forward(self, z, active):
        outer, loss = self.rounded(self.project_in(z), self.used(active))
        return self.project_out(outer), loss

    def scale(self):
        """Half the range of project_in's output that the levels should cover, per channel, in standard deviations 1/scale."""
        return torch.full_like(self.counts, 0.6)

    @torch.no_grad()
    def fit(self, z, per_step):
        """Principal components in and out, each with a spread that its levels cover."""
        width, mean = len(self.counts), z.mean(0)
        axes = torch.linalg.svd(z - mean, full_matrices=False)[2]
        # Every codebook gets strong and weak components; where there are more channels than components they repeat.
        order = torch.arange(width, device=z.device).view(len(self.levels), self.codebooks).t().reshape(-1) % len(axes)
        axes = axes[order]
        deviation = ((z - mean) @ axes.t()).std(0).clamp_min(1e-6)
        gain = self.scale() / deviation
        self.project_in.weight.copy_(axes * gain[:, None])
        self.project_in.bias.copy_(-(self.project_in.weight @ mean))
        codes = self.rounded(self.project_in(z[:20000]))[0]
        solution = torch.linalg.lstsq(F.pad(codes, (0, 1), value=1.0), z[:20000]).solution
        self.project_out.weight.copy_(solution[:-1].t())
        self.project_out.bias.copy_(solution[-1])

    @torch.no_grad()
    def encode(self, z, codebooks):
        digits = self.digits(self.project_in(z)).long().unflatten(-1, (self.codebooks, len(self.levels)))
        place = torch.tensor([math.prod(self.levels[:i]) for i in range(len(self.levels))], device=z.device)
        return (digits * place).sum(-1).transpose(1, 2)[:, :codebooks]

    @torch.no_grad()
    def decode(self, codes):
        used = self.used(torch.full((1,), codes.shape[1], device=codes.device))
        digits, rest = [], F.pad(codes, (0, 0, 0, self.codebooks - codes.shape[1])).transpose(1, 2)
        for count in self.levels:
            digits.append(rest % count)
            rest = rest // count
        return self.project_out(self.values(torch.stack(digits, -1).flatten(2).float(), used))


class FiniteScalarQuantizer(LevelQuantizer):
    """FSQ (Mentzer et al. 2023) with the published bound, by straight-through gradients; nothing else is learned."""

    def bounded(self, inner):
        half = (self.counts - 1) * 0.999 / 2
        offset = (self.counts % 2 == 0) * 0.5
        return torch.tanh(inner + torch.tan(offset / half)) * half - offset

    def rounded(self, inner, used=1):
        bounded = self.bounded(inner)
        return (bounded + (bounded.round() - bounded).detach()) / (self.counts // 2) * used, inner.new_zeros(())

    def digits(self, inner):
        return self.bounded(inner).round() + self.counts // 2

    def values(self, digits, used=1):
        return (digits - self.counts // 2) / (self.counts // 2) * used


class LatticeQuantizer(LevelQuantizer):
    """A learned lattice (Khalil et al. 2023, LL-VQ-VAE), Babai rounding; the basis follows the latents by its own loss."""

    def __init__(self, dim, codebooks, size):
        super().__init__(dim, codebooks, size)
        self.basis = nn.Parameter(torch.diag(3.4 / self.counts))

    def scale(self):
        return torch.ones_like(self.counts)

    def digits(self, inner):
        coordinates = torch.linalg.solve(self.basis.detach(), inner.detach().flatten(0, -2).t()).t().view_as(inner)
        return (coordinates + (self.counts - 1) / 2).round().clamp_min(0).minimum(self.counts - 1)

    def values(self, digits, used=1):
        return ((digits - (self.counts - 1) / 2) * used) @ self.basis.t()

    def rounded(self, inner, used=1):
        digits = self.digits(inner)
        values = self.values(digits)
        loss = (values - inner.detach()).square().mean() + 0.25 * (values.detach() - inner).square().mean()
        return inner * used + (self.values(digits, used) - inner * used).detach(), loss
