"""Validation metrics: PESQ-WB, STOI, ESTOI, mel distance, SI-SDR, at the bitrates asked for."""
import multiprocessing

import numpy as np
import soxr
import torch
from pesq import pesq
from pystoi import stoi

from losses import MEL_SCALES, mel_filterbank

RATE = 24000


def si_sdr(x, y):
    """Scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019)."""
    x, y = x - x.mean(), y - y.mean()
    s = np.dot(x, y) / (np.dot(x, x) + 1e-9) * x
    return 10 * np.log10((np.dot(s, s) + 1e-9) / (np.dot(y - s, y - s) + 1e-9))


def mel_distance(x, y):
    """Mean L1 of log10 mel magnitudes over five resolutions, of clips brought to the same level."""
    gain = 0.1 / (np.sqrt(np.mean(x**2)) + 1e-6)
    x, y = (torch.from_numpy(v * gain).float() for v in (x, y))
    total = 0.0
    for n, bands in MEL_SCALES:
        bank = mel_filterbank(n, bands)
        a, b = (torch.stft(v, n, n // 4, window=torch.hann_window(n), return_complex=True).abs().t() * (2 / n**0.5)
                for v in (x, y))
        total += float((torch.log10(a @ bank + 1e-4) - torch.log10(b @ bank + 1e-4)).abs().mean())
    return total / len(MEL_SCALES)


def score(x, y, speech):
    """Every metric of one clip pair (numpy float, 24 kHz, aligned); two of them unless it is speech.

    A metric that has no value for the pair is absent.
    """
    result = {"mel": mel_distance(x, y), "si_sdr": si_sdr(x, y)}
    if not speech:
        return result
    a, b = (soxr.resample(v, RATE, 16000, "HQ") for v in (x, y))
    try:
        result["pesq"] = pesq(16000, a, b, "wb")
    except Exception as error:                                   # the library raises its own types for clips without speech
        print(f"no PESQ: {error}")
    result["stoi"] = stoi(a, b, 16000)
    result["estoi"] = stoi(a, b, 16000, extended=True)
    return result


def mean_scores(rows):
    keys = sorted({k for row in rows for k in row})
    return {k: float(np.mean([row[k] for row in rows if k in row])) for k in keys}


def score_all(pairs, speech, jobs):
    if jobs == 1:
        return [score(x, y, speech) for x, y in pairs]
    with multiprocessing.get_context("spawn").Pool(jobs, torch.set_num_threads, (1,)) as pool:
        return pool.starmap(score, [(x, y, speech) for x, y in pairs], chunksize=4)


@torch.no_grad()
def validate(model, clips, codebooks, speech=True, jobs=1):
    """{codebooks: {metric: mean}} over clips [(set, samples)], and the perplexity of every codebook."""
    model.eval()
    device = next(model.parameters()).device
    pairs = {n: [] for n in codebooks}
    counts = torch.zeros(model.config.num_codebooks, model.config.codebook_size)
    for _, x in clips:
        codes = model.encode(torch.from_numpy(x)[None].to(device))
        for k in range(codes.shape[1]):
            counts[k] += torch.bincount(codes[0, k].cpu(), minlength=counts.shape[1])
        for n in codebooks:
            y = model.decode(codes[:, :n])[0, : len(x)].float().cpu().numpy()
            pairs[n].append((x, y))
    p = counts / counts.sum(1, keepdim=True).clamp_min(1)
    perplexity = torch.exp(-(p * (p + 1e-12).log()).sum(1))
    model.train()
    scores = {n: mean_scores(score_all(pairs[n], speech, jobs)) for n in codebooks}
    return scores, [round(float(v)) for v in perplexity]
