"""Fine-tune a codec on a folder of your own audio: what is in it is stored, trained on, and the model written to --out.

    python Tools/train/finetune.py AUDIO --model Models/codetta-24k --out MODEL [--minutes 30]

AUDIO is any folder of recordings; ten clips are enough to begin with. Every tenth file is kept for validation, whose scores are printed
before the end. `codetta encode --model MODEL` then uses the result. Codes of the fine-tuned model are not those of the model that it came
from: its files name it by its weights.
"""
import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# Gentler than the long run: the model and its discriminator, where the folder has one, are good already, and the audio is little.
SETTINGS = ["rate=0.0001", "warm_up=50", "decay_from=0.0", "average=0.99", "held_steps=0", "held_rate=1.0", "music=0.0", "mix=0.0", "codebook_decay=0.999"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio", type=pathlib.Path)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=30, help="of training")
    parser.add_argument("--config", default=HERE / "configs/codetta-24k.json")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(".train/finetune"), help="for the store and the state of training")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="as of train.py")
    arguments = parser.parse_args()
    if not arguments.audio.is_dir():
        raise SystemExit(f"{arguments.audio}: no folder")
    judged = (arguments.model / "discriminator.safetensors").exists()
    settings = [f"training.{item}" for item in SETTINGS + (["judge_steps=1"] if judged else [])]
    data, run = arguments.work / "data", arguments.work / "run"
    for script, options in (
        ("prepare.py", ["--out", data, "--folder", arguments.audio]),
        ("train.py", ["--config", arguments.config, "--data", data, "--init", arguments.model, "--out", run, "--minutes", arguments.minutes,
                      "--clips", 20, "--device", arguments.device, *(["--bf16"] if arguments.bf16 else []), "--set", *settings]),
        ("export.py", [run / "state.pt", arguments.out])):
        subprocess.run([sys.executable, HERE / script, *map(str, options)], check=True)


if __name__ == "__main__":
    main()
