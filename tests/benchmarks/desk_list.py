"""The patient list over 100,000 patients beside a bare QListView over a list in memory: scrolling, and each filter.

``list_figures()`` for the benchmark of the desk; ``main`` prints them alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QApplication, QListView

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.store.clinic import Clinic
from app.store.finding import Memory
from app.ui.main import application
from app.ui.pages.patients import FoundLike, PatientPanel
from tests.benchmarks import desk_clinic

PATIENTS = 100_000
STEPS, TURNS = 60, 5
SIZE = (264, 700)
FILTERS = {
    "everyone": EVERYONE,
    "text": PatientFilter(text="王"),
    "diagnosis, common": PatientFilter(diagnoses=("dis.1",)),
    "diagnosis without a code": PatientFilter(diagnoses=("病0",)),
    "syndrome, common": PatientFilter(syndromes=("syn.s0",)),
    "formula, common": PatientFilter(formulas=("方0",)),
    "herb, of most": PatientFilter(herbs=("herb.h0",)),
    "herb, rare": PatientFilter(herbs=("herb.h290",)),
    "last visit": PatientFilter(seen_from=dt.date(1990, 1, 1), seen_to=dt.date(1992, 1, 1)),
    "age": PatientFilter(age_from=30.0, age_to=50.0),
    "worse": PatientFilter(worse=True),
    "herbs, syndrome, sex": PatientFilter(herbs=("herb.h0", "herb.h3"), syndromes=("syn.s1",), sex="F"),
}


class _Source:
    """The clinic behind the panel, without threads."""

    def __init__(self, clinic: Clinic) -> None:
        self._queries = clinic.queries
        self.rows, self.row_of = clinic.queries.rows, clinic.queries.row_of

    def ask(self, asked: PatientFilter, told: Callable[[FoundLike], None]) -> None:
        told(self._queries.find(asked))


def list_figures(patients: int = PATIENTS, *, encrypted: bool = False, place: Path | None = None) -> dict[str, Any]:
    """scroll: by way of moving, {"ms", "worst_ms", "times"} of a step, times those of the bare view; filters: by name
    {"ms", "again_ms", "found", "times"}, times a pass over as many names in memory.

    place: a plain clinic file that was built before
    """
    application()
    with _clinic(patients, encrypted, place) as clinic:
        names = [f"患者{n}" for n in range(patients)]
        bare = QListView()
        bare.setUniformItemSizes(True)
        bare.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        bare.setModel(QStringListModel(names))
        panel = PatientPanel()
        panel.show_patients(_Source(clinic), patients)
        for widget in (bare, panel):
            widget.resize(*SIZE)
            widget.show()
            QApplication.processEvents()
        scroll = {way: _beside(move(panel.list), move(bare)) for way, move in _WAYS.items()}
        floor = min(_timed(lambda: [name for name in names if "9" in name]) for _ in range(TURNS))
        filters = {name: _filtered(clinic, asked, floor) for name, asked in FILTERS.items()}
        panel.close()
        bare.close()
    return {"patients": patients, "encrypted": encrypted, "scroll": scroll, "filters": filters}


@contextmanager
def _clinic(patients: int, encrypted: bool, place: Path | None) -> Iterator[Clinic]:
    if place is not None:
        with Clinic.open(place, create=False) as clinic:
            yield clinic
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        desk_clinic.build(Path(folder) / "clinic.db", patients, encrypted=encrypted) as clinic,
    ):
        yield clinic


def _page_by_page(view: QListView) -> Iterator[Callable[[], None]]:
    bar = view.verticalScrollBar()
    for step in range(STEPS):
        yield lambda step=step: bar.setValue(step * bar.pageStep())


def _from_end_to_end(view: QListView) -> Iterator[Callable[[], None]]:
    bar = view.verticalScrollBar()
    for step in range(STEPS):
        yield lambda step=step: bar.setValue(bar.maximum() * (step * 37 % STEPS) // STEPS)


def _to_the_end(view: QListView) -> Iterator[Callable[[], None]]:
    bar = view.verticalScrollBar()
    for _ in range(STEPS // 10):
        yield lambda: bar.setValue(bar.maximum())
        yield lambda: bar.setValue(0)


_WAYS = {"page by page": _page_by_page, "from place to place": _from_end_to_end, "to the end and back": _to_the_end}


def _beside(ours: Iterator[Callable[[], None]], bare: Iterator[Callable[[], None]]) -> dict[str, float]:
    """Each step in turns, painted."""
    times: tuple[list[float], list[float]] = ([], [])
    for pair in zip(ours, bare, strict=True):
        for step, kept in zip(pair, times, strict=True):
            kept.append(_timed(step, QApplication.processEvents))
    found, floor = statistics.median(times[0]), statistics.median(times[1])
    return {"ms": found, "worst_ms": max(times[0]), "times": found / floor}


def _filtered(clinic: Clinic, asked: PatientFilter, floor: float) -> dict[str, float]:
    """ms, times: asked for the first time since a record changed; again_ms: while nothing has changed."""
    queries = clinic.queries

    def first() -> None:
        queries._memory = Memory()
        queries.find(asked)

    found = len(queries.find(asked))
    took = statistics.median(_timed(first) for _ in range(TURNS))
    again = statistics.median(_timed(lambda: queries.find(asked)) for _ in range(TURNS))
    return {"ms": took, "again_ms": again, "found": found, "times": took / floor}


def _timed(*acts: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    for act in acts:
        act()
    return (time.perf_counter() - began) * 1e3


def main(argv: list[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="desk_list", description=__doc__)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("--clinic", type=Path, help="a plain clinic file built before")
    chosen = parser.parse_args(argv)
    figures = list_figures(chosen.patients, encrypted=chosen.encrypted, place=chosen.clinic)
    for name, row in figures["scroll"].items():
        print(f"{name:28s} {row['ms']:8.1f} ms, worst {row['worst_ms']:.1f} ms, {row['times']:.1f} times a bare list")
    for name, row in figures["filters"].items():
        told = f"again {row['again_ms']:.1f} ms, {row['found']:,} found, {row['times']:.1f} times a pass in memory"
        print(f"{name:28s} {row['ms']:8.1f} ms, {told}")
    return 0
