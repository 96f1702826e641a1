"""What a part of the core benchmark hands back: a table, goals met or missed, notes; and how it is printed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Options:
    """backend: of our layers; quick: fewer repetitions; threads: of both libraries; ncps_big: GB it may take."""

    backend: str = "cpu"
    quick: bool = False
    threads: int = 2
    ncps_big: float | None = None


@dataclass(frozen=True)
class Goal:
    """value: what was measured, None where nothing could be; bound: in words."""

    what: str
    value: float | None
    bound: str
    met: bool


def at_least(what: str, value: float, bound: float) -> Goal:
    return Goal(what, value, f">= {bound:g}", value >= bound)


def at_most(what: str, value: float, bound: float) -> Goal:
    return Goal(what, value, f"<= {bound:.3g}", value <= bound)


def between(what: str, value: float, low: float, high: float) -> Goal:
    return Goal(what, value, f"{low:g} .. {high:g}", low <= value <= high)


def missing(what: str, why: str) -> Goal:
    return Goal(f"{what}: {why}", None, "", False)


@dataclass
class Part:
    """rows: a table (all rows with the same keys); figures: whatever else belongs into the JSON."""

    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def show(self, title: str) -> None:
        print(f"\n{title}")
        for line in lines(self.rows):
            print("  " + line)
        for note in self.notes:
            print(f"  . {note}")
        for goal in self.goals:
            print(f"  {'met   ' if goal.met else 'MISSED'} {goal.what}: {cell(goal.value)} ({goal.bound})")


def cell(value: Any) -> str:
    """Three significant figures, as a person writes them."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        return f"{value:.1e}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}" if value else "0"


def lines(rows: Sequence[Row]) -> list[str]:
    """The table as text, right-aligned but for its first column."""
    if not rows:
        return []
    head = list(rows[0])
    grid = [head, *([cell(row[name]) for name in head] for row in rows)]
    widths = [max(len(line[i]) for line in grid) for i in range(len(head))]
    return [
        "  ".join(text.ljust(width) if i == 0 else text.rjust(width) for i, (text, width) in enumerate(pairs))
        for pairs in (list(zip(line, widths, strict=True)) for line in grid)
    ]
