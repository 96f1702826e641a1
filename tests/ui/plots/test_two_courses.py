"""Two patients' total scores on one axis: drawn as approved, told in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from pytestqt.qtbot import QtBot

from app.domain.comparison import By, compare_patients
from app.domain.records import Case
from app.ui import theme
from app.ui.plots.two_courses import TwoCoursesPlot
from tests.app.domain.comparison.made import case, score, visit
from tests.ui.people import cases
from tests.ui.plots.images import check_picture

DRESS = {"light": theme.LIGHT, "dark": theme.DARK}


def lacking() -> Case:
    """One of whose visits leaves a symptom out that the others grade."""
    both = (score("sym.insomnia", 6), score("sym.thirst", 3))
    return case(
        visit(1, *both),
        visit(2, score("sym.insomnia", 4), day=20),
        visit(3, score("sym.insomnia", 2), score("sym.thirst", 1), day=41),
    )


def plot(qtbot: QtBot, first: Case, second: Case, by: By, colours: theme.Theme = theme.LIGHT) -> TwoCoursesPlot:
    made = TwoCoursesPlot(colours)
    qtbot.addWidget(made)
    made.resize(620, made.maximumHeight())
    made.show_courses(
        compare_patients(first, second, by), ("陈素云", "单志远"), (28.0, 24.0) if by is By.DAYS else (3, 3)
    )
    return made


def png(widget: TwoCoursesPlot) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return bytes(data.data())


@pytest.mark.parametrize("dress", list(DRESS))
def test_two_courses_by_days_look_as_approved(qtbot: QtBot, dress: str):
    check_picture(png(plot(qtbot, cases()[0], lacking(), By.DAYS, DRESS[dress])), f"two_courses_{dress}")


def test_two_courses_by_visits_look_as_approved(qtbot: QtBot):
    check_picture(png(plot(qtbot, cases()[0], cases()[1], By.VISITS)), "two_courses_visits")


def test_the_curves_are_told_in_words(qtbot: QtBot):
    told = plot(qtbot, cases()[0], cases()[1], By.DAYS).accessibleDescription()
    assert told == "陈素云: 12, 13, 10, 7, 5, 4, 2; 单志远: 4, 6, 9, 11"


def test_two_patients_without_scores_are_drawn_too(qtbot: QtBot):
    made = plot(qtbot, case(visit(1)), case(), By.VISITS)
    assert not made.grab().isNull()
    assert made.accessibleDescription() == "陈素云: 无; 单志远: 无"
