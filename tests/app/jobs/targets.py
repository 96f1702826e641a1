"""What the worker tests run in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import Any

from app.domain.errors import KnownError
from app.jobs.events import Finished
from app.jobs.worker import Reporter, StoppedEarly


def count(reporter: Reporter, upto: int) -> dict[str, Any]:
    for number in range(1, upto + 1):
        reporter.progress(number, upto, "计数", square=number * number)
    sys.stdout.write("a library that prints must not disturb the events\n")
    return {"sum": sum(range(upto + 1)), "pid": os.getpid()}


def until_cancelled(reporter: Reporter) -> dict[str, Any]:
    reporter.progress(0, 1)
    for _ in reporter.requests():
        continue
    raise StoppedEarly({"kept": 3})


def refuse(reporter: Reporter) -> dict[str, Any]:
    raise KnownError("{path} is a folder; give the name of a file.", path="甲")


def bug(reporter: Reporter) -> dict[str, Any]:
    raise ZeroDivisionError("one over none")


def die(reporter: Reporter) -> dict[str, Any]:
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    os._exit(7)


def echo(reporter: Reporter) -> dict[str, Any]:
    for request in reporter.requests():
        reporter.answer(Finished({"back": request["word"]}, request["request"]))
    return {}
