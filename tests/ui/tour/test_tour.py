"""The tour: beside the real widgets, by keyboard, skipped or gone through, once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.ui import guide
from app.ui.settings import Settings
from app.ui.tour import Tour
from app.ui.tour.callout import place
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow


@pytest.fixture
def tour(window: MainWindow, qtbot: QtBot) -> Tour:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.patients.list.setFocus()
    window.actions_table["page_training"].trigger()
    window.actions_table["tour"].trigger()
    return window.everywhere.guide.tour


def names(tour: Tour) -> list[str]:
    return [stop.name for stop in tour._shown]


def test_it_goes_through_what_is_in_sight_and_ends(window: MainWindow, tour: Tour) -> None:
    assert names(tour) == ["search", "course", "new_visit", "forecast_panel", "palette"]
    seen = []
    while tour.stop is not None:
        seen.append(tour.stop.name)
        assert tour.callout.isVisible()
        assert window.rect().contains(tour.callout.geometry())
        assert tour.callout.next.hasFocus()
        tour.callout.next.click()
    assert seen == names(tour)
    assert not tour.callout.isVisible()
    assert not tour.ring.isVisible()
    assert window.settings.tour_seen


def test_each_callout_stands_beside_what_it_tells_of(window: MainWindow, tour: Tour) -> None:
    field = window.patients.field
    target = QRect(field.mapTo(window, QPoint(0, 0)), field.size())
    assert tour.ring.geometry().contains(target)
    assert not tour.callout.geometry().intersects(target)


def test_arrows_go_on_and_back_and_esc_skips(window: MainWindow, tour: Tour) -> None:
    QTest.keyClick(tour.callout.next, Qt.Key.Key_Right)
    QTest.keyClick(tour.callout.next, Qt.Key.Key_Right)
    QTest.keyClick(tour.callout.next, Qt.Key.Key_Left)
    assert tour.stop is not None
    assert tour.stop.name == "course"
    QTest.keyClick(tour.callout.next, Qt.Key.Key_Escape)
    assert tour.stop is None
    assert window.settings.tour_seen


def test_the_window_is_usable_meanwhile(window: MainWindow, tour: Tour) -> None:
    window.patients.field.setFocus()
    QTest.keyClicks(window.patients.field, "chensu")
    assert window.patients.field.text() == "chensu"
    window.next_patient()
    assert tour.callout.isVisible()


def test_what_is_not_in_sight_is_left_out(window: MainWindow, tour: Tour) -> None:
    window.header.buttons["visit"].hide()
    window.timeline.panel.hide()
    tour.start()
    assert names(tour) == ["search", "course", "palette"]


def test_it_follows_language_and_the_window(window: MainWindow, tour: Tour, qtbot: QtBot) -> None:
    window.appearance.chinese()
    qtbot.waitUntil(lambda: tour.callout.title.text() == "查找患者")
    window.appearance.larger()
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.rect().contains(tour.callout.geometry()))


def test_it_is_offered_once_when_the_first_patient_is_on_screen(
    qtbot: QtBot, clinic_file: object, workshop: people.Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guide, "SETTLE_MS", 1)
    for seen in (False, True):
        settings = Settings(language="en", scheme="light", tour_seen=seen)
        window = MainWindow(settings, start=workshop.start, make_service=people.FakeService)
        window.show()
        window.everywhere.guide.offer_tour()
        window.session.open(str(clinic_file))
        if seen:
            qtbot.wait(60)
        else:
            qtbot.waitUntil(lambda: window.everywhere.guide.tour.stop is not None)  # noqa: B023 - asked at once
        assert (window.everywhere.guide.tour.stop is None) == seen
        window.close()


def test_the_lock_ends_it_unseen(open_window: OpenWindow, clinic_file: object, window: MainWindow, tour: Tour) -> None:
    window.session.closing.emit()
    assert tour.stop is None
    assert not tour.callout.isVisible()
    assert not window.settings.tour_seen


@pytest.mark.parametrize(
    "target", [QRect(0, 0, 100, 40), QRect(0, 0, 1000, 700), QRect(900, 600, 100, 100), QRect(400, 0, 200, 700), None]
)
def test_a_callout_stays_inside_the_window(target: QRect | None) -> None:
    room, size = QRect(0, 0, 1000, 700), QSize(320, 150)
    box = QRect(place(target, size, room), size)
    assert room.contains(box)
    if target is not None and target.width() < 400:
        assert not box.intersects(target)
