"""Compares published codecs as `codetta` runs them with their reference implementation.

    Tools/parity/checkouts.sh FOLDER python Tools/parity/parity.py [--codetta PROGRAM] [--seconds S] [VARIANT…]

For every variant a full-size checkpoint with random weights is saved by the reference into a temporary folder (published
weights have the same layout), and clips of several lengths go through both. Codes are compared along the reference's path:
of each frame up to its first disagreement, whose clearance (see references.py) tells whether it was a near tie. Audio is
compared for the same codes; that of one second at every bitrate. Fails unless 99.9 % of the codes agree, every disagreement is a
near tie (3e-5), and the audio is within 1e-4 relative RMS. Seconds are those of all runs of the program, start and loading included.
Of a vocoder the features and the audio are compared. WavTokenizer, Language-Codec, HiFi-Codec and BigCodec take part where
WAVTOKENIZER, LANGUAGECODEC, HIFICODEC and BIGCODEC name checkouts of their repositories, as checkouts.sh sees to.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import soundfile
import transformers

import fourier
import references

# References compare |x|² − 2x·e + |e|² in single precision, which resolves little where codewords lie close together beside
# their length, as around the random latents of EnCodec at 24 kHz: at clearances of up to 1.7e-5 its own choices are not those
# of a search of the same latents in double precision.
NEAR_TIE = 3e-5
VARIANTS = {**references.VARIANTS, **fourier.VARIANTS}
ROW = "{:<18} {:>8} {:>8} {:>8} {:>9} {:>10} {:>11} {:>8} {:>8}"


class Program:
    """`codetta` with one model."""

    def __init__(self, program, model):
        self.program, self.model = program, model
        self.seconds = {"encode": 0.0, "decode": 0.0}

    def run(self, verb, source, target, *options):
        start = time.monotonic()
        command = [self.program, verb, str(source), "-o", str(target), "--model", str(self.model), "--force", "--quiet", *options]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
        self.seconds[verb] += time.monotonic() - start


def compare_codes(ours, reference, clearances, strides):
    """Codes compared, disagreements, and the greatest clearance of one.

    A code that covers a frame of an earlier disagreement is not compared: it codes another residual.
    """
    compared, errors = 0, []
    spoiled = np.zeros(len(reference[0]) * strides[0], bool)
    for row, expected, clearance, stride in zip(ours, reference, clearances, strides):
        sound = ~spoiled.reshape(-1, stride).any(axis=1)
        different = sound & (row != expected)
        compared += int(sound.sum())
        errors += list(clearance[different])
        spoiled |= np.repeat(different, stride)
    return compared, len(errors), max(errors, default=0.0)


def relative_rms(a, b):
    return float(np.sqrt(np.square(a - b).sum() / np.square(b).sum()))


def measure(codec, program, folder, seconds):
    """Worst and total figures over all lengths and bitrates. A verb is run once for many files, for loading takes longer than most."""
    clips, codes, tokens, decoded = (folder / name for name in ("clips", "codes", "tokens", "decoded"))
    clips.mkdir()
    lengths = (1, codec.hop - 1, codec.hop + 1, codec.rate, round(seconds * codec.rate))
    for samples in lengths:
        audio = references.clip(samples, codec.rate, codec.channels)
        soundfile.write(clips / f"{samples}.wav", audio.T, codec.rate, subtype="FLOAT")
    program.run("encode", clips, codes, "--format", "json")
    program.run("encode", clips, tokens)
    coarse = [codebooks for codebooks in codec.bitrates if codebooks != max(codec.bitrates)]
    for codebooks in coarse:
        program.run(
            "encode", clips / f"{codec.rate}.wav", tokens / f"{codec.rate}-{codebooks}.codetta", "--codebooks", str(codebooks))
    program.run("decode", tokens, decoded, "--subtype", "float")

    compared = disagreements = 0
    clearance = error = 0.0
    for samples in lengths:
        audio = references.clip(samples, codec.rate, codec.channels)
        reference = codec.codes(audio)
        ours = [np.array(row) for row in json.loads((codes / f"{samples}.json").read_text())["tracks"][0]]
        counts = [len(row) for row in ours], [len(row) for row in reference]
        assert counts[0] == counts[1], f"{samples} samples: codes {counts[0]}, not {counts[1]}"
        strides = getattr(codec, "strides", [1] * len(ours))
        figures = compare_codes(ours, reference, codec.clearances(audio, reference), strides)
        compared, disagreements, clearance = compared + figures[0], disagreements + figures[1], max(clearance, figures[2])
        error = max(error, audio_error(codec, audio, ours, decoded / f"{samples}.wav"))
        for codebooks in coarse if samples == codec.rate else []:
            coarser = codec.codes(audio, codebooks)
            assert all(map(np.array_equal, coarser, reference)), f"the reference has other codes with {codebooks} codebooks"
            error = max(error, audio_error(codec, audio, ours[:codebooks], decoded / f"{samples}-{codebooks}.wav"))
    return compared, disagreements, clearance, error


def audio_error(codec, audio, codes, decoded):
    """Of the file `decoded` against what the reference makes of the codes of `audio`."""
    ours = soundfile.read(decoded, dtype="float32", always_2d=True)[0].T
    assert ours.shape == audio.shape, f"{decoded.stem}: {audio.shape} came back as {ours.shape}"
    reference = codec.audio(codes).reshape(codec.channels, -1)[:, :audio.shape[1]]
    return relative_rms(ours[:, :reference.shape[1]], reference)


def measure_vocoder(vocoder, program, folder, seconds):
    """Worst errors of features and audio over all lengths."""
    errors = []
    source, theirs, ours, target = (folder / name for name in ("in.wav", "theirs.npy", "ours.npy", "out.wav"))
    for samples in (vocoder.least, 3 * vocoder.hop - 1, 3 * vocoder.hop + 1, vocoder.rate, round(seconds * vocoder.rate)):
        audio = references.clip(samples, vocoder.rate)
        soundfile.write(source, audio.T, vocoder.rate, subtype="FLOAT")
        features = vocoder.features(audio)
        program.run("encode", source, ours, "--features", "mel")
        np.save(theirs, features)
        program.run("decode", theirs, target, "--subtype", "float")
        decoded, expected = soundfile.read(target, dtype="float32")[0], vocoder.audio(features)
        assert np.load(ours).shape == features.shape and decoded.shape == expected.shape, f"{samples} samples: other lengths"
        errors.append((relative_rms(np.load(ours), features), relative_rms(decoded, expected)))
    return [max(column) for column in zip(*errors)]


def compare_vocoders(arguments, names):
    """Prints a line for each; whether all are at parity."""
    sound = True
    for name in names:
        vocoder = fourier.Vocoder(fourier.VOCODERS[name])
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            vocoder.save(folder / name)
            program = Program(str(arguments.codetta), folder / name)
            features, audio = measure_vocoder(vocoder, program, folder, arguments.seconds)
        print(ROW.format(
            name, "all used", "–", "features", "within", f"{features:.1e}", f"{audio:.1e}", f"{program.seconds['encode']:.1f}",
            f"{program.seconds['decode']:.1f}"), flush=True)
        sound &= features < 1e-4 and audio < 1e-4
    return sound


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--codetta", default=root / ".build/release/codetta")
    parser.add_argument("--seconds", type=float, default=10.3, help="length of the longest clip (default: 10.3)")
    parser.add_argument("variants", nargs="*", default=[*VARIANTS, *fourier.VOCODERS], metavar="VARIANT")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    transformers.utils.logging.disable_progress_bar()
    print(ROW.format(
        "model", "tensors", "bitrates", "codes", "differing", "tie within", "audio error", "encode s", "decode s"), flush=True)
    vocoders = [name for name in arguments.variants if name in fourier.VOCODERS]
    failed = not compare_vocoders(arguments, vocoders)
    for name in arguments.variants:
        if name in vocoders:
            continue
        codec = references.build(VARIANTS[name])
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            codec.save(folder / name)
            program = Program(str(arguments.codetta), folder / name)
            compared, disagreements, clearance, error = measure(codec, program, folder, arguments.seconds)
        # A checkpoint with a missing, misshapen or unused tensor is refused: to get here is to have loaded all.
        print(ROW.format(
            name, "all used", len(codec.bitrates), compared, disagreements, f"{clearance:.1e}", f"{error:.1e}",
            f"{program.seconds['encode']:.1f}", f"{program.seconds['decode']:.1f}"), flush=True)
        failed |= disagreements > 0.001 * compared or clearance > NEAR_TIE or error > 1e-4
    sys.exit("not at parity" if failed else 0)


if __name__ == "__main__":
    main()
