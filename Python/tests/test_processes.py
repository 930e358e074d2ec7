"""Threads, forks, spawned processes, pickles and Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import noise
from numpy.typing import NDArray

import codetta
from codetta._native import MODELS


def test_models_pickle_by_name_or_path(model: codetta.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    x = noise(rng, 3000)
    again = pickle.loads(pickle.dumps(model))
    assert again.name == model.name and again.threads == model.threads
    assert len(pickle.dumps(model)) < 200
    assert np.array_equal(again.encode(x).array, model.encode(x).array)
    folder = os.environ.get("CODETTA_MODELS") or str(MODELS)
    monkeypatch.chdir(folder)
    by_path = codetta.load("./codetta-24k")
    pickled = pickle.dumps(by_path)
    monkeypatch.chdir(tmp_path)
    assert np.array_equal(pickle.loads(pickled).encode(x).array, model.encode(x).array)


def test_codes_pickle(model: codetta.Model, rng: np.random.Generator) -> None:
    for x in (noise(rng, 3000), noise(rng, 2, 3000), noise(rng, 3, 2, 3000), noise(rng, 0)):
        codes = model.encode(x, 44_100, dtype=np.int64)
        again = pickle.loads(pickle.dumps(codes))
        assert np.array_equal(again.array, codes.array) and again.array.dtype == np.int64
        assert np.array_equal(model.decode(again), model.decode(codes)) and again.samples.tolist() == codes.samples.tolist()


def _encode(job: tuple[codetta.Model, NDArray[np.float32]]) -> bytes:
    model, x = job
    found: bytes = model.encode(x, 44_100, 3).array.tobytes()
    return found


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes(model: codetta.Model, rng: np.random.Generator, method: str) -> None:
    """The parent has used its model and its threads before; the children use it too."""
    clips = noise(rng, 6, 60_000)
    expected = [_encode((model, clip)) for clip in clips]
    model.encode(clips, lengths=[60_000] * 6)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_encode, [(model, clip) for clip in clips]) == expected


def test_a_forked_child_uses_what_its_parent_made(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 3, 1, 100_000)
    expected = model.encode(x).array.tobytes()
    stream = model.encoder()
    stream.push(x[0])
    child = os.fork()
    if child == 0:
        code = 1
        try:
            same = model.encode(x).array.tobytes() == expected
            code = 0 if same and stream.push(x[1]).array.shape[0] == 12 else 2
        finally:
            os._exit(code)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            break
        time.sleep(0.01)
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the child hangs")
    assert model.encode(x).array.tobytes() == expected


def test_eight_threads_share_a_model(model: codetta.Model, rng: np.random.Generator) -> None:
    clips = [noise(rng, int(length)) for length in rng.integers(1000, 60_000, 24)]
    expected = [_encode((model, clip)) for clip in clips]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(_encode, [(model, clip) for clip in clips])) == expected


def test_other_threads_run_during_a_call(model: codetta.Model, rng: np.random.Generator) -> None:
    """The interpreter's lock is free: this thread counts while another encodes, not only before and after."""
    x = noise(rng, 24_000 * 60)
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        model.encode(x)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    count = 0
    while not ended.is_set():
        time.sleep(0.001)
        count += 1
    thread.join()
    assert count > 20


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C interrupts, even where the tests run in the background, whose processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_ends_a_long_call(ctrl_c: None, model: codetta.Model, rng: np.random.Generator) -> None:
    """In a long encode of one recording, of a batch, in a decode, and in a push."""
    x = np.tile(noise(rng, 24_000 * 60), 20)
    codes = model.codes(np.tile(model.encode(x[: 24_000 * 60]).array, 20))
    batch = np.broadcast_to(x[: 24_000 * 120], (20, 1, 24_000 * 120))
    encoder = model.encoder()
    copy = encoder.copy()
    for call in (lambda: model.encode(x), lambda: model.encode(batch), lambda: model.decode(codes), lambda: encoder.push(x)):
        threads = threading.active_count()
        sent: list[float] = []

        def interrupt() -> None:
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Timer(0.2, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            call()
        assert time.monotonic() - sent[0] < 0.5
        timer.join()
        assert threading.active_count() == threads
    with pytest.raises(codetta.UsageError, match="after its end"):
        encoder.push(x[:100])
    assert np.array_equal(codetta.join([copy.push(x[:2400]), copy.finish()]).array, model.encode(x[:2400]).array)
    # Nothing hangs or is spoiled by it.
    assert model.encode(x[:2400]).array.shape == (12, 5)


def test_a_handler_that_raises_ends_a_long_call(model: codetta.Model, rng: np.random.Generator) -> None:
    class TooLong(Exception):
        pass

    def raise_it(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(TooLong):
            model.encode(np.tile(noise(rng, 24_000 * 60), 20))
    finally:
        signal.signal(signal.SIGALRM, before)


def test_the_import_takes_no_time() -> None:
    """In a fresh interpreter, the best of five: 50 ms at most."""
    program = "import time; t = time.perf_counter(); import codetta; print(time.perf_counter() - t)"
    times = [float(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout) for _ in range(5)]
    assert min(times) < 0.05


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_memory_after_10_000_calls(model: codetta.Model, rng: np.random.Generator) -> None:
    x = noise(rng, 2400)
    clips = noise(rng, 4, 2400)
    decoder, encoder = model.decoder(live=True), model.encoder()

    def calls(count: int) -> None:
        for i in range(count):
            codes = model.encode(x, 44_100, 3)
            model.decode(codes)
            decoder.push(encoder.push(x[:480]))
            if i % 10 == 0:
                batch = model.encode(clips, lengths=[2400] * 4)
                model.decode(batch)
                pickle.loads(pickle.dumps(codes))
                encoder.copy()
                with pytest.raises(codetta.BadDataError):
                    codetta.read(b"no token file")
                with pytest.raises(codetta.UsageError):
                    model.encode(x, bitrate=1000)

    calls(1000)
    before = _resident()
    calls(10_000)
    assert _resident() - before < 4 << 20


@pytest.mark.slow
def test_memory_after_interrupts(ctrl_c: None, model: codetta.Model, rng: np.random.Generator) -> None:
    """A call that ends early keeps nothing."""
    x = np.tile(noise(rng, 24_000 * 60), 20)

    def interrupt() -> None:
        timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.encode(x)
        timer.join()

    for _ in range(10):
        interrupt()
    before = _resident()
    for _ in range(100):
        interrupt()
    assert _resident() - before < 4 << 20
