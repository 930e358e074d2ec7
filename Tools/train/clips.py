"""Write clips of the training store as WAV files, for `codetta evaluate --dataset`.

    python Tools/train/clips.py --data .train/data --out .train/clips [--split valid] [--kind speech] [--clips 60] [--seconds 4]

The clips of --split valid are those that training validates on.
"""
import argparse
import pathlib

import soundfile

from data import RATE, clips_of


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(".train/data"))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--kind", default="speech", choices=("speech", "music"))
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=4, help="least length; a clip has up to twice as much")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    clips = clips_of(arguments.data, arguments.split, arguments.clips, arguments.seconds, arguments.kind)
    for number, (name, samples) in enumerate(clips):
        soundfile.write(arguments.out / f"{number:03}-{name}.wav", samples, RATE, subtype="PCM_16")
    print(f"{len(clips)} clips, {sum(len(x) for _, x in clips) / RATE:.0f} s, in {arguments.out}")


if __name__ == "__main__":
    main()
