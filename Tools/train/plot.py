"""Plot a run's losses and validation metrics: python Tools/train/plot.py .train/run [-o curve.png]"""
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("-o", "--output", type=pathlib.Path)
    arguments = parser.parse_args()
    log, checks = read(arguments.run / "log.csv"), read(arguments.run / "validation.csv")
    losses = [k for k in ("mel", "complex", "wave", "commitment") if log and k in log[0]]
    metrics = ["pesq", "stoi", "mel", "si_sdr", "music si_sdr"]
    figure, axes = plt.subplots(2, len(metrics), figsize=(17, 6))
    for axis, name in zip(axes[0], losses):
        axis.plot([float(r["audio_hours"]) for r in log], [float(r[name]) for r in log])
        axis.set_title(f"training: {name}")
    for axis in axes[0][len(losses):]:
        axis.set_axis_off()
    columns = [k for k in (checks[0] if checks else {}) if "@" in k]
    for axis, name in zip(axes[1], metrics):
        for column in (c for c in columns if c.startswith(name + "@")):
            axis.plot([float(r["audio_hours"]) for r in checks], [float(r[column]) for r in checks], marker="o", label=column.split("@")[1] + " codebooks")
        axis.set_title(f"validation: {name}")
        axis.set_xlabel("hours of audio seen")
        if axis.lines:
            axis.legend()
    if checks:
        last = checks[-1]
        figure.suptitle(f"{last['step']} steps, {float(last['minutes']):.0f} minutes of training time, {float(last['audio_hours']):.1f} hours of audio seen")
    figure.tight_layout()
    figure.savefig(arguments.output or arguments.run / "curve.png", dpi=90)


if __name__ == "__main__":
    main()
