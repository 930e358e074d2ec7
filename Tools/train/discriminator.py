"""Discriminators: judges of complex spectra and of the waveform's periods, small enough for a processor core.

After the STFT discriminators of SoundStream and EnCodec and the multi-period discriminator of HiFi-GAN (Kong et al. 2020). A step draws
one judge of each kind and a piece of every item: the expectation is that of using them all, the cost is not.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = (1024, 512, 256)
PERIODS = (2, 3, 5, 7, 11)


class SpectrumJudge(nn.Module):
    """Convolutions over time and frequency of one resolution; audio [batch, time] to verdicts and every layer's features.

    It sees the compressed complex spectrum, the log magnitude, and each bin's frequency, without which a convolution could not tell
    low from high.
    """

    def __init__(self, size, channels):
        super().__init__()
        self.size = size
        self.register_buffer("window", torch.hann_window(size), persistent=False)
        widths = [4, channels, channels * 3 // 2, channels * 2, channels * 3]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (3, 9), stride=(1, 2), dilation=(2**i, 1), padding=(2**i, 4))
            for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.output = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def planes(self, x):
        """[batch, 4, frames, bins]; magnitudes to the power of one half, and their logarithm."""
        with torch.autocast(x.device.type, enabled=False):
            s = torch.stft(x.float(), self.size, self.size // 4, window=self.window, return_complex=True).transpose(1, 2) * (2 / self.size**0.5)
            power = s.real.square() + s.imag.square() + 1e-6
            gain = power.pow(-0.25)
            frequency = torch.linspace(-1, 1, s.shape[2], device=x.device).expand_as(gain)
            return torch.stack([s.real * gain, s.imag * gain, 0.2 * power.log() + 1, frequency], 1)

    def forward(self, x):
        x, features = self.planes(x), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.output(x), features


class PeriodJudge(nn.Module):
    """Convolutions along each of the phases of one period; audio [batch, time] to verdicts and every layer's features."""

    def __init__(self, period, widths):
        super().__init__()
        self.period = period
        strides = [3] * (len(widths) - 1) + [1]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (5, 1), stride=(stride, 1), padding=(2, 0)) for a, b, stride in zip([1, *widths], widths, strides))
        self.output = nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0))

    def forward(self, x):
        x, features = F.pad(x, (0, -x.shape[1] % self.period)).view(len(x), 1, -1, self.period), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.output(x), features


class Discriminator(nn.Module):
    """All judges by name, in the order spectra, periods."""

    def __init__(self, channels, widths, seconds, rate=24000):
        super().__init__()
        self.length = round(seconds * rate)
        self.judges = nn.ModuleDict({f"spectrum{size}": SpectrumJudge(size, channels) for size in SIZES})
        self.judges.update({f"period{period}": PeriodJudge(period, widths) for period in PERIODS} if widths else {})

    def draw(self):
        """The names of this step's judges: one of the spectra's, one of the periods'."""
        kinds = [[name for name in self.judges if name.startswith(kind)] for kind in ("spectrum", "period")]
        return [names[int(torch.randint(len(names), ()))] for names in kinds if names]

    def pieces(self, y, x):
        """The same piece of output and target, each item at the target's level."""
        start = int(torch.randint(max(1, x.shape[1] - self.length + 1), ()))
        level = x.square().mean(1, keepdim=True).sqrt() + 1e-4
        return [(v / level)[:, start : start + self.length] for v in (y, x)]

    def losses(self, name, y, x):
        """Of one judge on pieces of output and target: its own loss, what the codec is to lower of its verdicts, and of its features.

        Least squares (Mao et al. 2017): the judge learns one for the target and zero for the output; the codec wants one. Features are
        matched relative to their size.
        """
        judge = self.judges[name]
        real, wanted = judge(x)
        fake, features = judge(y)
        own = (real.float() - 1).square().mean() + fake.float().square().mean()
        matching = sum((a.float() - b.float().detach()).abs().mean() / (b.float().detach().abs().mean() + 1e-4) for a, b in zip(features, wanted))
        return own, (fake.float() - 1).square().mean(), matching / len(features)
