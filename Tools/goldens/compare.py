#!/usr/bin/env python3
"""Compares this reader's verdicts with the program's, on random files of both editions and structural mutants of them.

    compare.py CODETTA COUNT [--seed N] [--keep FOLDER]

CODETTA is the path of the command. `convert` says what a strict reader refuses a file for, `verify` whether it finds flaws. Prints files with differing
verdicts and their number; with --keep these files stay in FOLDER.
"""
import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import container
import mutants
import pages
from common import Refused, frame_total

# What the program says of each kind of flaw.
LINES = {
    "notCodetta": "not a codetta file", "newerVersion": "format version {found} needs a newer", "unknownSection": "of unknown type {found} in",
    "unknownEntropyMode": "entropy mode {found} needs", "checksum": ": {part} is damaged", "truncated": "the file ends where {part} is due",
    "invalidField": ": {part} has {field} ", "outOfSequence": ": section {found} where section", "repeatedChunk": "comes again or too late",
    "missingFrames": "are missing", "codeOutOfRange": ": code {found} is outside", "lostContext": "cannot be decoded without the damaged one",
    "trailingBytes": "unexpected bytes after the end mark", "disagreement": ": {field} is recorded as",
    "foreign": ": {part}: "}


def verdict(data):
    """The flaw, or what the recordings hold in all."""
    try:
        found = container.read(data)
    except Refused as flaw:
        return flaw
    totals = dict(frames=sum(frame_total(h, tracks) for _, h, tracks, _ in found), samples=sum(samples for *_, samples in found))
    if len(found) == 1 and found[0][0] == 2:
        totals["digest"] = pages.digest(*found[0][1:3]).hex()
    return totals


def says(flaw, line):
    expected = LINES[flaw.kind].format(part=flaw.part, field=flaw.field, found=flaw.found)
    return expected in ": " + line


def run(*arguments):
    """The program's results by the name of the input."""
    output = subprocess.run(arguments, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    return {Path(row["input"]).name: row for row in rows if "input" in row}


def difference(mine, converted, verified):
    """What the program says otherwise, or None."""
    refusal = converted.get("error", "").partition(".codetta: ")[2]
    if "the codes need the entropy model" in refusal:
        return None  # A mutant names another one: what of the rest is read then is each program's own.
    is_sound = verified["status"] == "done"
    if isinstance(mine, Refused):
        if is_sound:
            return f"verify: sound, here {mine}"
        return None if says(mine, refusal) else f"convert: {refusal or 'sound'}, here {mine}"
    if not is_sound or refusal:
        return f"{verified.get('error', '')} / {refusal}, here sound"
    totals = {key: verified["details"]["totals"].get(key) for key in mine}
    return None if totals == mine else f"{totals}, here {mine}"


def compare(program, files, folder):
    """Name, kind and difference, if there is one, of the verdicts on `files`, by name."""
    (folder / "in").mkdir()
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    paths = [str(folder / "in" / name) for name in files]
    verified = run(program, "verify", "--json", *paths)
    converted = run(program, "convert", "--json", "--format", "codetta", "-o", str(folder / "out"), *paths)
    for name, data in files.items():
        mine = verdict(data)
        yield name, mine.kind if isinstance(mine, Refused) else "sound", difference(mine, converted[name], verified[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codetta")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    source, model, differing, kinds = random.Random(arguments.seed), mutants.install_model(), 0, collections.Counter()
    for first in range(0, arguments.count, 200):
        files = {}
        for count in range(first, min(first + 200, arguments.count)):
            data = mutants.random_file(source, source.choice([1, 2, 2, 2]), model)
            if data[8] == 2 and source.random() < 0.05:
                data += mutants.random_file(source, 2, None)
                files[f"{count}.codetta"] = data
            else:
                files[f"{count}.codetta"] = mutants.mutant(source, data)
        with tempfile.TemporaryDirectory() as folder:
            for name, kind, found in compare(arguments.codetta, files, Path(folder)):
                kinds[kind] += 1
                if not found:
                    continue
                differing += 1
                print(f"{name}: {found}")
                if arguments.keep:
                    arguments.keep.mkdir(exist_ok=True)
                    (arguments.keep / name).write_bytes(files[name])
        print(f"{first + len(files)} files, {differing} differing verdicts", file=sys.stderr, flush=True)
    print(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"{differing} differing verdicts on {arguments.count} files")
    sys.exit(differing > 0)


if __name__ == "__main__":
    main()
