"""Tests of models/kernels/threads.py."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from models.kernels import threads


@pytest.fixture(params=["torch's", "a pool's"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "a pool's":
        monkeypatch.setattr(threads, "_team", lambda: None)
    elif threads._team() is None:
        pytest.skip("torch runs on no OpenMP of GNU's here")
    return request.param


def test_every_part_is_worked_once_and_at_once(kind: str):
    met, done = threading.Barrier(2, timeout=30), []

    def work(number: int) -> None:
        met.wait()  # would break, were one part to wait for the other
        done.append(number)

    threads.spread(work, [(1,), (2,)])
    assert sorted(done) == [1, 2]


def test_more_parts_than_threads_are_all_worked(kind: str, monkeypatch: pytest.MonkeyPatch):
    if kind == "torch's":
        library = threads._team()

        class Alone:
            """A team of which nobody else came."""

            def __getattr__(self, name: str) -> object:
                return getattr(library, name)

            def GOMP_parallel(self, task: object, data: object, count: int, flags: int) -> None:
                assert library is not None
                library.GOMP_parallel(task, data, 1, flags)

        monkeypatch.setattr(threads, "_team", Alone)
    done: list[int] = []
    threads.spread(lambda *parts: done.extend(parts), [(k,) for k in range(5)])
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_what_a_part_raises_arrives(kind: str):
    def work(number: int) -> None:
        if number == 1:
            raise ValueError("the second part")

    for _ in range(3):
        with pytest.raises(ValueError, match="second part"):
            threads.spread(work, [(0,), (1,)])
    threads.spread(work, [(0,), (2,)])


def test_an_error_arrives_when_all_parts_have_ended(kind: str):
    done: list[int] = []

    def work(number: int) -> None:
        if number == 2:
            raise ValueError("the last part")
        time.sleep(0.1)
        done.append(number)

    with pytest.raises(ValueError, match="last part"):
        threads.spread(work, [(0,), (1,), (2,)])
    assert sorted(done) == [0, 1]


def test_an_interrupt_that_ctypes_loses_is_raised_all_the_same(monkeypatch: pytest.MonkeyPatch):
    class Interrupted:
        """A team whose task is struck before its first line."""

        def GOMP_parallel(self, task: object, data: object, count: int, flags: int) -> None: ...

    monkeypatch.setattr(threads, "_team", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        threads.spread(lambda _: None, [(0,), (1,)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_kernels_first_used_after_a_fork_have_threads_too():
    code = """
import os, signal, torch
from models import LTC, AutoNCP
torch.set_num_threads(2)
torch.ones(300, 300) @ torch.ones(300, 300) + torch.ones(300_000).sum()
layer = LTC(2, AutoNCP(8, 2), backend="cpu")
child = os.fork()
signal.alarm(100)
if child:
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
layer(torch.zeros(40, 3, 2))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)


def test_a_process_forked_after_use_has_threads_too():
    work = lambda *_: None
    threads.spread(work, [(0,), (1,)])
    context = multiprocessing.get_context("fork")
    child = context.Process(target=threads.spread, args=(work, [(0,), (1,)]))
    child.start()
    child.join(60)
    hangs = child.is_alive()
    if hangs:
        child.kill()
    assert not hangs
    assert child.exitcode == 0


def test_blocks_are_shared_evenly(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    assert threads.shares(7) == [(0, 2), (2, 4), (4, 7)]
    assert threads.shares(2) == [(0, 1), (1, 2)]


def test_torch_s_threads_are_found_where_it_runs_on_gnu_s_openmp():
    maps = Path("/proc/self/maps")
    mapped = maps.read_text() if maps.exists() else ""
    if "libgomp" not in mapped or "OpenMP" not in torch.__config__.parallel_info():
        pytest.skip("torch runs on no OpenMP of GNU's here")
    assert threads._team() is not None
