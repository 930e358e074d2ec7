"""Reading for every scorer: one channel at the scorer's sample rate, or an error that says what is wrong with the file."""
import numpy as np
import soundfile
import soxr


class UnscorableError(ValueError):
    """A pair that has no score, and why: becomes the `error` of its JSON object."""


def read_mono(path, rate):
    """float32 [samples] of the file's channels' mean, resampled (soxr, very high quality) to `rate` Hz."""
    try:
        samples, file_rate = soundfile.read(path, dtype="float64", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise UnscorableError(f"{path}: cannot be read: {error}") from None
    samples = samples.mean(axis=1)
    if not len(samples):
        raise UnscorableError(f"{path}: no samples")
    if not np.isfinite(samples).all():
        raise UnscorableError(f"{path}: samples that are not finite")
    if not samples.any():
        raise UnscorableError(f"{path}: silence")
    return soxr.resample(samples, file_rate, rate, quality="VHQ").astype(np.float32)


def read_pair(reference, degraded, rate, shortest=0.5, tolerance=1.0):
    """Both files at `rate` Hz; refused when either is shorter than `shortest` s or they differ by more than `tolerance` s."""
    pair = [read_mono(path, rate) for path in (reference, degraded)]
    for path, samples in zip((reference, degraded), pair):
        if len(samples) < shortest * rate:
            raise UnscorableError(f"{path}: {len(samples) / rate:.2f} s, at least {shortest} s needed")
    difference = abs(len(pair[0]) - len(pair[1])) / rate
    if difference > tolerance:
        raise UnscorableError(f"{degraded}: its length differs by {difference:.2f} s from {reference}, at most {tolerance} s allowed")
    return pair
