"""What every training loop of the recipe uses: a file of settings, and tables that grow."""
import csv
import json
import pathlib


def load_settings(path, overrides):
    """One file holds the model's and the training's settings; --set section.key=value changes one."""
    settings = json.loads(pathlib.Path(path).read_text())
    for item in overrides:
        name, value = item.split("=", 1)
        section, key = name.split(".")
        if key not in settings[section]:
            raise SystemExit(f"--set: no setting {name} in {path}")
        settings[section][key] = json.loads(value)
    return settings


class Table:
    """A CSV that grows a row at a time; its columns are those of its first row."""

    def __init__(self, path, append):
        self.path, self.fields = path, None
        if append and path.exists():
            with open(path, newline="") as file:
                self.fields = next(csv.reader(file), None)
        elif path.exists():
            path.unlink()

    def add(self, row):
        fresh = self.fields is None
        self.fields = self.fields or list(row)
        with open(self.path, "a", newline="") as file:
            writer = csv.DictWriter(file, self.fields, extrasaction="ignore", lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow(row)
