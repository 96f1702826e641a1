"""Who gets the room on the timeline: lanes, names in short bars, and the future beside a short course."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.domain.records import Case
from app.domain.vocabulary import core
from app.ui import theme
from app.ui.plots.ink import Ink
from app.ui.plots.lanes import Frame
from app.ui.plots.lanes.base import paint_bands
from app.ui.plots.lanes.effect import EffectLane
from app.ui.plots.lanes.pulse import PulseLane
from app.ui.plots.reading import read
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Band, Pulse, Sheet
from app.ui.plots.timeline import TimelineView
from tests.ui.plots import samples


class Said(Ink):
    """Ink that remembers what was written where."""

    def __init__(self) -> None:
        super().__init__(theme.LIGHT)
        self.words: list[tuple[str, QRectF]] = []

    def text(self, painter, rect, text, colour, *, font=None, align=None, elide=True) -> None:
        self.words.append((text if not elide or self.width(text, self.small) <= rect.width() else text[:1] + "…", rect))


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(1280, 900)
    view.grab()
    return view


def frame(ink: Said, image: QImage, *, today: float | None = None, days: float = 100.0) -> tuple[Frame, QPainter]:
    scale = TimeScale(0.0, days)
    scale.set_pixels(150.0, 500.0)
    painter = QPainter(image)
    sheet = Sheet(Case(samples.insomnia().patient, ()), "zh", today=today)
    return Frame(painter, QRectF(0, 0, 700, 130), sheet, scale, ink), painter


def written(bands: tuple[Band, ...], *, today: float | None = None) -> list[tuple[str, QRectF]]:
    ink, image = Said(), QImage(700, 130, QImage.Format.Format_RGB32)
    place, painter = frame(ink, image, today=today)
    paint_bands(place, bands, 10, 20, QColor("green"), None, QColor("white"))
    painter.end()
    return ink.words


def test_one_syndrome_takes_one_row_and_the_symptoms_get_what_is_left(view: TimelineView):
    case = samples.insomnia()
    plain = tuple(
        replace(
            v,
            diagnoses=tuple(d for d in v.diagnoses if d.kind != "element"),
            observations=tuple(o for o in v.observations if not o.concept.startswith("ele.")),
        )
        for v in case.visits
    )
    view.show_case(replace(case, visits=plain), core())
    heights = {key: rect.height() for key, rect in view.canvas.lane_rects().items()}
    assert heights["syndrome"] < 60
    assert heights["scores"] > 184


def test_a_lane_that_once_grew_keeps_its_height_for_the_next_patient(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    before = view.canvas.lane_rects()["syndrome"].height()
    assert before > 90
    view.show_case(samples.single_visit(), core())
    assert view.canvas.lane_rects()["syndrome"].height() == before


@pytest.mark.parametrize(("days", "text"), [(30.0, "丹栀逍遥散加减"), (10.0, "丹…"), (4.0, "丹")])
def test_a_bar_too_short_for_its_name_says_its_beginning(days: float, text: str):
    assert [said for said, _ in written((Band(0.0, days, "丹栀逍遥散加减"),))] == [text]


def test_one_latin_letter_is_no_hint():
    assert written((Band(0.0, 3.0, "pale"),)) == []


def test_the_firm_line_does_not_run_through_the_name_of_a_bar():
    line = 150.0 + 5 * 40.0
    for start, end in ((10.0, 44.0), (36.0, 70.0)):
        ((_, rect),) = written((Band(start, end, "归脾汤"),), today=40.0)
        assert rect.right() <= line or rect.left() >= line or rect.left() + 8 + 40 <= line


def test_the_last_pulse_is_always_named_and_changes_go_before_repetitions():
    ink, image = Said(), QImage(700, 130, QImage.Format.Format_RGB32)
    place, painter = frame(ink, image)
    names = ["弦细数", "弦细数", "滑数", "滑数", "缓"]
    pulses = tuple(Pulse(i, 20.0 + 4.0 * i, n, {("", ""): {}}, {}) for i, n in enumerate(names))
    place = replace(place, sheet=replace(place.sheet, pulses=pulses))
    PulseLane()._paint_names(place)
    painter.end()
    said = [text for text, _ in ink.words]
    assert said[-1] == "缓"
    assert "滑数" in said
    assert said.count("弦细数") == 1


def test_where_there_is_room_every_pulse_is_named():
    ink, image = Said(), QImage(700, 130, QImage.Format.Format_RGB32)
    place, painter = frame(ink, image)
    pulses = tuple(Pulse(i, 20.0 * i, "弦", {("", ""): {}}, {}) for i in range(5))
    place = replace(place, sheet=replace(place.sheet, pulses=pulses))
    PulseLane()._paint_names(place)
    painter.end()
    assert [text for text, _ in ink.words] == ["弦"] * 5


def test_a_course_of_two_days_is_not_squeezed_into_a_corner_by_thirty_days_of_forecast(view: TimelineView):
    case = samples.insomnia()
    visits = tuple(replace(v, day=float(i), date=None) for i, v in enumerate(case.visits[:3]))
    found = replace(samples.forecast(), at=samples.forecast().at - 82.0)
    view.show_case(replace(case, visits=visits), core(), found, 2.0)
    assert view.scale.high < 12.0
    assert view.scale.last >= float(found.at.max())
    view.fit()
    assert view.scale.high == view.scale.last


def test_figures_of_the_effect_index_stand_over_their_visits():
    said = Said()
    case = samples.insomnia()
    sheet = read(case, core())
    scale = TimeScale(0.0, 84.0)
    scale.set_pixels(164.0, 1080.0)
    image = QImage(1280, 104, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    EffectLane().paint(Frame(painter, QRectF(0, 0, 1280, 104), sheet, scale, said))
    painter.end()
    figures = dict(said.words)
    for figure, day in (("−8%", 4.0), ("25%", 21.0), ("83%", 84.0)):
        assert figures[figure].left() < scale.x(day) < figures[figure].right()
