"""What the tests share: a model, the command, recordings, and noise that sounds like something."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import codetta
from codetta.__main__ import command

SAMPLES = Path(__file__).resolve().parents[2] / "Samples"
CASES = int(os.environ.get("CODETTA_CASES", "40"))


@pytest.fixture(scope="session")
def model() -> codetta.Model:
    return codetta.load("codetta-24k", threads=2)


@pytest.fixture(scope="session")
def run() -> Callable[..., bytes]:
    """Runs the command, and gives what it prints."""
    program = command()
    if program is None:
        pytest.skip("this installation has no command")

    def run(*arguments: Any) -> bytes:
        return subprocess.run([str(program), *map(str, arguments)], check=True, capture_output=True).stdout

    return run


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Iterator[np.random.Generator]:
    """Random numbers that are the same in every run."""
    yield np.random.default_rng(sum(request.node.name.encode()))


@pytest.fixture
def codes_of(run: Callable[..., bytes], tmp_path: Path) -> Callable[..., NDArray[np.int32]]:
    """The codes [C, K, T] that the command makes of an audio file. It writes them as `.npy`, which NumPy itself reads."""

    def codes_of(source: Path, *options: Any) -> NDArray[np.int32]:
        run("encode", source, "-o", tmp_path / "command.npy", "--force", *options)
        found: NDArray[np.int32] = np.load(tmp_path / "command.npy")
        return found if found.ndim == 3 else found[np.newaxis]

    return codes_of


def noise(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Noise in which neighbours are alike, within -0.5 ... 0.5."""
    steps = np.cumsum(rng.standard_normal(shape), axis=-1)
    steps -= steps.mean(axis=-1, keepdims=True) if shape[-1] else 0
    found: NDArray[np.float32] = (steps / max(1e-9, 2 * np.abs(steps).max(initial=0))).astype(np.float32)
    return found
