"""Cuts token files at random places and joins them again, with the command, and compares the audio with the whole's, bit for bit.

    python3 Tools/bench/cuts.py CODETTA CUTS FILE...        recordings of any rate; needs soundfile and numpy

Every recording is encoded in one entropy mode and preset after the other. Each round cuts a part out of a file and decodes it, decodes the same part by
--from and --to, cuts the file in two and joins the parts, and puts three files one behind the other. Prints a table in Markdown.
"""
import collections
import itertools
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
import soundfile

MODES = list(itertools.product(("none", "adaptive", "lm"), ("archive", "stream")))


def main(codetta, cuts, files):
    draw = random.Random(1)
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def run(*arguments):
            subprocess.run([codetta, *map(str, arguments), "--quiet", "--force"], check=True)

        def audio(tokens, *options):
            run("decode", tokens, "-o", folder / "audio.wav", "--subtype", "float", *options)
            return soundfile.read(folder / "audio.wav", dtype="float32")

        def compare(what, mode, found, expected):
            counts[what, mode] += 1
            if found.shape != expected.shape or not numpy.array_equal(found, expected):
                counts["different", what, mode] += 1
                print(f"different: {what}, {mode}", file=sys.stderr)

        wholes = {}
        for index, file in enumerate(files):
            for entropy, preset in MODES:
                tokens = folder / f"{index}-{entropy}-{preset}.codetta"
                run("encode", file, "-o", tokens, "--entropy", entropy, "--preset", preset, "--codebooks", draw.choice((3, 6, 12)))
                wholes[tokens] = (*audio(tokens), f"{entropy}, {preset}")
        for number in range(cuts):
            tokens = draw.choice(list(wholes))
            whole, rate, mode = wholes[tokens]
            first = draw.randrange(len(whole))
            last = min(len(whole), first + draw.randint(1, draw.choice((rate // 100, rate, len(whole)))))
            span = ["--from", first / rate, "--to", last / rate]
            run("cut", tokens, "-o", folder / "cut.codetta", *span)
            compare("cut", mode, audio(folder / "cut.codetta")[0], whole[first:last])
            if number % 5 == 0:
                compare("decode --from --to", mode, audio(tokens, *span)[0], whole[first:last])
            if number % 10 == 0 and 0 < first:
                run("cut", tokens, "-o", folder / "a.codetta", "--to", first / rate)
                run("cut", tokens, "-o", folder / "b.codetta", "--from", first / rate)
                run("join", folder / "a.codetta", folder / "b.codetta", "-o", folder / "ab.codetta")
                compare("join of two cuts", mode, audio(folder / "ab.codetta")[0], whole)
                others = [name for name, (other, its_rate, _) in wholes.items() if its_rate == rate and other.shape[1:] == whole.shape[1:]]
                three = [draw.choice(others) for _ in range(3)]
                (folder / "cat.codetta").write_bytes(b"".join(name.read_bytes() for name in three))
                compare("cat of three", mode, audio(folder / "cat.codetta")[0], numpy.concatenate([wholes[name][0] for name in three]))
    print("| | " + " | ".join(", ".join(mode) for mode in MODES) + " | different |\n|---|" + "---|" * (len(MODES) + 1))
    for what in ("cut", "decode --from --to", "join of two cuts", "cat of three"):
        cells = [counts[what, ", ".join(mode)] for mode in MODES]
        wrong = sum(counts["different", what, ", ".join(mode)] for mode in MODES)
        print(f"| {what} | " + " | ".join(map(str, cells)) + f" | {wrong} of {sum(cells)} |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
