"""The network that predicts codes for `--entropy lm`, in floating point: what entropy.py trains and entropy_export.py makes integer."""
import torch
import torch.nn.functional as F
from torch import nn


class EntropyModel(nn.Module):
    """A recurrent network over frames and, for each codebook, a layer over its state and the frame's earlier codes.

    Every code has an embedding. The sum over a frame's codes goes into the recurrence; the recurrence's state, the sum over the frame
    before and the sum over the frame's codes before codebook k go into the head of codebook k. A stream of fewer codebooks uses the
    first ones.
    """

    def __init__(self, codebooks, size, width, hidden, head):
        super().__init__()
        self.settings = dict(codebooks=codebooks, size=size, width=width, hidden=hidden, head=head)
        self.embedding = nn.Parameter(torch.randn(codebooks, size, width) * 0.3)
        self.recurrence = nn.GRU(width, hidden, batch_first=True)
        self.from_state = nn.Parameter(torch.randn(codebooks, head, hidden) * hidden**-0.5)
        self.from_last = nn.Parameter(torch.randn(codebooks, head, width) * 0.5 * width**-0.5)
        self.from_frame = nn.Parameter(torch.randn(codebooks, head, width) * width**-0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(codebooks, head))
        self.output = nn.Parameter(torch.randn(codebooks, size, head) * 0.02)
        self.output_bias = nn.Parameter(torch.zeros(codebooks, size))

    @torch.no_grad()
    def start_from(self, codewords):
        """Embeddings that are the codec's codewords [codebooks, size, dimension] and outputs that are projections of them."""
        scale = codewords.sum(0).std()
        self.embedding.zero_()
        self.embedding[..., : codewords.shape[-1]] = codewords / scale
        each = codewords.std((1, 2), keepdim=True)
        projection = torch.randn(codewords.shape[-1], self.output.shape[-1]) * codewords.shape[-1] ** -0.5
        self.output.copy_(codewords / each @ projection * 0.1)

    @torch.no_grad()
    def start_from_narrower(self, weights):
        """The network of `weights`, whose layers may be narrower, computed by the first units of each layer; the others start at random
        and say nothing at first."""
        own = self.state_dict()
        gates = ("recurrence.weight_ih_l0", "recurrence.weight_hh_l0", "recurrence.bias_ih_l0", "recurrence.bias_hh_l0")
        states = weights[gates[1]].shape[1]
        for name, new in own.items():
            old = weights[name]
            if name in gates:  # three gates, one above the other
                new, old = new.unflatten(0, (3, -1)), old.unflatten(0, (3, -1))
            place = tuple(slice(size) for size in old.shape)
            new[place] = old
            if name == "recurrence.weight_hh_l0":
                new[:, :states, states:] = 0
            if name == "from_state":
                new[:, : old.shape[1], states:] = 0
            if name == "output":
                new[:, :, old.shape[2] :] = 0

    def hidden(self, codes):
        """Hidden layers of the heads, each [batch, frames, head], of codes [batch, frames, codebooks]."""
        count = codes.shape[-1]
        embedded = torch.stack([F.embedding(codes[..., k], self.embedding[k]) for k in range(count)], 2)
        sums = embedded.cumsum(2)
        before = F.pad(sums[:, :, -1], (0, 0, 1, 0))[:, :-1]
        state = self.recurrence(before)[0]
        layers = []
        for k in range(count):
            hidden = state @ self.from_state[k].T + before @ self.from_last[k].T + self.hidden_bias[k]
            layers.append(F.relu(hidden + sums[:, :, k - 1] @ self.from_frame[k].T if k else hidden))
        return layers

    def losses(self, codes):
        """Nats of each codebook, [codebooks, batch · frames], of codes [batch, frames, codebooks]."""
        nats = []
        for k, hidden in enumerate(self.hidden(codes)):
            logits = hidden @ self.output[k].T + self.output_bias[k]
            nats.append(F.cross_entropy(logits.flatten(0, 1).float(), codes[..., k].flatten(), reduction="none"))
        return torch.stack(nats)
