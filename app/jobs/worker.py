"""Long work in a process of its own, with progress and cancel. Qt-free; the window polls it.

    job = start("app.jobs.training:train", {"db": "clinic.db", "name": "不寐"})
    for event in job.poll(): ...

The child runs ``main()`` of this module; requests and events are JSON lines on its standard input and output. A
child whose parent dies sees its input close and stops by itself. A separate process rather than a thread: training in
the window's process holds the event loop up for hundreds of milliseconds.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from app import i18n
from app.domain.errors import KnownError
from app.jobs.events import Cancelled, Event, Failed, Finished, Progress, decode, encode
from app.paths import RESOURCES

LASTING = ("app.jobs.training:", "app.jobs.tuning:", "app.jobs.updating:", "app.jobs.demo:")
NICE = 10


class StoppedEarly(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by a target that stopped on request; result is what it kept."""

    def __init__(self, result: dict[str, Any] | None = None) -> None:
        super().__init__("stopped on request")
        self.result = result or {}


class Reporter:
    """What a target gets: a way to tell progress, to see a wish to stop, and to hear further requests."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._cancel = threading.Event()
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        self._emit(Progress(done, total, text, data))

    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()
        self._requests.put(None)

    def hear(self, request: dict[str, Any]) -> None:
        self._requests.put(request)

    def requests(self, busy: Callable[[], bool] = bool) -> Iterator[dict[str, Any]]:
        """Requests sent after the start, until a cancel or the end of the parent.

        busy: while it says True nothing is waited for, and {} stands for "nothing was asked meanwhile"
        """
        while True:
            try:
                request = self._requests.get(block=not busy())
            except queue.Empty:
                request = {}
            if request is None:
                return
            yield request

    def answer(self, event: Event) -> None:
        self._emit(event)


class Job:
    """The parent's end of one worker process."""

    def __init__(self, target: str, kwargs: dict[str, Any]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the job
        self._events: queue.Queue[Event] = queue.Queue()
        self._over = False
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        root = str(RESOURCES.parent)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from app.jobs.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        self._reader = threading.Thread(target=self._read, name=f"job {target}", daemon=True)
        self._reader.start()
        self.send({"target": target, "kwargs": kwargs, "language": i18n.language()})

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = decode(line)
            self._over = self._over or (not isinstance(event, Progress) and event.request == 0)
            self._events.put(event)
        code = self._process.wait()
        if not self._over:
            self._errors.seek(0)
            tail = self._errors.read()[-4000:].decode("utf-8", "replace")
            message = i18n.t("The worker process ended unexpectedly (code {code}).", code=code)
            self._events.put(Failed(message, detail=tail))

    def send(self, message: dict[str, Any]) -> None:
        """A line to the worker; a worker that is gone is told of by poll()."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
            self._process.stdin.flush()

    def poll(self) -> list[Event]:
        """Events since the last call, without waiting."""
        events = []
        with contextlib.suppress(queue.Empty):
            while True:
                events.append(self._events.get_nowait())
        return events

    def wait(self, timeout: float | None = None) -> Event:
        """The last event. Raises queue.Empty after timeout seconds without one."""
        while True:
            event = self._events.get(timeout=timeout)
            if not isinstance(event, Progress):
                return event

    def cancel(self) -> None:
        self.send({"cancel": True})

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self, patience: float = 2.0) -> None:
        """Ask to stop, wait a little, then end it for good; frees pipes and thread."""
        self.cancel()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(patience)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()


def start(target: str, kwargs: dict[str, Any]) -> Job:
    """Run ``module:function(reporter, **kwargs)`` in a process of its own; kwargs and result are what JSON carries."""
    return Job(target, kwargs)


def _listen(reporter: Reporter, lines: TextIO) -> None:
    for line in lines:
        message = json.loads(line)
        if message.get("cancel"):
            reporter.cancel()
        else:
            reporter.hear(message)
    reporter.cancel()  # the parent is gone


def _run(order: dict[str, Any], reporter: Reporter) -> Event:
    module, _, name = order["target"].partition(":")
    i18n.set_language(order.get("language", "zh"))
    try:
        target = getattr(importlib.import_module(module), name)
        return Finished(target(reporter, **order["kwargs"]) or {})
    except StoppedEarly as stop:
        return Cancelled(stop.result)
    except KnownError as error:
        return Failed(i18n.explain(error), is_known=True)
    except Exception as error:  # noqa: BLE001 - the last gate of a process: whatever it is, the parent is told
        return Failed(f"{type(error).__name__}: {error}", detail=traceback.format_exc())


def give_way(target: str) -> None:
    """Work of many minutes takes the cores only where the window, and what somebody waits for, leave them."""
    if target.startswith(LASTING) and hasattr(os, "nice"):
        os.nice(NICE)


def main() -> None:
    """The child: one order on standard input, events on standard output until it is done."""
    wire = io.TextIOWrapper(os.fdopen(os.dup(1), "wb"), encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints goes to the error log, not between the events
    lock = threading.Lock()

    def emit(event: Event) -> None:
        with lock, contextlib.suppress(BrokenPipeError):
            wire.write(encode(event) + "\n")
            wire.flush()

    order = json.loads(sys.stdin.readline())
    give_way(order["target"])
    reporter = Reporter(emit)
    threading.Thread(target=_listen, args=(reporter, sys.stdin), daemon=True).start()
    emit(_run(order, reporter))
    os._exit(0)  # the listening thread sits in a read that nothing else would end
