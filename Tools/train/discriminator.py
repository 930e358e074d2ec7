"""A discriminator on complex spectra, small enough for a processor core (after the STFT discriminators of SoundStream and EnCodec)."""
import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = (1024, 512, 256)


class SpectrumJudge(nn.Module):
    """Convolutions over time and frequency of one resolution; returns the verdicts and every layer's features."""

    def __init__(self, channels):
        super().__init__()
        widths = [2, channels, channels, channels, channels]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (3, 9), stride=(1, 2), dilation=(2**i, 1), padding=(2**i, 4))
            for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.output = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.output(x), features


class Discriminator(nn.Module):
    """One judge a resolution; a step draws one of them and a piece of every item: the expectation is the same, the cost is not."""

    def __init__(self, channels, seconds, rate=24000):
        super().__init__()
        self.length = round(seconds * rate)
        self.judges = nn.ModuleList(SpectrumJudge(channels) for _ in SIZES)
        for size in SIZES:
            self.register_buffer(f"window{size}", torch.hann_window(size), persistent=False)

    def draw(self, y, x):
        """The judge of this step and the pieces of output and target that it sees, both at the target's level."""
        start = int(torch.randint(max(1, x.shape[1] - self.length + 1), ()))
        level = x.square().mean(1, keepdim=True).sqrt() + 1e-4
        pieces = [(v / level)[:, start : start + self.length] for v in (y, x)]
        return int(torch.randint(len(SIZES), ())), *pieces

    def judge(self, which, x):
        """Verdicts and features of audio [batch, time]; magnitudes to the power of one half."""
        size = SIZES[which]
        window = getattr(self, f"window{size}")
        with torch.autocast(x.device.type, enabled=False):
            s = torch.stft(x.float(), size, size // 4, window=window, return_complex=True).transpose(1, 2) * (2 / size**0.5)
            gain = (s.real.square() + s.imag.square() + 1e-6).pow(-0.25)
            planes = torch.stack([s.real * gain, s.imag * gain], 1)
        return self.judges[which](planes)

    def own_loss(self, which, y, x):
        """Least squares (Mao et al. 2017): one for the target, zero for the output."""
        return (self.judge(which, x)[0].float() - 1).square().mean() + self.judge(which, y.detach())[0].float().square().mean()

    def losses(self, which, y, x):
        """What the codec is to lower: how far the verdicts on its output are from one, and how far its features are from the target's."""
        with torch.no_grad():
            _, wanted = self.judge(which, x)
        verdict, features = self.judge(which, y)
        matching = sum((a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-4) for a, b in zip(features, wanted))
        return (verdict.float() - 1).square().mean(), matching / len(features)
