"""From saving a follow-up visit to its forecast on screen, beside the worker's own time for that forecast.

Real model, real worker. The floor asks the same service for the same patient, with nobody else in between.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.ui.forecasting import Service, start_service
from tests.benchmarks import desk_demo
from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options, percentile

if TYPE_CHECKING:
    from app.ui.window import MainWindow

GOAL_MS = 200.0
QUIET = 0.6  # seconds in which the window comes to rest between two visits


def run(options: Options) -> Part:
    """A follow-up, copied forward with one score changed, for each of some patients."""
    part = Part()
    made: list[Service] = []

    def make(order: dict[str, object]) -> Service:
        made.append(start_service(order))
        return made[-1]

    with tempfile.TemporaryDirectory() as folder:
        window = desk_demo.window(desk_demo.clinic(Path(folder), trained=True), make)
        desk_demo.until(lambda: window.outlook is not None)
        saved: list[float] = []
        shown: list[float] = []
        asked: list[float] = []
        assert window.session.clinic is not None
        everyone = [found.code for found in window.session.clinic.queries.search("", limit=desk_demo.PATIENTS)]
        for turn, code in enumerate(everyone[: options.saves + 1]):
            window.choose(code)
            desk_demo.until(lambda: _is_shown(window))
            desk_demo.turn(QUIET)
            alone = _asked(made[-1], window)
            written, seen = _saved(window)
            if turn:
                asked.append(alone)
                saved.append(written)
                shown.append(seen)
        window.close()
        desk_demo.turn(0.1)
    for what, values in (
        ("the worker's forecast, asked alone", asked),
        ("visit in the record", saved),
        ("its forecast on screen", shown),
    ):
        figures = {"median ms": median(values), "p90 ms": percentile(values, 0.9), "slowest ms": max(values)}
        part.rows.append({"from save to": what, **figures, "times the worker": median(values) / median(asked)})
    part.goals.append(at_most("ms from save to its forecast on screen", median(shown), GOAL_MS))
    part.figures = {"asked_ms": asked, "saved_ms": saved, "shown_ms": shown}
    return part


def _is_shown(window: MainWindow) -> bool:
    outlook, case = window.outlook, window.session.case
    return outlook is not None and case is not None and outlook.patient == case.patient.code


def _asked(service: Service, window: MainWindow) -> float:
    """Milliseconds of the service for the patient on screen, heard of at once."""
    case = window.session.case
    assert case is not None
    began = time.perf_counter()
    number = service.request(window.session.model, case.patient.code)
    while not any(getattr(event, "request", 0) == number for event in service.poll()):
        time.sleep(0.0005)
    return 1e3 * (time.perf_counter() - began)


def _saved(window: MainWindow) -> tuple[float, float]:
    """Milliseconds until the visit is in the record, and until its forecast was painted."""
    window.visits.new_visit()
    editor = window.visits.editor
    desk_demo.until(lambda: editor.entering)
    row = editor.scores.rows[0]
    row.choose(2.0 if row.finding.value != 2.0 else 4.0)
    for line in editor.formula.fields()[1:]:  # the simulated doses want a second signature
        if isinstance(line, QLineEdit):
            line.setText("复核")
    desk_demo.turn(QUIET)
    if not editor.check():
        raise RuntimeError(f"the visit cannot be saved: {editor.fault.text()}")
    began = time.perf_counter()
    editor.save.click()
    desk_demo.until(lambda: not editor.entering)
    written = time.perf_counter() - began
    desk_demo.until(lambda: bool(editor.card.rows()))
    window.grab()  # what is on screen now is drawn
    seen = time.perf_counter() - began
    window.visits.close()
    return 1e3 * written, 1e3 * seen
