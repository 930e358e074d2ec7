"""The command `codetta`, which comes with the wheel: `python -m codetta`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def command() -> str | None:
    """The program: the one in this package, or the one that the environment variable CODETTA_COMMAND names."""
    inside = Path(__file__).resolve().parent / "bin" / "codetta"
    chosen = os.environ.get("CODETTA_COMMAND")
    if chosen:
        return shutil.which(chosen)
    return str(inside) if os.access(inside, os.X_OK) else None


def main() -> None:
    """Becomes the command."""
    program = command()
    if program is None:
        sys.exit("error: this installation has no command; the environment variable CODETTA_COMMAND can name one")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(program, ["codetta", *sys.argv[1:]])


if __name__ == "__main__":
    main()
