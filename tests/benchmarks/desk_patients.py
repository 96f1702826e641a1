"""The patient list over a hundred thousand patients: scrolling beside a bare list view, and each filter."""

from __future__ import annotations

from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options
from tests.benchmarks.desk_list import list_figures

FRAME_MS = 1000 / 30  # a step of scrolling that takes longer is seen as a jump


def run(options: Options) -> Part:
    """The figures of ``desk_list``, which measures them, against what a hand notices."""
    told = list_figures(options.patients)
    part = Part(figures=told)
    for way, row in told["scroll"].items():
        part.rows.append({"list": f"scrolled {way}", "ms": row["ms"], "times bare": row["times"], "found": None})
    for name, row in told["filters"].items():
        part.rows.append(
            {"list": f"filter: {name}", "ms": row["ms"], "times bare": row["times"], "found": row["found"]}
        )
    part.goals.append(at_most("ms of a step", max(row["ms"] for row in told["scroll"].values()), FRAME_MS))
    return part
