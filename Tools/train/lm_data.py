"""Token sequences for lm.py: .npy arrays, [codebooks, frames] or [tracks, codebooks, frames], as `codetta encode --format npy` writes."""
import pathlib

import numpy as np


def read(folder, codebooks):
    """All tracks below `folder`, each [codebooks, frames], cut to the first `codebooks`."""
    tracks = []
    for path in sorted(pathlib.Path(folder).rglob("*.npy")):
        array = np.load(path, allow_pickle=False)
        if array.ndim not in (2, 3) or array.shape[-2] < codebooks or not np.issubdtype(array.dtype, np.integer):
            raise SystemExit(f"{path}: {array.dtype} {array.shape}, expected integers [{codebooks} or more codebooks, frames]")
        for track in array[None] if array.ndim == 2 else array:
            tracks.append(np.ascontiguousarray(track[:codebooks]))
    if not tracks:
        raise SystemExit(f"{folder}: no .npy files; make them with: codetta encode AUDIO... -o {folder} --format npy")
    return tracks


def split(tracks, held_back=0.05):
    """Training and validation tracks; every n-th is held back, always the same ones."""
    every = max(2, round(1 / held_back))
    valid = tracks[every - 1 :: every] or tracks[-1:]
    kept = [t for i, t in enumerate(tracks) if i % every != every - 1]
    return (kept or tracks), valid


class Crops:
    """Random pieces of `frames` frames; tracks are drawn by their lengths, short ones follow one another."""

    def __init__(self, tracks, frames, seed):
        self.tracks, self.frames = [t for t in tracks if t.shape[1]], frames
        self.ends = np.cumsum([t.shape[1] for t in self.tracks])
        self.random = np.random.default_rng(seed)

    def next(self):
        pieces, left = [], self.frames
        while left > 0:
            track = self.tracks[int(np.searchsorted(self.ends, self.random.integers(self.ends[-1]), side="right"))]
            count = min(left, track.shape[1])
            start = int(self.random.integers(track.shape[1] - count + 1))
            pieces.append(track[:, start : start + count])
            left -= count
        return np.concatenate(pieces, 1)
