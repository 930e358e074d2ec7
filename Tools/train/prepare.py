"""Turn audio into the recipe's training store: one int16 file of 24 kHz mono samples a split, and an index.

    python Tools/train/prepare.py --out .train/data --packed DIR --debian speech music --folder DIR

--packed  a folder of packed shards with an index.tsv (file, start_s, dur_s, set, lang, speaker, licence, source_rate);
          a shard named valid-* holds validation speakers only.
--debian  groups of Debian packages (see PACKAGES): downloaded and unpacked, not installed. Linux with apt only.
--folder  any folder of audio files; every file is one training item.

Held back, never stored: see "Held back" in README.md beside this file.
"""
import argparse
import csv
import hashlib
import multiprocessing
import pathlib
import subprocess

import numpy as np
import soundfile
import soxr

RATE = 24000
AUDIO = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"}
FIELDS = ["split", "kind", "set", "language", "speaker", "licence", "source_rate", "offset", "samples"]

# Package -> (kind, licence as its copyright file states it, seconds taken from one file at most)
PACKAGES = {
    "music": {
        "singularity-music": ("music", "CC-BY-SA-3.0 and similar", 60),
        "planetblupi-music-ogg": ("music", "GPL-3", 60),
        "freedroidrpg-data": ("music", "GPL-2", 60),
        "fretsonfire-songs-sectoid": ("music", "CC-BY-SA", 60),
    },
    "speech": {
        "fillets-ng-data-cs": ("speech", "GPL-2", 60),
        "fillets-ng-data-nl": ("speech", "GPL-2", 60),
    },
}


def held_back(path, kind):
    """Music is held back by the hash of its name, one file in twenty."""
    name = pathlib.Path(path).name
    return kind == "music" and int(hashlib.md5(name.encode()).hexdigest(), 16) % 100 < 5


def to_int16(samples, rate):
    if samples.ndim > 1:
        samples = samples.mean(1)
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE, "HQ")
    return (np.clip(samples, -1, 1) * 32767).round().astype(np.int16)


def read_shard(job):
    """All utterances of one packed shard."""
    path, rows = job
    samples, rate = soundfile.read(path, dtype="float32", always_2d=False)
    samples = to_int16(samples, rate)
    items = []
    for row in rows:
        start = round(float(row["start_s"]) * RATE)
        piece = samples[start : start + round(float(row["dur_s"]) * RATE)]
        items.append((row, piece))
    return items


def read_file(job):
    path, limit = job
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            if limit and len(file) > limit * rate:
                file.seek((len(file) - int(limit * rate)) // 2)
                samples = file.read(int(limit * rate), dtype="float32", always_2d=True)
            else:
                samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        print(f"skipped {path}: {error}")
        return path, 0, None
    samples = to_int16(samples, rate)
    if len(samples) < RATE // 4 or np.abs(samples).max(initial=0) < 50:
        return path, rate, None
    return path, rate, samples


def unpack(package, folder):
    target = folder / package
    if not target.exists():
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
        deb = next(folder.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", deb.name, package], cwd=folder, check=True)
        deb.unlink()
    return target


class Store:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.files = {split: open(folder / f"{split}.i16", "wb") for split in ("train", "valid")}
        self.index = open(folder / "index.tsv", "w", newline="")
        self.writer = csv.DictWriter(self.index, FIELDS, delimiter="\t", lineterminator="\n")
        self.writer.writeheader()
        self.position = {"train": 0, "valid": 0}
        self.seconds = {}

    def add(self, split, kind, samples, **about):
        self.files[split].write(samples.tobytes())
        self.writer.writerow(
            dict(split=split, kind=kind, offset=self.position[split], samples=len(samples), **about))
        self.position[split] += len(samples)
        key = f"{split} {about['set']}"
        self.seconds[key] = self.seconds.get(key, 0) + len(samples) / RATE

    def close(self):
        for file in [*self.files.values(), self.index]:
            file.close()
        for key, seconds in sorted(self.seconds.items()):
            print(f"{key:32} {seconds / 3600:6.2f} h")


def add_packed(store, folder, pool):
    with open(folder / "index.tsv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    shards = {}
    for row in rows:
        shards.setdefault(row["file"], []).append(row)
    jobs = [(folder / name, shard) for name, shard in sorted(shards.items()) if (folder / name).exists()]
    for items in pool.imap(read_shard, jobs):
        for row, samples in items:
            if len(samples) < RATE // 4:
                continue
            split = "valid" if row["file"].startswith("valid-") else "train"
            store.add(split, "speech", samples, set=row["set"], language=row["lang"], speaker=row["speaker"],
                      licence=row["licence"], source_rate=row["source_rate"])


def add_files(store, files, kind, name, licence, limit, pool):
    """Whole files. Every 40th piece of music goes to validation; speech does not, since its speakers are in training too."""
    files = [f for f in sorted(files) if not held_back(f, kind)]
    for number, (path, rate, samples) in enumerate(pool.imap(read_file, [(f, limit) for f in files])):
        if samples is not None:
            split = "valid" if kind == "music" and number % 40 == 39 else "train"
            store.add(split, kind, samples, set=name, language="-", speaker="-", licence=licence, source_rate=rate)


def audio_files(folder):
    return [p for p in folder.rglob("*") if p.suffix.lower() in AUDIO and p.is_file()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(".train/data"))
    parser.add_argument("--packed", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--folder", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--debian", nargs="*", default=[], choices=sorted(PACKAGES))
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(".train/packages"))
    arguments = parser.parse_args()
    store = Store(arguments.out)
    with multiprocessing.Pool(2) as pool:
        for folder in arguments.packed:
            add_packed(store, folder, pool)
        for group in arguments.debian:
            arguments.cache.mkdir(parents=True, exist_ok=True)
            for package, (kind, licence, limit) in PACKAGES[group].items():
                files = audio_files(unpack(package, arguments.cache))
                add_files(store, files, kind, package, licence, limit, pool)
        for folder in arguments.folder:
            add_files(store, audio_files(folder), "speech", folder.name, "see the folder", 60, pool)
    store.close()


if __name__ == "__main__":
    main()
