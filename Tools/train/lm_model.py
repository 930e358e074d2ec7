"""A transformer over codec tokens, autoregressive or masked. The PyTorch twin of Sources/TokenLM/TokenLanguageModel.swift.

A step's embeddings, one table a codebook, are summed -> condition prefix -> pre-norm layers -> RMSNorm -> one head a codebook.
The last row of each table stands for an absent or unknown code (or for no condition); a step of absent codes starts the sequence.
"""
import dataclasses

import torch
import torch.nn as nn
import torch.nn.functional as F

from lm_patterns import ABSENT


@dataclasses.dataclass
class Config:
    model_type: str = "codetta-lm"
    kind: str = "autoregressive"     # autoregressive | masked
    codec: str = "codetta-24k"
    frame_rate: float = 50.0
    codebook_sizes: list = dataclasses.field(default_factory=lambda: [1024] * 6)
    codebook_strides: list = dataclasses.field(default_factory=lambda: [1] * 6)
    pattern: str = "delay"           # one of lm_patterns.PATTERNS; parallel for a masked model
    coarse_codebooks: int = 1
    hidden_size: int = 256
    num_layers: int = 6
    num_heads: int = 4
    num_key_value_heads: int = 2
    intermediate_size: int = 704
    context: int = 1024              # steps that a step sees, the prefix included
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-6
    num_classes: int = 0
    text_symbols: list = dataclasses.field(default_factory=list)
    future_heads: int = 0            # heads that draft the steps after the next one


class RMSNorm(nn.Module):
    def __init__(self, size, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(size)), epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x, cosine, sine):
    """Turns channels i and i + half of each head; x is [batch, heads, steps, head size]."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.key_heads = c.num_heads, c.num_key_value_heads
        self.size = c.hidden_size // c.num_heads
        self.query = nn.Linear(c.hidden_size, c.hidden_size, bias=False)
        self.key = nn.Linear(c.hidden_size, self.size * self.key_heads, bias=False)
        self.value = nn.Linear(c.hidden_size, self.size * self.key_heads, bias=False)
        self.output = nn.Linear(c.hidden_size, c.hidden_size, bias=False)

    def forward(self, x, table, mask):
        batch, steps, _ = x.shape
        split = lambda y, heads: y.view(batch, steps, heads, self.size).transpose(1, 2)
        q, k, v = split(self.query(x), self.heads), split(self.key(x), self.key_heads), split(self.value(x), self.key_heads)
        q, k = rotate(q, *table), rotate(k, *table)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
        return self.output(mixed.transpose(1, 2).reshape(batch, steps, -1))


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention_norm, self.attention = RMSNorm(c.hidden_size, c.norm_epsilon), Attention(c)
        self.feed_forward_norm, self.feed_forward = RMSNorm(c.hidden_size, c.norm_epsilon), FeedForward(c)

    def forward(self, x, table, mask):
        x = x + self.attention(self.attention_norm(x), table, mask)
        return x + self.feed_forward(self.feed_forward_norm(x))


class TokenLM(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = c = config
        d = c.hidden_size
        self.embeddings = nn.ModuleList(nn.Embedding(size + 1, d) for size in c.codebook_sizes)
        self.classes = nn.Embedding(c.num_classes + 1, d) if c.num_classes else None
        self.text = nn.Embedding(len(c.text_symbols) + 1, d) if c.text_symbols else None
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.num_layers))
        self.norm = RMSNorm(d, c.norm_epsilon)
        self.heads = nn.ModuleList(nn.Linear(d, size, bias=False) for size in c.codebook_sizes)
        self.future = nn.ModuleList(nn.Linear(d, d, bias=False) for _ in range(c.future_heads))
        self.initialise()

    def initialise(self):
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                small = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * self.config.num_layers) ** 0.5 if small else 0.02)

    def embed(self, grid):
        """Grid [batch, steps, codebooks], ABSENT where no code is."""
        return sum(
            table(torch.where(grid[..., k] == ABSENT, table.num_embeddings - 1, grid[..., k]))
            for k, table in enumerate(self.embeddings))

    def prefix(self, batch, classes=None, text=None):
        """[batch, n, hidden size]: classes [batch] with -1 for none; text [batch, symbols] of indices, None for none."""
        parts, device = [], self.norm.weight.device
        if self.classes is not None:
            classes = torch.full((batch,), -1, device=device) if classes is None else classes
            parts.append(self.classes(torch.where(classes < 0, self.config.num_classes, classes))[:, None])
        if self.text is not None:
            none = torch.full((batch, 1), len(self.config.text_symbols), device=device)
            parts.append(self.text(none if text is None else text))
        return torch.cat(parts, 1) if parts else torch.zeros(batch, 0, self.config.hidden_size, device=device)

    def hidden(self, grid, classes=None, text=None):
        """Normalised hidden states, one a step of the grid."""
        c, x = self.config, self.embed(grid)
        prefix = self.prefix(len(grid), classes, text)
        x = torch.cat([prefix, x], 1)
        positions = torch.arange(x.shape[1], device=x.device)
        size = c.hidden_size // c.num_heads
        frequencies = c.rope_theta ** (-torch.arange(0, size, 2, device=x.device).float() / size)
        angles = positions[:, None].float() * frequencies
        distance = positions[:, None] - positions
        mask = (distance >= 0) & (distance < c.context) if c.kind == "autoregressive" else None
        for layer in self.layers:
            x = layer(x, (angles.cos(), angles.sin()), mask)
        return self.norm(x[:, prefix.shape[1] :])

    def future_hidden(self, hidden, distance):
        return hidden + F.silu(self.future[distance - 1](hidden))

    def forward(self, grid, classes=None, text=None):
        """Logits of every codebook, [batch, steps, size] each; of an autoregressive model for the grid's own steps, shifted here."""
        if self.config.kind == "autoregressive":
            grid = self.shifted(grid)
        hidden = self.hidden(grid, classes, text)
        return [head(hidden) for head in self.heads]

    @staticmethod
    def shifted(grid):
        return torch.cat([torch.full_like(grid[:, :1], ABSENT), grid[:, :-1]], 1)
