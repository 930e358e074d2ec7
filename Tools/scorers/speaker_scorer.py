"""Speaker similarity: the cosine of Resemblyzer's voice embeddings (GE2E, Wan et al. 2018) of both files, 16 kHz.

Levels are normalised as the package does; its trimming of pauses, which would cut the two files differently, is left out.
"""
import importlib.metadata

import numpy as np

from audio import read_pair

PACKAGES = ["Resemblyzer", "webrtcvad-wheels", "librosa"]
SCORES = {"speaker_similarity": dict(direction="higher", range=[-1, 1])}


def version():
    return importlib.metadata.version("Resemblyzer")


def open_scorer():
    from resemblyzer import VoiceEncoder, normalize_volume
    from resemblyzer.hparams import audio_norm_target_dBFS
    encoder = VoiceEncoder("cpu", verbose=False)

    def embedding(samples):
        return encoder.embed_utterance(normalize_volume(samples, audio_norm_target_dBFS, increase_only=True))

    def score(reference, degraded):
        r, d = (embedding(x) for x in read_pair(reference, degraded, 16000))
        return {"speaker_similarity": float(np.dot(r, d) / np.linalg.norm(r) / np.linalg.norm(d))}
    return score
