"""Train variants of one token language model for the same steps on the same crops, and write their table.

    python Tools/train/lm_ablate.py --config Tools/train/configs/codetta-24k-lm.json --variants Tools/train/ablations/patterns.json \
        --tokens .train/tokens --codec Models/codetta-24k --steps 300 --out .train/patterns

The table has validation bits a second and their share of the nominal bitrate, and, where codetta is built, tokens a second of
`codetta lm benchmark` with the exported model. A variants file maps a name to a list of SECTION.KEY=VALUE changes; what is
under "all" goes for every variant. Finished variants are not trained again.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from ablate import last_row, read_variants

HERE = pathlib.Path(__file__).parent


def train(name, changes, arguments):
    out = arguments.out / name
    if not (out / "validation.csv").exists():
        command = [
            sys.executable, str(HERE / "lm.py"), "--config", arguments.config, "--tokens", arguments.tokens, "--out", str(out),
            "--steps", str(arguments.steps), "--check-minutes", "1e9", "--check-batches", str(arguments.check_batches), "--threads", "1"]
        command += ["--codec", arguments.codec] if arguments.codec else []
        command += ["--bf16"] if arguments.bf16 else []
        command += ["--set", *changes]
        subprocess.run(command, check=True)
    return last_row(out)


def speed(name, arguments):
    """Tokens a second of the exported model, float weights, one thread; the median of three runs."""
    folder = arguments.out / name / "model"
    subprocess.run([sys.executable, str(HERE / "lm_export.py"), str(arguments.out / name / "state.pt"), str(folder)], check=True)
    command = [str(arguments.codetta), "lm", "benchmark", "--lm", str(folder), "--seconds", "10", "--json"]
    runs = []
    for _ in range(3):
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(result.stderr.strip())
        runs.append(next(v["tokensPerSecond"] for v in json.loads(result.stdout)["variants"] if v["name"] == "float"))
    return sorted(runs)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--variants", type=pathlib.Path, required=True)
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--codec", help="as of lm.py")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--check-batches", type=int, default=16)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--codetta", type=pathlib.Path, default=HERE.parents[1] / ".build/release/codetta")
    arguments = parser.parse_args()
    variants = read_variants(arguments.variants)
    rows = {name: train(name, shared + changes, arguments) for name, (shared, changes) in variants.items()}
    lines = ["| variant | bits/s | of nominal | perplexity of each codebook | tokens/s |", "|---|---|---|---|---|"]
    for name, row in rows.items():
        tokens = f"{speed(name, arguments):.0f}" if arguments.codetta.exists() else "–"
        share = f"{100 * float(row['share_of_nominal']):.1f} %"
        lines.append(f"| {name} | {float(row['bits_per_second']):.0f} | {share} | {row['perplexity']} | {tokens} |")
    text = "\n".join(lines) + "\n"
    (arguments.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
