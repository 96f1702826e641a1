"""What a worker process tells its parent. JSON on a pipe: nothing is pickled."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """done of total, with words for the user and figures for a plot."""

    done: int
    total: int
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    request: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    result: dict[str, Any] = field(default_factory=dict)
    request: int = 0


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Stopped on request; result holds what was kept."""

    result: dict[str, Any] = field(default_factory=dict)
    request: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """message is in the user's language; is_known tells a refusal from a bug; detail is the traceback of a bug."""

    message: str
    is_known: bool = False
    detail: str = ""
    request: int = 0


Event = Progress | Finished | Cancelled | Failed
_KINDS: dict[str, type[Event]] = {c.__name__: c for c in (Progress, Finished, Cancelled, Failed)}


def encode(event: Event) -> str:
    told = {one.name: getattr(event, one.name) for one in fields(event)}  # as they are: a forecast is large to copy
    return json.dumps({"event": type(event).__name__, **told}, ensure_ascii=False)


def decode(line: str) -> Event:
    told = json.loads(line)
    return _KINDS[told.pop("event")](**told)
