"""Long work runs in a process of its own and tells how it goes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from app.jobs import worker
from app.jobs.events import Cancelled, Event, Failed, Finished, Progress, decode, encode
from app.jobs.worker import Job

TARGETS = "tests.app.jobs.targets:"


@pytest.fixture
def start() -> Iterator:
    jobs: list[Job] = []

    def begin(name: str, **kwargs: object) -> Job:
        jobs.append(worker.start(TARGETS + name, kwargs))
        return jobs[-1]

    yield begin
    for job in jobs:
        job.close()


def all_events(job: Job, seconds: float = 30) -> list[Event]:
    events: list[Event] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        events += job.poll()
        if events and not isinstance(events[-1], Progress):
            return events
        time.sleep(0.01)
    raise AssertionError(f"no end within {seconds} s: {events}")


def test_progress_comes_in_order_and_the_result_last(start):
    events = all_events(start("count", upto=5))
    assert events[:-1] == [Progress(n, 5, "计数", {"square": n * n}) for n in range(1, 6)]
    assert isinstance(events[-1], Finished) and events[-1].result["sum"] == 15


def test_the_work_happens_in_another_process(start):
    assert start("count", upto=1).wait(30).result["pid"] != os.getpid()


def test_a_cancelled_job_hands_back_what_it_kept(start):
    job = start("until_cancelled")
    job.cancel()
    assert job.wait(30) == Cancelled({"kept": 3})


def test_a_refusal_is_told_in_the_users_language_without_a_traceback(start):
    event = start("refuse").wait(30)
    assert event == Failed("甲 是文件夹；请给出文件名。", is_known=True)


def test_a_bug_is_told_with_its_traceback(start):
    event = start("bug").wait(30)
    assert isinstance(event, Failed) and not event.is_known
    assert "one over none" in event.message and "targets.py" in event.detail


def test_a_worker_that_dies_is_told_with_its_last_words(start):
    event = start("die").wait(30)
    assert isinstance(event, Failed) and "7" in event.message and "last words" in event.detail


def test_a_standing_worker_answers_each_request_by_its_number(start):
    job = start("echo")
    for number, word in ((1, "弦"), (2, "滑")):
        job.send({"request": number, "word": word})
    assert [job.wait(30), job.wait(30)] == [Finished({"back": "弦"}, 1), Finished({"back": "滑"}, 2)]


def test_closing_a_job_ends_its_process(start):
    job = start("echo")
    job.close()
    assert not job.alive


def test_a_worker_ends_with_its_parent():
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os; from app.jobs import worker; j = worker.start('{TARGETS}echo', {{}});"
            "os.write(1, str(j.pid).encode()); os._exit(0)",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    pid = int(child.stdout)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the worker outlived its parent")


@pytest.mark.parametrize(
    "event",
    [Progress(1, 2, "训练", {"loss": 0.5}), Finished({"a": [1]}), Cancelled({}), Failed("坏", True, "detail", 4)],
)
def test_an_event_survives_the_wire(event):
    assert decode(encode(event)) == event


def test_training_gives_way_to_the_window_and_a_forecast_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    nicer: list[int] = []
    monkeypatch.setattr(os, "nice", nicer.append, raising=False)
    worker.give_way("app.jobs.forecasting:serve")
    assert not nicer
    worker.give_way("app.jobs.training:train")
    assert nicer == [worker.NICE]
