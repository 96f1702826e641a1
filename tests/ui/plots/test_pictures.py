"""Pictures as a whole: they look as approved, in every theme, and need no window."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.domain.vocabulary import core
from app.ui import pictures, translation
from app.ui.plots.axis import AxisMode
from app.ui.plots.layout import PULSE_AXES, STEPS, LaneLayout
from app.ui.plots.sheet import Flag
from app.ui.plots.timeline import TimelineView
from app.ui.theme import DARK, LIGHT
from models.surprise import Surprise
from tests.ui.plots import samples
from tests.ui.plots.images import check_picture, pixels


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_timeline_looks_as_approved(theme: str):
    png = pictures.timeline_bytes(samples.insomnia(), core(), samples.forecast(), 84.0, theme=theme)
    check_picture(png, f"timeline_{theme}")


def test_a_surprise_is_ringed_and_named():
    told = [Surprise("sym.palpitation", 84.0, 1.0, 0.0, 0.2, 0.6, 0.99, 0.98)]
    told += [Surprise("sym.insomnia", 84.0, 1.0, 0.2, 1.0, 1.8, 0.5, 0.0)]
    png = pictures.timeline_bytes(samples.insomnia(), core(), samples.forecast(), 84.0, surprises=told)
    check_picture(png, "timeline_surprise")


def test_a_case_book_course_looks_as_approved():
    check_picture(pictures.timeline_bytes(samples.case_book(), core()), "timeline_case_book")


def drawn(view: TimelineView) -> bytes:
    """PNG of a view as it is now."""
    view.resize(1280, 800)
    view.grab()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    view.grab().save(buffer, "PNG")
    view.deleteLater()
    return bytes(data.data())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_long_absence_events_and_annotations_look_as_approved(theme: str):
    view = TimelineView(colours=LIGHT if theme == "light" else DARK)
    view.show_case(samples.with_absence(), core())
    view.show_flags([Flag(1, 14.0, "感冒发热，停药三日", 17.0), Flag(2, 84.0, "出差期间自行停药")])
    check_picture(drawn(view), f"timeline_absence_{theme}")


def test_lanes_arranged_by_hand_on_visit_numbers_look_as_approved(qapp: QApplication):
    translation.install(qapp, "en")
    view = TimelineView(colours=LIGHT)
    view.set_axis_mode(AxisMode.VISITS)
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    pinned, options = frozenset(("effect",)), frozenset((STEPS, PULSE_AXES))
    view.canvas.set_layout(LaneLayout(("remedies", "scores"), frozenset(("tongue",)), pinned, options))
    check_picture(drawn(view), "timeline_arranged")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_visits_measured_look_as_approved(theme: str):
    view = TimelineView(colours=LIGHT if theme == "light" else DARK)
    view.resize(1280, 800)
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    view.grab()
    view.canvas.measure(1, 6)
    check_picture(drawn(view), f"timeline_measure_{theme}")


def test_laboratory_findings_look_as_approved():
    check_picture(pictures.timeline_bytes(samples.laboratory(), core(), language="en"), "timeline_laboratory")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_trajectory_looks_as_approved(theme: str):
    png = pictures.trajectory_bytes(samples.trajectory(), samples.insomnia(), theme=theme)
    check_picture(png, f"trajectory_{theme}")


def test_the_forecast_looks_as_approved():
    check_picture(pictures.forecast_bytes(samples.course(), samples.forecast(), size=(1000, 560)), "forecast_light")


def test_a_picture_has_the_size_asked_for_and_lands_in_its_file(tmp_path: Path):
    pictures.timeline_png(tmp_path / "a.png", samples.insomnia(), core(), size=(900, 760))
    pictures.trajectory_png(tmp_path / "b.png", samples.trajectory(), size=(640, 480))
    pictures.forecast_png(tmp_path / "c.png", samples.course(), samples.forecast(), size=(640, 480))
    assert size_of((tmp_path / "a.png").read_bytes()) == (900, 760)
    assert size_of((tmp_path / "b.png").read_bytes()) == (640, 480)
    assert size_of((tmp_path / "c.png").read_bytes()) == (640, 480)


def test_a_picture_for_print_is_sharp_and_cuts_nothing_off():
    width, height = size_of(pictures.timeline_bytes(samples.insomnia(), core(), size=(800, 300), theme="print"))
    assert width == 1600
    assert height > 1200


def test_a_low_picture_of_a_forecast_grows_instead_of_scrolling():
    png = pictures.forecast_bytes(samples.course(), samples.forecast(), size=(1000, 100), theme="print")
    image = pixels(QImage.fromData(png))
    assert image.shape[1] == 2000
    assert image.shape[0] > 300
    assert len(np.unique(image[-60:, -40:].reshape(-1, 3), axis=0)) == 1  # paper, no scroll bar


def test_an_unknown_theme_is_refused():
    with pytest.raises(KeyError):
        pictures.timeline_bytes(samples.insomnia(), core(), theme="sepia")


def test_the_application_speaks_its_own_language_again_after_a_picture():
    from PySide6.QtCore import QCoreApplication

    before = QCoreApplication.translate("TimelineLanes", "Notes")
    pictures.timeline_bytes(samples.single_visit(), core(), language="zh")
    pictures.timeline_bytes(samples.single_visit(), core(), language="en")
    assert QCoreApplication.translate("TimelineLanes", "Notes") == before


def test_a_long_course_is_shown_at_once(qapp: QApplication):
    view = TimelineView()
    view.resize(1280, 800)
    view.grab()
    case, vocabulary = samples.case_book(63), core()
    started = time.perf_counter()
    view.show_case(case, vocabulary)
    view.grab()
    assert time.perf_counter() - started < 1.0  # 50 ms on an idle core; wide, as the machine may be busy
    view.deleteLater()
