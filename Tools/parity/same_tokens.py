#!/usr/bin/env python3
"""Do two versions of the command write the same token files?

    Tools/parity/same_tokens.py OLD NEW [--model codetta-24k] [RECORDING …]

Encodes recordings (by default those of Samples) with both programs, by every entropy mode and every search of the documentation, and
compares the files byte by byte. Only the 32 bytes that name the weights may differ, and the checksums that cover them
(Docs/container.md). Then NEW decodes what OLD wrote, and both decodings of the first file must be the same samples.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETTINGS = [
    ["--entropy", "none"],
    ["--entropy", "adaptive"],
    ["--entropy", "lm"],
    ["--search", "greedy", "-b", "3"],
    ["--search", "beam:8", "-b", "3"],
    ["--search", "beam:8:2", "-b", "1.5"],
    ["--entropy", "adaptive", "--search", "rate:8"],
    ["--entropy", "lm", "--search", "rate:8"],
    ["--entropy", "lm", "--search", "rate:8:0.5"],
]
# Of the header section: the checksums of its payload and of itself, then the identity of the weights.
HEADER = range(16 + 24, 16 + 32 + 32)


def run(program, *arguments):
    result = subprocess.run([program, *map(str, arguments), "--quiet"], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{program} {' '.join(map(str, arguments))}: {result.stderr}")


def masked(path):
    """The file without the identity of the weights and without what is computed from it."""
    content = bytearray(path.read_bytes())
    end = len(content) - 64
    for place in [*HEADER, *range(end + 24, end + 32), *range(end + 60, end + 64)]:
        content[place] = 0
    return bytes(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--model", default="codetta-24k")
    parser.add_argument("recordings", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    recordings = options.recordings or sorted(p for p in (ROOT / "Samples").iterdir() if p.suffix in (".wav", ".flac"))
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        old, new = pathlib.Path(folder, "old.codetta"), pathlib.Path(folder, "new.codetta")
        for settings in SETTINGS:
            for recording in recordings:
                run(options.old, "encode", recording, "-o", old, "-m", options.model, "--force", *settings)
                run(options.new, "encode", recording, "-o", new, "-m", options.model, "--force", *settings)
                same = masked(old) == masked(new)
                different += not same
                print(f"{'same' if same else 'DIFFERENT'}  {new.stat().st_size:7} bytes  {recording.name}  {' '.join(settings)}")
        sounds = [pathlib.Path(folder, name) for name in ("old.wav", "new.wav")]
        run(options.old, "decode", old, "-o", sounds[0], "-m", options.model)
        run(options.new, "decode", old, "-o", sounds[1], "-m", options.model)
        if sounds[0].read_bytes() != sounds[1].read_bytes():
            different += 1
            print("DIFFERENT  decoding of a file by the old program")
    print(f"{different} different")
    sys.exit(different != 0)


if __name__ == "__main__":
    main()
