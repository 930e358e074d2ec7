"""Training batches and validation clips from the store that prepare.py writes."""
import csv
import pathlib

import numpy as np
import torch

RATE = 24000


class Store:
    """One split of the store: memory-mapped int16 samples and the rows of the index."""

    def __init__(self, folder, split):
        folder = pathlib.Path(folder)
        path = folder / f"{split}.i16"
        self.samples = np.memmap(path, dtype=np.int16, mode="r") if path.stat().st_size else np.zeros(0, np.int16)
        with open(folder / "index.tsv", newline="") as file:
            self.rows = [r for r in csv.DictReader(file, delimiter="\t") if r["split"] == split]
        for row in self.rows:
            row["offset"], row["samples"] = int(row["offset"]), int(row["samples"])

    def audio(self, row, start=0, count=None):
        count = row["samples"] - start if count is None else count
        begin = row["offset"] + start
        return self.samples[begin : begin + count].astype(np.float32) / 32768


class Batches:
    """Random crops with random levels of one or more stores. Music is `music` of the items; sources without a full band are drawn
    `narrow` times as much as their length asks for, the sets that `sets` names that many times as much.

    `mix` of the items of speech get music, other speech or noise behind them, 0 to 25 dB down; `band_limit` of all items lose what is
    above a random frequency.
    """

    def __init__(self, folders, seed, music=0.1, narrow=0.25, mix=0.0, band_limit=0.0, sets=None, narrow_below=22000):
        self.folders, self.sets, self.narrow, self.narrow_below = folders, sets or {}, narrow, narrow_below
        self.random = np.random.default_rng(seed)
        self.music, self.mix, self.band_limit = music, mix, band_limit
        self.read = None
        self.refresh()

    def refresh(self):
        """Opens the stores again if one of them has come or was replaced; one that is not there yet is left out."""
        there = {folder: (folder / "index.tsv").stat().st_mtime_ns for folder in map(pathlib.Path, self.folders) if (folder / "index.tsv").exists()}
        if there == self.read:
            return
        self.read, self.kinds = there, {}
        stores = [Store(folder, "train") for folder in there]
        for kind in ("speech", "music"):
            rows = [(store, r) for store in stores for r in store.rows if r["kind"] == kind]
            weights = np.array([r["samples"] * self.weight(r) for _, r in rows])
            self.kinds[kind] = (rows, np.cumsum(weights) / weights.sum() if rows else None)
            hours = sum(r["samples"] for _, r in rows) / RATE / 3600
            print(f"{hours:.2f} hours of {kind} in {', '.join(map(str, there))}", flush=True)

    def weight(self, row):
        return (self.narrow if float(row["source_rate"]) < self.narrow_below else 1.0) * self.sets.get(row["set"], 1.0)

    def crop(self, kind, length):
        """`length` samples of one kind, and up to which frequency the sources reach; short items follow one another."""
        rows, cumulative = self.kinds[kind]
        out = np.zeros(length, np.float32)
        filled, edge = 0, 0.0
        while filled < 0.9 * length:
            store, row = rows[min(np.searchsorted(cumulative, self.random.random()), len(rows) - 1)]
            count = min(length - filled, row["samples"])
            start = int(self.random.integers(0, row["samples"] - count + 1))
            out[filled : filled + count] = store.audio(row, start, count)
            filled += count
            edge = max(edge, float(row["source_rate"]) / 2)
        return out, edge

    def background(self, length):
        """Music, speech or noise whose spectrum falls by 0 to 6 dB an octave."""
        kind = self.random.choice(["music", "speech", "noise"])
        if kind != "noise" and self.kinds[kind][0]:
            return self.crop(kind, length)[0]
        spectrum = np.fft.rfft(self.random.standard_normal(length))
        return np.fft.irfft(spectrum * np.arange(1, len(spectrum) + 1) ** -self.random.uniform(0, 1), length)

    def low_passed(self, x):
        """Without what is above 3 to 10 kHz, over a transition of 300 Hz."""
        frequency = np.fft.rfftfreq(len(x), 1 / RATE)
        edge = self.random.uniform(3000, 10000)
        return np.fft.irfft(np.fft.rfft(x) * np.clip((edge + 300 - frequency) / 300, 0, 1), len(x))

    def item(self, length):
        kind = "music" if self.kinds["music"][0] and self.random.random() < self.music else "speech"
        x, edge = self.crop(kind, length)
        if kind == "speech" and self.random.random() < self.mix:
            behind = self.background(length)
            gain = 10 ** (-self.random.uniform(0, 25) / 20) * np.sqrt((x**2).mean() / ((behind**2).mean() + 1e-9))
            x, edge = x + behind * min(gain, 10), RATE / 2
        if self.random.random() < self.band_limit:
            x = self.low_passed(x)
        rms = np.sqrt(np.mean(x**2)) + 1e-5
        level = 10 ** (self.random.uniform(-36, -14) / 20)
        return x * min(level / rms, 0.99 / (np.abs(x).max() + 1e-5), 30), edge, kind == "music"

    def batch(self, size, length):
        """Audio [size, length]; of each item the frequency in Hz up to which its sources reach, and whether it is music."""
        items, edges, music = zip(*(self.item(length) for _ in range(size)))
        return torch.from_numpy(np.stack(items).astype(np.float32)), torch.tensor(edges), torch.tensor(music)


def validation_clips(folder, count=60, seconds=4, kind="speech"):
    """The clips that training validates on."""
    return clips_of(folder, "valid", count, seconds, kind)


def clips_of(folder, split, count, seconds, kind):
    """`count` clips of at least `seconds`, spread over the split's speakers: always the same ones.

    Consecutive utterances of one speaker are joined until a clip is long enough; its level stays as recorded.
    """
    store = Store(folder, split)
    clips, pieces, key, length = [], [], None, 0
    for row in store.rows:
        if row["kind"] != kind:
            continue
        if (row["set"], row["speaker"]) != key:
            pieces, length, key = [], 0, (row["set"], row["speaker"])
        pieces.append(store.audio(row, 0, min(row["samples"], round(2 * seconds * RATE))))
        length += len(pieces[-1])
        if length >= seconds * RATE:
            clips.append((row["set"], np.concatenate(pieces)[: round(2 * seconds * RATE)]))
            pieces, length = [], 0
    picked = np.linspace(0, len(clips) - 1, min(count, len(clips))).round().astype(int)
    return [clips[i] for i in picked]
