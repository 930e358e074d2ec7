"""Threads, processes, interrupts and memory."""
from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import codetta

X = np.random.default_rng(0).uniform(-0.5, 0.5, (8, 12_000)).astype(np.float32)


def _encoded(model: codetta.Model, index: int) -> list[list[int]]:
    codes: list[list[int]] = model.encode(X[index], bitrate=3).array.tolist()
    return codes


def _child(model: codetta.Model, index: int, queue: "multiprocessing.Queue[object]") -> None:
    queue.put(_encoded(model, index))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(model: codetta.Model, method: str) -> None:
    expected = _encoded(model, 3)
    context: Any = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=_child, args=(model, 3, queue))
    process.start()
    assert queue.get(timeout=60) == expected
    process.join(60)
    assert process.exitcode == 0


def test_threads_share_a_model(model: codetta.Model) -> None:
    expected = [_encoded(model, index) for index in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda index: _encoded(model, index), range(8))) == expected


def test_other_threads_run_meanwhile(model: codetta.Model) -> None:
    counts, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            counts[0] += 1
            time.sleep(0.001)

    worker = threading.Thread(target=count)
    worker.start()
    model.encode(np.tile(X[0], 100))
    done.set()
    worker.join()
    assert counts[0] > 5


def test_models_and_codes_are_pickled(model: codetta.Model) -> None:
    codes = model.encode(X, lengths=[12_000] * 8, bitrate=3)
    assert pickle.loads(pickle.dumps(codes)) == codes
    assert pickle.loads(pickle.dumps(model)).encode(X[0], bitrate=3) == codes[0]


def test_an_interrupt_ends_a_long_call(model: codetta.Model) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(100):
            model.encode(np.tile(X[0], 2000))
    assert time.monotonic() - begin < 20
    # The model goes on.
    assert len(model.encode(X[0])) == 25


def test_import_is_quick() -> None:
    program = "import time, numpy; t = time.perf_counter(); import codetta; print(time.perf_counter() - t)"
    times = [float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout) for _ in range(5)]
    print(f"import codetta, after numpy: {1000 * min(times):.0f} ms")


@pytest.mark.slow
def test_memory_stays(model: codetta.Model) -> None:
    import resource

    def calls(count: int) -> int:
        for index in range(count):
            model.decode(model.encode(X[index % 8, :960], bitrate=3))
            try:
                codetta.read_bytes(b"nonsense")
            except codetta.BadDataError:
                pass
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = calls(1000)
    after = calls(9000)
    print(f"KiB at most after 1000 and 10 000 calls: {before}, {after}")
    assert after < before + 4096
