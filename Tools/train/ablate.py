"""Train variants of one config for the same steps from the same seed, and write their table.

    python Tools/train/ablate.py --config Tools/train/configs/codetta-24k.json --variants Tools/train/ablations/losses.json \
        --steps 500 --out .train/ablation

A variants file maps a name to a list of SECTION.KEY=VALUE changes; what is under "all" goes for every variant. Finished variants are
not run again.
"""
import argparse
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys

COLUMNS = ["pesq", "stoi", "estoi", "mel", "si_sdr"]


def read_variants(path):
    """Name to changes; what is under "all" goes before every variant's own."""
    variants = json.loads(path.read_text())
    shared = variants.pop("all", [])
    return {name: (shared, changes) for name, changes in variants.items()}


def last_row(out):
    """The last validation of a run."""
    with open(out / "validation.csv", newline="") as file:
        return list(csv.DictReader(file))[-1]


def run(name, changes, arguments):
    out = arguments.out / name
    if not (out / "validation.csv").exists():
        command = [
            sys.executable, str(pathlib.Path(__file__).parent / "train.py"), "--config", arguments.config, "--data", arguments.data,
            "--out", str(out), "--steps", str(arguments.steps), "--check-steps", str(10**9), "--clips", str(arguments.clips), "--threads", "1"]
        command += ["--init", arguments.init] if arguments.init else []
        command += ["--lyra", arguments.lyra] if arguments.lyra else []
        command += ["--bf16"] if arguments.bf16 else []
        command += ["--set", *changes] if changes else []
        with open(arguments.out / f"{name}.txt", "w") as log:
            subprocess.run(command, check=True, stdout=log, stderr=subprocess.STDOUT)
    return last_row(out)


def table(rows, variants):
    codebooks = sorted({int(k.split("@")[1]) for r in rows.values() for k in r if "@" in k})
    head = ["variant", "changes", *(f"{c}@{n}" for n in codebooks for c in COLUMNS)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, row in rows.items():
        values = [f"{float(row[f'{c}@{n}']):.3f}" for n in codebooks for c in COLUMNS]
        lines.append("| " + " | ".join([name, " ".join(variants[name][1]) or "–", *values]) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--variants", type=pathlib.Path, required=True)
    parser.add_argument("--data", default=".train/data")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--init", help="as of train.py")
    parser.add_argument("--lyra", help="as of train.py")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--jobs", type=int, default=2, help="variants at a time, one thread each")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    variants = read_variants(arguments.variants)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = {name: pool.submit(run, name, shared + changes, arguments) for name, (shared, changes) in variants.items()}
        rows = {name: future.result() for name, future in futures.items()}
    text = table(rows, variants)
    (arguments.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
