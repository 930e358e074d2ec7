"""Pairs of reference and degraded recordings: codecs that are installed, noise, clipping, filters, delay, gain; 8 to 48 kHz."""
import os
import shutil
import subprocess
from functools import partial

import librosa
import numpy as np
import scipy.signal
import soundfile

SECONDS = 4
RATES = (8000, 16000, 24000, 44100, 48000)


def sources(root, folder, limit):
    """(name, samples, rate) of the samples and of at most `limit` files of `folder`: mono, at most SECONDS each."""
    files = sorted((root / "Samples").glob("*.wav")) + sorted((root / "Samples").glob("*.flac"))
    if folder:
        more = sorted(f for f in folder.rglob("*") if f.suffix in (".wav", ".flac", ".ogg", ".opus", ".mp3"))
        files += more[:: max(1, len(more) // limit)][:limit]
    for file in files:
        with soundfile.SoundFile(file) as sound:
            x = sound.read(SECONDS * sound.samplerate, always_2d=True).mean(axis=1)
            if np.any(x):
                yield file.stem, x, sound.samplerate


def synthetic(x, rate, rng):
    """Degradations by arithmetic."""
    level = np.sqrt(np.mean(x**2))
    noise = rng.standard_normal(len(x))
    low = scipy.signal.butter(6, min(0.9, 3400 / (rate / 2)), output="sos")
    yield "noise 30 dB", x + 10**-1.5 * level * noise
    yield "noise 10 dB", x + 10**-0.5 * level * noise
    yield "clipped", np.clip(1.5 * x, -3 * level, 3 * level)
    yield "low-pass 3.4 kHz", scipy.signal.sosfilt(low, x)
    yield "delay and gain", 0.5 * np.concatenate([np.zeros(rate // 50), x]) + 1e-3 * level * rng.standard_normal(len(x) + rate // 50)
    yield "6 bits", np.round(x * 32) / 32


def coded(path, rate, work, codetta):
    """Degradations by the codecs that are installed; each is (name, what makes it and returns its path)."""
    out = work / "coded.wav"

    def run(*commands):
        out.unlink(missing_ok=True)
        for command in commands:
            subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if out.exists() and soundfile.info(out).samplerate != rate:
            # Some encoders lower the rate; another resampler than codetta's would be measured with it.
            y, other = soundfile.read(out)
            y = librosa.resample(y, orig_sr=other, target_sr=rate)
            soundfile.write(out, y.astype(np.float32), rate, "FLOAT")
        return out

    have = lambda *names: all(map(shutil.which, names))
    if have("opusenc", "opusdec"):
        for bitrate in (8, 16, 32):
            packed = work / "a.opus"
            yield f"opus {bitrate}", partial(
                run, ("opusenc", "--bitrate", bitrate, path, packed), ("opusdec", "--rate", rate, packed, out))
    if have("lame"):
        for bitrate in (32, 64):
            packed = work / "a.mp3"
            yield f"mp3 {bitrate}", partial(
                run, ("lame", "-b", bitrate, path, packed), ("lame", "--decode", packed, out))
    if have("oggenc", "oggdec"):
        packed = work / "a.ogg"
        yield "vorbis q0", partial(run, ("oggenc", "-q", 0, path, "-o", packed), ("oggdec", packed, "-o", out))
    if have("c2enc", "c2dec") and rate == 8000:
        def codec2(mode):
            (work / "a.raw").write_bytes(soundfile.read(path, dtype="int16")[0].tobytes())
            run(("c2enc", mode, work / "a.raw", work / "a.c2"), ("c2dec", mode, work / "a.c2", work / "b.raw"))
            soundfile.write(out, np.frombuffer((work / "b.raw").read_bytes(), "<i2"), rate)
            return out

        for mode in (3200, 1300):
            yield f"codec2 {mode}", partial(codec2, mode)
    models = [("codetta-24k", "codetta-24k")]
    if os.environ.get("CODETTA_LYRA_MODEL"):
        models.append(("lyra", os.environ["CODETTA_LYRA_MODEL"]))
    for name, model in models:
        packed = work / "a.codetta"
        yield name, partial(
            run, (codetta, "encode", path, "-o", packed, "-m", model, "--force"),
            (codetta, "decode", packed, "-o", out, "-m", model, "--force"))


def make(root, folder, limit, every, work, codetta):
    """(name, path of the reference, path of the degraded signal) of each `every`th pair; paths are overwritten by the next."""
    def save(signal, rate):
        soundfile.write(work / "degraded.wav", signal.astype(np.float32), rate, "FLOAT")
        return work / "degraded.wav"

    count = 0
    rng = np.random.default_rng(1)
    for i, (name, x, original) in enumerate(sources(root, folder, limit)):
        for rate in (RATES[i % len(RATES)], RATES[(i + 2) % len(RATES)]):
            y = librosa.resample(x, orig_sr=original, target_sr=rate) if rate != original else x
            y = y / max(1, np.max(np.abs(y)))
            reference = work / "reference.wav"
            soundfile.write(reference, y, rate, "PCM_16")
            y = soundfile.read(reference)[0]
            made = [(kind, partial(save, z, rate)) for kind, z in synthetic(y, rate, rng)]
            for kind, degrade in (*made, *coded(reference, rate, work, codetta)):
                if count % every == 0:
                    yield f"{name} {rate} {kind}", reference, degrade()
                count += 1
