"""External scorers of (reference, degraded) pairs of audio files, one protocol for all (README.md beside this file).

    python Tools/scorers/score.py --scorer distillmos,visqol PAIRS.tsv        one JSON object a pair and scorer
    python Tools/scorers/score.py --scorer distillmos --table PAIRS.tsv       a table with a row a pair, and the means
    python Tools/scorers/score.py --scorer visqol --pair REF.wav DEG.wav      one pair; repeatable
    python Tools/scorers/score.py --list                                      the scorers, their packages and scores

PAIRS.tsv holds a line a pair, reference and degraded separated by a tab; - is standard input. Exit code 0 when every pair has
its scores, 65 when some have an error instead, 69 when a scorer cannot start (its package is missing: make scorers).
"""
import argparse
import importlib
import json
import math
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from audio import UnscorableError  # noqa: E402

NAMES = ["distillmos", "visqol", "dnsmos", "zimtohrli", "speaker", "wer"]


class Scorer:
    """A scorer's module with its model loaded. Raises ImportError or importlib.metadata.PackageNotFoundError without its packages."""

    def __init__(self, name):
        self.name = name
        self.module = importlib.import_module(f"{name}_scorer")
        self.version = self.module.version()
        self._score = self.module.open_scorer()

    def score(self, reference, degraded):
        """The pair's JSON object: `scores` with each score's value and direction, or `error`; never a number made up."""
        record = dict(scorer=self.name, version=self.version, reference=str(reference), degraded=str(degraded))
        try:
            values = self._score(str(reference), str(degraded))
            wrong = [name for name, value in values.items() if not math.isfinite(value)]
            if wrong:
                raise UnscorableError(f"{degraded}: {', '.join(wrong)} not finite")
        except UnscorableError as error:
            return record | dict(error=str(error))
        except Exception as error:  # a scorer's own failure belongs to its pair, the other pairs go on
            return record | dict(error=f"{degraded}: {self.name} failed: {type(error).__name__}: {error}")
        return record | dict(scores={name: dict(value=value, direction=self.module.SCORES[name]["direction"])
                                     for name, value in values.items()})


def score_pairs(pairs, names, report=lambda record: None):
    """Every scorer's record of every (reference, degraded) path pair, in that order; `report` is called with each at once."""
    records = []
    for name in names:
        scorer = Scorer(name)
        for reference, degraded in pairs:
            records.append(scorer.score(reference, degraded))
            report(records[-1])
    return records


def table(records):
    """Text: a row a degraded file, a column a score, the means over the files that have one, and the errors below."""
    columns = list(dict.fromkeys(name for record in records for name in record.get("scores", {})))
    rows, errors = {}, []
    for record in records:
        row = rows.setdefault((record["reference"], record["degraded"]), {})
        row.update({name: score["value"] for name, score in record.get("scores", {}).items()})
        if "error" in record:
            errors.append(f"{record['scorer']}: {record['error']}")
    lines = ["\t".join(["degraded", *columns])]
    for (_, degraded), row in rows.items():
        lines.append("\t".join([degraded, *(f"{row[name]:.4f}" if name in row else "–" for name in columns)]))
    values = [[row[name] for row in rows.values() if name in row] for name in columns]
    lines.append("\t".join(["mean", *(f"{sum(v) / len(v):.4f}" for v in values)]))
    lines.append("\t".join(["files", *(str(len(v)) for v in values)]))
    return "\n".join(lines + errors)


def print_scores(pairs, names=("distillmos", "visqol")):
    """Scores the (reference, degraded) paths, prints the table and returns the records."""
    records = score_pairs(list(pairs), names)
    print(table(records))
    return records


def read_pairs(path):
    with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as file:
        pairs = [line.rstrip("\r\n").split("\t") for line in file if line.strip()]
    for number, pair in enumerate(pairs, 1):
        if len(pair) != 2:
            raise SystemExit(f"{path}: pair {number} has {len(pair)} fields, expected REFERENCE<tab>DEGRADED")
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="?")
    parser.add_argument("--scorer", default="distillmos,visqol", help="names, separated by commas")
    parser.add_argument("--pair", nargs=2, action="append", default=[], metavar=("REFERENCE", "DEGRADED"))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        for name in NAMES:
            module = importlib.import_module(f"{name}_scorer")
            print(json.dumps(dict(scorer=name, packages=module.PACKAGES, scores=module.SCORES)))
        return 0
    names = arguments.scorer.split(",")
    for name in names:
        if name not in NAMES:
            parser.error(f"no scorer {name!r}; there are {', '.join(NAMES)}")
    pairs = arguments.pair + (read_pairs(arguments.pairs) if arguments.pairs else [])
    if not pairs:
        parser.error("no pairs: give PAIRS.tsv or --pair REFERENCE DEGRADED")
    report = (lambda record: None) if arguments.table else lambda record: print(json.dumps(record), flush=True)
    try:
        records = score_pairs(pairs, names, report)
    except ImportError as error:  # PackageNotFoundError is one
        print(f"score.py: {error}; install the scorers' packages with make scorers", file=sys.stderr)
        return os.EX_UNAVAILABLE
    if arguments.table:
        print(table(records))
    return os.EX_DATAERR if any("error" in record for record in records) else 0


if __name__ == "__main__":
    sys.exit(main())
