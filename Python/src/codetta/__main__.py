"""`python -m codetta` is the command `codetta`: the one in this package, else the one in the path."""
from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    own = Path(__file__).resolve().parent / "bin" / "codetta"
    program = str(own) if own.exists() else shutil.which("codetta")
    if program is None or Path(program).resolve() == Path(sys.argv[0]).resolve():
        sys.exit("codetta: this package came without the command; build it with `make`, or set the path to it")
    models = Path(__file__).resolve().parent / "models"
    environment = dict(os.environ)
    if models.is_dir():
        environment["CODETTA_MODELS"] = os.pathsep.join(filter(None, [environment.get("CODETTA_MODELS"), str(models)]))
    os.execve(program, [program, *sys.argv[1:]], environment)


if __name__ == "__main__":
    main()
