"""The panels of the state page look as approved, light and dark, in both languages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme, translation
from app.ui.forecasting import Outlook
from app.ui.insight import Alike, Grounds
from app.ui.plots.drivers import DriversView
from app.ui.plots.path import PathView
from app.ui.plots.state import StateView
from app.ui.plots.state_strip import StateStrip
from app.ui.plots.wiring import WiringView
from tests.ui import people
from tests.ui.plots.images import check_picture

CASE = people.cases()[0]
THEMES = {"light": theme.LIGHT, "dark": theme.DARK}


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, qapp: QApplication, in_chinese: None) -> str:
    translation.install(qapp, request.param)
    return request.param


@pytest.fixture(params=["light", "dark"])
def dress(request: pytest.FixtureRequest, qapp: QApplication, in_chinese: None) -> str:
    theme.apply(qapp, request.param)
    return request.param


@pytest.fixture
def grounds() -> Grounds:
    return Grounds.from_result(people.grounds_result(CASE))


@pytest.fixture
def alike() -> Alike:
    return Alike.from_result(people.alike_result(CASE, people.cases()))


def png(widget: QWidget, width: int, height: int) -> bytes:
    widget.resize(width, height)
    widget.grab()  # settles the layout a widget that was never shown still owes
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return bytes(data.data())


def test_the_path_of_the_state(alike: Alike, language: str, dress: str, qtbot: QtBot):
    view = PathView(colours=THEMES[dress])
    qtbot.addWidget(view)
    view.show_alike(alike)
    view.point_at(30.0)
    check_picture(png(view, 360, 300), f"path_{dress}_{language}")


def test_the_wiring_with_a_neuron_chosen(grounds: Grounds, language: str, dress: str, qtbot: QtBot):
    view = WiringView(colours=THEMES[dress])
    qtbot.addWidget(view)
    view.show_wiring(grounds.wiring, grounds.variables)
    view.choose("c3")
    check_picture(png(view, 360, 260), f"wiring_{dress}_{language}")


def test_what_drives_a_neuron(grounds: Grounds, language: str, dress: str, qtbot: QtBot):
    view = DriversView(colours=THEMES[dress])
    qtbot.addWidget(view)
    view.show_trajectory(Outlook.from_result(people.outlook_result(CASE)).trajectory)
    view.show_grounds(grounds)
    view.choose("c3")
    check_picture(png(view, 960, 232), f"drivers_{dress}_{language}")


def test_the_state_in_small(dress: str, qtbot: QtBot):
    view = StateStrip(colours=THEMES[dress])
    qtbot.addWidget(view)
    view.show_trajectory(Outlook.from_result(people.outlook_result(CASE)).trajectory)
    check_picture(png(view, 264, 112), f"state_strip_{dress}")


def test_the_state_page_as_a_whole(grounds: Grounds, alike: Alike, language: str, dress: str, qtbot: QtBot):
    view = StateView(colours=THEMES[dress])
    qtbot.addWidget(view)
    view.setPalette(theme.palette(THEMES[dress]))
    view.setAutoFillBackground(True)
    view.show_trajectory(Outlook.from_result(people.outlook_result(CASE)).trajectory, CASE)
    view.show_grounds(grounds)
    view.show_alike(alike)
    view.choose("c3")
    view.point_at(30.0)
    check_picture(png(view, 960, 800), f"state_{dress}_{language}")
