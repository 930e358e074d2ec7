import os
from pathlib import Path

import pytest

import codetta

# The repository, for its samples; the package under test is the installed one.
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def model() -> codetta.Model:
    return codetta.load("codetta-24k")


@pytest.fixture(scope="session")
def command() -> str:
    """The command that codes are compared with."""
    path = os.environ.get("CODETTA_COMMAND", str(ROOT / ".build/release/codetta"))
    if not os.access(path, os.X_OK):
        pytest.skip("there is no command to compare with; CODETTA_COMMAND names one")
    return path
