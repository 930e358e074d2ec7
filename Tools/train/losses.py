"""Reconstruction losses: multi-resolution log-mel and compressed complex spectra, and the waveform's."""
import functools

import numpy as np
import torch
import torch.nn as nn


# FFT sizes and mel bands of the multi-resolution measures, in the loss and in validation.
MEL_SCALES = ((2048, 160), (1024, 80), (512, 40), (256, 20), (128, 10))


@functools.cache
def mel_filterbank(fft_size, bands, rate=24000, low=0.0, high=12000.0):
    """Triangles on the HTK mel scale, peak one, [fft_size/2+1, bands]; bands too narrow for the resolution are dropped."""
    points = 700 * (10 ** (np.linspace(mel(low), mel(high), bands + 2) / 2595) - 1)
    frequency = np.linspace(0, rate / 2, fft_size // 2 + 1)
    bank = np.zeros((bands, len(frequency)), np.float32)
    for i in range(bands):
        a, b, c = points[i : i + 3]
        bank[i] = np.clip(np.minimum((frequency - a) / (b - a), (c - frequency) / (c - b)), 0, None)
    return torch.from_numpy(bank[bank.sum(1) > 0].T.copy())


def mel(frequency):
    return 2595 * np.log10(1 + frequency / 700)


class SpectralLoss(nn.Module):
    """L1 of log-mel magnitudes, of power-0.5 compressed complex spectra, and of the log of each band's mean over time, averaged
    over resolutions.

    The third holds the level: the first asks for the median of what is uncertain and the second shrinks it, so that the output
    would be quieter than the target. `sampled` resolutions are drawn a step while training: the expectation is the same, the cost is
    not.
    """

    def __init__(self, sampled=0):
        super().__init__()
        self.sampled = sampled
        for size, bands in MEL_SCALES:
            self.register_buffer(f"bank{size}", mel_filterbank(size, bands))
            self.register_buffer(f"window{size}", torch.hann_window(size))

    def spectrum(self, x, size):
        window = getattr(self, f"window{size}")
        s = torch.stft(x, size, size // 4, window=window, return_complex=True).transpose(1, 2) * (2 / size**0.5)
        magnitude = (s.real.square() + s.imag.square() + 1e-8).sqrt()
        return s, magnitude

    def forward(self, y, x, weights=None):
        """The three by name. weights: None, or (edges in Hz [batch], what errors above an item's edge count)."""
        scales = MEL_SCALES
        if self.sampled and self.training:
            scales = [scales[i] for i in torch.randperm(len(scales))[: self.sampled]]
        totals = dict.fromkeys(("mel", "complex", "bands"), 0.0)
        for size, _ in scales:
            bank = getattr(self, f"bank{size}")
            with torch.no_grad():
                target, target_magnitude = self.spectrum(x, size)
                target_mel = target_magnitude @ bank
                tg = target_magnitude.rsqrt()
            output, magnitude = self.spectrum(y, size)
            output_mel = magnitude @ bank
            mel_error = log_difference(output_mel, target_mel)
            bands_error = log_difference(output_mel.mean(1, keepdim=True), target_mel.mean(1, keepdim=True))
            g = magnitude.rsqrt()
            complex_error = (output.real * g - target.real * tg).abs() + (output.imag * g - target.imag * tg).abs()
            if weights is not None:
                by_bin = band_weights(weights, magnitude.shape[-1])
                complex_error = complex_error * by_bin
                by_band = (by_bin @ bank) / bank.sum(0)
                mel_error, bands_error = mel_error * by_band, bands_error * by_band
            for name, error in (("mel", mel_error), ("complex", complex_error), ("bands", bands_error)):
                totals[name] = totals[name] + error.mean() / len(scales)
        return totals


def log_difference(a, b, floor=1e-4):
    """Of magnitudes, in units of 20 dB."""
    return (torch.log10(a + floor) - torch.log10(b + floor)).abs()


def band_weights(bands, bins, rate=24000):
    """[batch, 1, bins] of bands (edges in Hz [batch], weight above): one up to an item's edge, the given weight above it."""
    edges, above = bands
    frequency = torch.arange(bins, device=edges.device) * (rate / 2 / (bins - 1))
    return torch.where(frequency > edges[:, None, None], above, 1.0)


def waveform_loss(y, x, weights):
    """Signal-to-distortion ratio, negative, in units of 10 dB, item by item with its weight [batch]; bounded for near silence."""
    energy = x.square().mean(1)
    ratio = ((y - x).square().mean(1) + 1e-3 * energy + 1e-8) / (energy + 1e-8)
    return (ratio.log10() * weights).mean()
