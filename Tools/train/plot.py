"""Plot losses and validation metrics of a run, or of several that went on from one another: python Tools/train/plot.py .train/run… [-o curve.png]"""
import argparse
import csv
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def read(path):
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def joined(runs, name):
    """The rows of one table of all runs; audio hours and minutes go on from run to run."""
    rows, hours, minutes = [], 0.0, 0.0
    for run in runs:
        last = read(run / "validation.csv")[-1:]
        for row in read(run / name):
            rows.append(dict(row, audio_hours=hours + float(row["audio_hours"]), minutes=minutes + float(row["minutes"])))
        hours, minutes = (total + sum(float(r[key]) for r in last) for total, key in ((hours, "audio_hours"), (minutes, "minutes")))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=pathlib.Path, nargs="+")
    parser.add_argument("-o", "--output", type=pathlib.Path)
    arguments = parser.parse_args()
    log, checks = (joined(arguments.runs, name) for name in ("log.csv", "validation.csv"))
    losses = [k for k in ("mel", "complex", "level", "spectrum own", "period own") if any(k in row for row in log)]
    metrics = ["pesq", "stoi", "mel", "si_sdr", "music si_sdr"]
    figure, axes = plt.subplots(2, len(metrics), figsize=(17, 6))
    for axis, name in zip(axes[0], losses):
        having = [r for r in log if name in r]
        axis.plot([r["audio_hours"] for r in having], [float(r[name]) for r in having])
        axis.set_title(f"training: {name}")
    for axis in axes[0][len(losses):]:
        axis.set_axis_off()
    columns = [k for k in (checks[0] if checks else {}) if "@" in k]
    for axis, name in zip(axes[1], metrics):
        for column in (c for c in columns if c.startswith(name + "@")):
            axis.plot([r["audio_hours"] for r in checks], [float(r[column]) for r in checks], marker="o", label=column.split("@")[1] + " codebooks")
        axis.set_title(f"validation: {name}")
        axis.set_xlabel("hours of audio seen")
        if axis.lines:
            axis.legend()
    if checks:
        last = checks[-1]
        figure.suptitle(f"{last['minutes']:.0f} minutes of training time, {last['audio_hours']:.1f} hours of audio seen")
    figure.tight_layout()
    figure.savefig(arguments.output or arguments.runs[-1] / "curve.png", dpi=90)


if __name__ == "__main__":
    main()
