"""The timeline under load: five lines of a million points, and an ordinary patient opened and panned.

What is timed is drawing as it happens on screen: the scale moves, the whole view of 1280 x 800 is
painted.
Ratios are against a bare pyqtgraph window with the same data, built and painted in the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
import pyqtgraph as pg
import shiboken6
from PySide6.QtWidgets import QWidget

from app.domain.records import Case, DateBasis, Patient, Visit, VisitKind
from app.domain.vocabulary import core
from app.ui.pictures import ensure_application
from app.ui.plots.timeline import TimelineView
from models.course import Course, Variable
from tests.ui.plots import samples

LINES, POINTS, DAYS = 5, 1_000_000, 365.0
FRAMES, REPEATS = 60, 9
SIZE = (1280, 800)


@dataclass(frozen=True)
class Timed:
    """Seconds a frame, one value a frame."""

    seconds: tuple[float, ...]

    @property
    def a_second(self) -> float:
        """Frames a second at the median frame."""
        return 1.0 / median(self.seconds)

    @property
    def slowest(self) -> float:
        """Frames a second at the slowest frame but five of a hundred."""
        return 1.0 / float(np.quantile(self.seconds, 0.95))


def dense_course(points: int = POINTS, lines: int = LINES) -> tuple[Case, Course]:
    """Measurements as a wearable gives them: waves, noise, and a stretch in which it lay on the table."""
    rng = np.random.default_rng(0)
    days = np.linspace(0.0, DAYS, points)
    values = np.empty((points, lines))
    for line in range(lines):
        wave = np.sin(2 * np.pi * days * (line + 1)) + 0.3 * np.sin(2 * np.pi * days / 30)
        values[:, line] = 70 + 10 * wave + rng.normal(scale=1.5, size=points)
    values[points // 2 : points // 2 + points // 20, :] = np.nan
    variables = tuple(Variable(f"lab.s{i}", f"S{i}", "continuous", "", None, None, "lab") for i in range(lines))
    visits = tuple(
        Visit(n + 1, VisitKind.FIRST if n == 0 else VisitKind.FOLLOW_UP, day, DateBasis.RELATIVE)
        for n, day in enumerate((0.0, 90.0, 180.0, 270.0, DAYS))
    )
    return Case(Patient("T-0009"), visits), Course("T-0009", days, values, variables)


def timeline_figures() -> dict[str, float]:
    """fps_*: frames a second with five lines of a million points; *_ratio: an ordinary patient against bare plots."""
    ensure_application()
    case, course = dense_course()
    view = TimelineView()
    view.resize(*SIZE)
    started = time.perf_counter()
    view.show_case(case, core(), course=course)
    _paint(view)
    opened = time.perf_counter() - started
    out = {"dense_open_s": opened}
    for name, move in _moves(view).items():
        timed = _frames(view, move)
        out[f"fps_{name}"] = timed.a_second
        out[f"fps_{name}_p95"] = timed.slowest
    _end(view)
    return out | _ordinary()


def _moves(view: TimelineView) -> Mapping[str, Callable[[int], None]]:
    """The two things one does most: shifting a zoomed view, and zooming in and out about a place."""

    def pan(frame: int) -> None:
        if frame == 0:
            view.scale.show(0.0, DAYS / 3)
        view.scale.pan(12.0 if frame < FRAMES // 2 else -12.0)

    def zoom(frame: int) -> None:
        if frame == 0:
            view.scale.fit()
        view.scale.zoom(1.15 if frame < FRAMES // 2 else 1 / 1.15, DAYS * 0.4)

    return {"pan": pan, "zoom": zoom}


def _frames(view: TimelineView, move: Callable[[int], None]) -> Timed:
    seconds = []
    for frame in range(FRAMES):
        started = time.perf_counter()
        move(frame)
        view.canvas.redraw()
        view.overview.update()
        _paint(view)
        seconds.append(time.perf_counter() - started)
    return Timed(tuple(seconds))


def _ordinary() -> dict[str, float]:
    """Opening and panning eleven visits with all lanes, and the same scores alone in pyqtgraph."""
    case, vocabulary = samples.insomnia(), core()
    view = TimelineView()
    view.resize(*SIZE)
    _paint(view)
    ours_open = _least(lambda: (view.clear(), view.show_case(case, vocabulary), _paint(view)))
    view.zoom_in()
    ours_pan = _least(lambda: (view.scale.pan(3.0), view.canvas.redraw(), _paint(view)))
    bare, plot = _bare_window(case)
    _paint(bare)
    bare_open = _least(lambda: (plot.clear(), _plot(plot, case), _paint(bare)))
    plot.getViewBox().setXRange(0, 40)
    bare_pan = _least(lambda: (plot.getViewBox().translateBy(x=0.1), _paint(bare)))
    _end(view)
    _end(bare)
    return {
        "open_ms": 1e3 * ours_open,
        "open_ratio": ours_open / bare_open,
        "pan_ms": 1e3 * ours_pan,
        "pan_ratio": ours_pan / bare_pan,
    }


def _bare_window(case: Case) -> tuple[pg.PlotWidget, pg.PlotItem]:
    window = pg.PlotWidget()
    window.resize(*SIZE)
    plot = window.getPlotItem()
    assert plot is not None
    _plot(plot, case)
    return window, plot


def _plot(plot: pg.PlotItem, case: Case) -> None:
    for index, values in enumerate(samples.SCORES.values()):
        days = [visit.day for visit in case.visits]
        plot.plot(days, list(values), pen=pg.mkPen(index, width=2), symbol="o", symbolSize=7)


def _paint(view: QWidget) -> None:
    view.grab()


def _end(view: QWidget) -> None:
    """Gone now, not when the interpreter ends: Qt must not outlive what it draws."""
    view.close()
    shiboken6.delete(view)


def _least(what: Callable[[], object]) -> float:
    """Seconds of the quickest of some runs: what the machine does besides only adds."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - started)
    return best


def main(argv: list[str]) -> int:
    """Prints the figures; exit code 1 where five million points are drawn at less than thirty frames a second."""
    del argv
    figures = timeline_figures()
    for name, value in figures.items():
        print(f"{name:16s} {value:10.2f}")
    return int(min(figures["fps_pan"], figures["fps_zoom"]) < 30.0)
