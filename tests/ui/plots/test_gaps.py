"""What was not recorded is not drawn as if it had been; events are those a source recorded as such."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.domain.records import Case, DateBasis, Diagnosis, Observation, ValueKind, VisitKind
from app.domain.vocabulary import core
from app.ui import theme
from app.ui.plots.ink import Ink
from app.ui.plots.lanes import Frame
from app.ui.plots.lanes.traces import paint_trace, runs, stepped
from app.ui.plots.reading import read
from app.ui.plots.reading.events import absences
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Line, Sheet
from tests.ui.plots import samples


class Lines(Ink):
    """Ink that remembers the lines drawn."""

    def __init__(self) -> None:
        super().__init__(theme.LIGHT)
        self.drawn: list[list[QPointF]] = []

    def polyline(self, painter: QPainter, points, colour: QColor, dash=()) -> None:
        self.drawn.append(list(points))
        super().polyline(painter, points, colour, dash)


def drawn(case: Case, line: Line, *, steps: bool = False) -> tuple[list[list[QPointF]], list[QPointF]]:
    sheet = Sheet(case, "zh", absences=absences(case))
    scale = TimeScale(0.0, max(float(line.days[-1]), 1.0))
    scale.set_pixels(160.0, 1000.0)
    image = QImage(1200, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ink = Lines()
    frame = Frame(painter, QRectF(0, 0, 1200, 200), sheet, scale, ink)
    marks = paint_trace(frame, line, lambda values: 150 - values, ink.colour("accent"), steps=steps)
    painter.end()
    return ink.drawn, marks


def test_a_long_absence_is_found_and_a_usual_interval_is_none():
    assert absences(samples.with_absence()) == ((49.0, 176.0),)
    assert absences(samples.insomnia()) == ()
    assert absences(samples.laboratory()) == ()  # years apart, as they always were
    assert absences(samples.ordered_only()) == ()


def test_a_line_breaks_where_a_visit_recorded_nothing():
    values = np.array([1.0, 2.0, np.nan, 3.0, 2.0])
    lines, marks = drawn(samples.insomnia(), Line("a", "a", np.arange(5.0), values))
    assert [len(run) for run in lines] == [2, 2]
    assert len(marks) == 4


def test_a_line_breaks_over_a_long_absence():
    case = samples.with_absence()
    days = np.array([visit.day for visit in case.visits])
    lines, marks = drawn(case, Line("a", "a", days, np.ones(len(days))))
    assert [len(run) for run in lines] == [8, 3]
    assert len(marks) == len(days)


def test_steps_hold_a_score_until_the_next_visit():
    lines, _ = drawn(samples.insomnia(), Line("a", "a", np.array([0.0, 4.0]), np.array([6.0, 4.0])), steps=True)
    (run,) = lines
    assert [round(p.y()) for p in run] == [144, 144, 146]
    assert run[1].x() == run[2].x()


def test_a_single_point_has_no_step():
    assert stepped([QPointF(1, 1)]) == [QPointF(1, 1)]
    assert runs([None, None]) == []


def test_a_dense_line_is_drawn_as_an_envelope_without_markers():
    days = np.linspace(0, 84, 50_000)
    lines, marks = drawn(samples.insomnia(), Line("a", "a", days, np.sin(days)))
    assert lines == []
    assert marks == []


def test_tongue_and_syndrome_fade_over_a_long_absence_and_begin_anew():
    sheet = read(samples.with_absence(), core())
    held = [band for band in sheet.tongue if band.start == 49.0]
    assert held[0].fades
    assert held[0].end < 100.0
    assert any(band.start == 176.0 for band in sheet.tongue)


def test_the_effect_index_is_that_of_the_first_total():
    effect = read(samples.insomnia(), core()).effect
    assert effect is not None
    assert np.isnan(effect.values[0])
    assert effect.values[-1] == (12 - 2) / 12


def test_a_score_left_out_at_a_visit_does_not_raise_its_effect_index():
    effect = read(samples.with_absence(), core()).effect
    assert effect is not None
    assert effect.values[5] == (8 - 6) / 8


def test_where_nothing_was_there_at_first_there_is_no_effect_index():
    case = samples.insomnia()
    first = replace(
        case.visits[0],
        observations=tuple(
            replace(o, number=0.0) if o.concept in samples.SCORES else o for o in case.visits[0].observations
        ),
    )
    assert read(replace(case, visits=(first, *case.visits[1:])), core()).effect is None


def test_events_are_outcomes_recorded_events_new_diagnoses_and_first_visits_anew():
    visits = list(samples.insomnia().visits)
    visits[0] = replace(visits[0], diagnoses=(Diagnosis("disease", "不寐"),), text="既往手术史")
    visits[2] = replace(visits[2], outcome="有效")
    visits[4] = replace(
        visits[4],
        observations=(
            Observation("x.复发", ValueKind.CODE, code="x.复发"),
            Observation("x.operation", ValueKind.NUMBER, number=0.0),
            Observation("x.住院", ValueKind.CODE, negated=True, number=0.0),
        ),
    )
    visits[6] = replace(visits[6], kind=VisitKind.FIRST, diagnoses=(Diagnosis("disease", "郁证"),))
    found = read(replace(samples.insomnia(), visits=tuple(visits)), core()).events
    assert [(event.day, event.text) for event in found] == [
        (7.0, "有效"),
        (21.0, "复发"),
        (35.0, "初诊"),
        (35.0, "郁证"),
    ]


def test_a_course_without_events_has_none():
    assert read(samples.insomnia(), core()).events == ()
    assert read(replace(samples.single_visit(), visits=()), core()).events == ()


def test_an_order_of_visits_is_no_measure_of_absence():
    visits = tuple(replace(v, basis=DateBasis.ORDER) for v in samples.with_absence().visits)
    assert absences(replace(samples.with_absence(), visits=visits)) == ()
