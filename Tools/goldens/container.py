#!/usr/bin/env python3
"""A second implementation of the .codetta container, editions 1 and 2, as Docs/container.md and Docs/container-1.md specify it.

    container.py info FILE …        what the recordings of each file are
    container.py read FILE          prints headers, codes and lengths as JSON
    container.py write JSON FILE    writes what `read` printed to FILE, byte for byte as it was but for optional blocks
    container.py verdict FILE …     "sound", or the kind of each file's first flaw and where it is
    container.py identity FOLDER    the identity of the model in FOLDER, if its settings are those that its config.json spells out
    container.py fixtures           writes the fixtures of TokenFilesTests and the examples of the documents
    container.py check              checks that they are what this implementation makes, and read as they say

It shares no code and no method with the Swift package (bitwise CRC, whole-number bit packing, all in memory), so that agreement of the two on every
byte shows that the documents say enough. One idea a module: common.py, coder.py (range coder and model) and entropy.py (the network) are of both
editions, chunks.py is edition 1; headers.py, pages.py and recordings.py are edition 2. Needs NumPy for entropy mode 2 alone, otherwise nothing beyond Python's
standard library.
"""
import json
import sys
from pathlib import Path

import chunks
import pages
import recordings
from common import Refused, frame_total, read_preamble


def read(data):
    """(edition, header, tracks, samples) of each recording of a file of either edition."""
    if read_preamble(data)[0] == 1:
        return [(1, *chunks.read(data))]
    return [(2, *recording) for recording in recordings.read(data)]


def write(found):
    return b"".join((chunks if edition == 1 else pages).write(h, tracks, samples) for edition, h, tracks, samples in found)


def from_json(text):
    def header(h):
        return dict(h, codebooks=[tuple(book) for book in h["codebooks"]])

    return [(r["edition"], header(r["header"]), r["tracks"], r["samples"]) for r in json.loads(text)]


def to_json(found):
    return json.dumps([dict(edition=edition, header=h, samples=samples, tracks=tracks) for edition, h, tracks, samples in found])


def info(path):
    for edition, h, tracks, samples in read(path.read_bytes()):
        entropy = ["none", "adaptive", "lm"][h["entropy"]]
        books = " ".join(f"{size}/{stride}" for size, stride in h["codebooks"])
        print(f"{path}: edition {edition}, {h['codecName']} ({h['modelType']}), entropy {entropy}, tracks {h['trackCount']}, codebooks {books}")
        print(f"  {frame_total(h, tracks)} frames of {h['hopLength']} samples at {h['sampleRate']} Hz, {samples} samples at {h['originalRate']} Hz")
        if edition == 2:
            print(f"  {len(h['pages'])} pages, digest {pages.digest(h, tracks).hex()}, identity {h.get('identity', 'none')}")
        for key, value in h.get("tags", {}).items():
            print(f"  {key}: {value}")


def verdict(path):
    try:
        read(path.read_bytes())
    except Refused as flaw:
        return str(flaw)
    return "sound"


def main(arguments):
    verb, paths = arguments[0] if arguments else "", [Path(name) for name in arguments[1:]]
    if verb == "info" and paths:
        for path in paths:
            info(path)
    elif verb == "read" and len(paths) == 1:
        print(to_json(read(paths[0].read_bytes())))
    elif verb == "write" and len(paths) == 2:
        paths[1].write_bytes(write(from_json(paths[0].read_text())))
    elif verb == "verdict" and paths:
        for path in paths:
            print(f"{path}: {verdict(path)}")
    elif verb == "identity" and len(paths) == 1:
        import identity

        print(json.dumps(identity.of_folder(paths[0]), indent=2))
    elif verb in ("fixtures", "check") and not paths:
        import examples
        import fixtures
        import vectors

        for module in (fixtures, vectors, examples):
            (module.write if verb == "fixtures" else module.check)()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as flaw:
        sys.exit(str(flaw))
