"""Turn audio into the recipe's training store: one int16 file of 24 kHz mono samples a split, and an index.

    python Tools/train/prepare.py --out .train/data --packed DIR --debian speech music --folder DIR

--packed  a folder of packed shards with an index.tsv (file, start_s, dur_s, set, lang, speaker, licence, source_rate);
          a shard named valid-* holds validation speakers only.
--debian  groups of Debian packages (see PACKAGES): downloaded and unpacked, not installed. Linux with apt only.
--folder  any folder of audio files; every file is one item, every tenth one of the validation.
--held-back  instead of the rest, only what is held back of the groups: one split, "test", to evaluate on and never to train on.

Without --held-back, what is held back is never stored: see "Held back" in README.md beside this file.
"""
import argparse
import csv
import hashlib
import multiprocessing
import pathlib
import subprocess
import zipfile

import numpy as np
import soundfile
import soxr

RATE = 24000
AUDIO = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".g722"}
FIELDS = ["split", "kind", "set", "language", "speaker", "licence", "source_rate", "offset", "samples"]

MAXIMUM_SECONDS = 60             # taken from the middle of a longer file, so that no single piece dominates

# Group -> kind and Debian packages. Each package's licence is read from its own copyright file.
PACKAGES = {
    "speech": ("speech", [
        "tuxpaint-stamps-default", "fillets-ng-data-cs", "fillets-ng-data-nl", "festvox-ru", "asterisk-core-sounds-es-g722",
        "asterisk-core-sounds-fr-g722", "asterisk-core-sounds-it-g722", "asterisk-core-sounds-ru-g722", "klettres-data",
        "ktuberling-data", "hedgewars-data", "gcin-voice"]),
    "music": ("music", [
        "warzone2100-music", "ufoai-music", "planetblupi-music-ogg", "naev-data", "wesnoth-1.16-music", "nexuiz-music",
        "colobot-common-sounds", "singularity-music", "freedroidrpg-data", "fretsonfire-songs-sectoid",
        "fretsonfire-songs-muldjord", "unknown-horizons"]),
    "effects": ("effects", ["sonic-pi-samples", "hydrogen-drumkits"]),
    # What the shipped codetta-24k heard, so that its data can be made again.
    "codetta-24k": ("mixed", [
        "fillets-ng-data-cs", "fillets-ng-data-nl", "festvox-ru", "tuxpaint-stamps-default", "hedgewars-data", "warzone2100-music",
        "planetblupi-music-ogg", "naev-data", "wesnoth-1.16-music", "singularity-music", "freedroidrpg-data",
        "fretsonfire-songs-sectoid", "fretsonfire-songs-muldjord", "unknown-horizons"]),
    # Speech and music to evaluate on, with --held-back.
    "test": ("mixed", [
        "asterisk-core-sounds-en-g722", "tuxpaint-stamps-default", "hedgewars-data", "warzone2100-music", "planetblupi-music-ogg",
        "naev-data", "wesnoth-1.16-music", "freedroidrpg-data", "unknown-horizons"]),
}

# Files of a package that are not of its kind, or not to be used, by a part of their path.
SPEECH_ONLY = {"tuxpaint-stamps-default": "_desc", "hedgewars-data": "/voices/"}
HELD_BACK_LANGUAGES = {"en", "gd", "kn", "ga"}
HELD_BACK_PACKAGES = ("asterisk-core-sounds-en",)


def held_back(path, kind):
    """Music by the hash of its name, one file in twenty; English, Gaelic, Kannada and Irish words; the British voice."""
    path = pathlib.Path(path)
    if kind == "music":
        return int(hashlib.md5(path.name.encode()).hexdigest(), 16) % 100 < 5
    language = path.stem.rsplit("_desc", 1)[1].lstrip("_") or "en" if "_desc" in path.stem else None
    return language in HELD_BACK_LANGUAGES or any(
        part in HELD_BACK_LANGUAGES or part == "British" or part.startswith(HELD_BACK_PACKAGES) for part in path.parts)


def licence_of(folder):
    """The licences that a package's copyright file names, or where to read them."""
    names = set()
    for file in folder.glob("usr/share/doc/*/copyright"):
        for line in file.read_text(errors="replace").splitlines():
            if line.startswith("License:") and line[8:].strip():
                names.add(line[8:].strip())
    return ", ".join(sorted(names)) or "see its copyright file"


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


def read_file(path):
    limit = MAXIMUM_SECONDS
    if path.suffix == ".g722":
        return read_g722(path)
    try:
        with soundfile.SoundFile(path) as file:
            rate = file.samplerate
            if len(file) > limit * rate:
                file.seek((len(file) - limit * rate) // 2)
                samples = file.read(limit * rate, dtype="float32", always_2d=True)
            else:
                samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        print(f"skipped {path}: {error}")
        return path, 0, None
    return usable(path, rate, to_int16(samples, rate))


def read_g722(path):
    """G.722 at 64 kb/s, which libsndfile does not read: through ffmpeg."""
    try:
        raw = subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "g722", "-i", str(path), "-f", "s16le", "-ar", "16000", "-"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"skipped {path}: {error}")
        return path, 0, None
    return usable(path, 16000, to_int16(np.frombuffer(raw.stdout, np.int16).astype(np.float32) / 32768, 16000))


def usable(path, rate, samples):
    """Nothing for what is too short or silent."""
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
        for archive in target.rglob("*.pk3"):
            with zipfile.ZipFile(archive) as content:
                content.extractall(archive.with_suffix(""))
    return target


class Store:
    def __init__(self, folder, splits=("train", "valid")):
        folder.mkdir(parents=True, exist_ok=True)
        self.files = {split: open(folder / f"{split}.i16", "wb") for split in splits}
        self.index = open(folder / "index.tsv", "w", newline="")
        self.writer = csv.DictWriter(self.index, FIELDS, delimiter="\t", lineterminator="\n")
        self.writer.writeheader()
        self.position = dict.fromkeys(splits, 0)
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


def add_files(store, files, kind, name, licence, pool, validate):
    """Whole files. Every tenth goes to validation if `validate`."""
    test = "test" in store.files
    for number, (path, rate, samples) in enumerate(pool.imap(read_file, sorted(files))):
        if samples is not None:
            split = "test" if test else "valid" if validate and number % 10 == 4 else "train"
            store.add(split, kind, samples, set=name, language="-", speaker="-", licence=licence, source_rate=rate)


def audio_files(folder):
    return [p for p in folder.rglob("*") if p.suffix.lower() in AUDIO and p.is_file()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(".train/data"))
    parser.add_argument("--packed", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--folder", type=pathlib.Path, nargs="*", default=[])
    parser.add_argument("--debian", nargs="*", default=[], choices=sorted(PACKAGES))
    parser.add_argument("--held-back", action="store_true", help="store only what is held back, as the split test")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(".train/packages"))
    arguments = parser.parse_args()
    store = Store(arguments.out, ("test",) if arguments.held_back else ("train", "valid"))
    with multiprocessing.Pool(2) as pool:
        for folder in arguments.packed:
            add_packed(store, folder, pool)
        added = set()
        for group in arguments.debian:
            arguments.cache.mkdir(parents=True, exist_ok=True)
            group_kind, packages = PACKAGES[group]
            for package in (p for p in packages if p not in added):
                added.add(package)
                target = unpack(package, arguments.cache)
                kind = group_kind if group_kind != "mixed" else "music" if package in PACKAGES["music"][1] else "speech"
                files = [f for f in audio_files(target) if SPEECH_ONLY.get(package, "") in str(f) and held_back(f, kind) == arguments.held_back]
                # Of speech none is for validation: its speakers are in training too.
                add_files(store, files, kind, package, licence_of(target), pool, validate=kind == "music")
        for folder in arguments.folder:
            add_files(store, audio_files(folder), "speech", folder.name, "see the folder", pool, validate=True)
    store.close()


if __name__ == "__main__":
    main()
