"""Contrast, text size and focus: what somebody with poor sight needs, on every page and in every dialogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui import settings, theme
from app.ui.labels import SafeLabel
from app.ui.pages.patient_row import HEIGHT as ROW
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui import people, walking

SIZES = (80, 100, 150, 200)
SMALLEST_SCREEN = QSize(1280, 800)
RING = 40  # pixels of a ring, at least, that stand out from what was there before
THEMES = list(theme.THEMES.values())
TEXTS = ("text", "muted", "accent", "red", "gold", "green", "metal", "blue")
SURFACES = ("bg", "surface", "sunk", "selection")


@pytest.fixture(autouse=True)
def normal_size(qapp: QApplication) -> None:
    theme.apply(qapp, "light")


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("token", TEXTS)
@pytest.mark.parametrize("dress", THEMES, ids=lambda t: t.name)
def test_words_are_legible_on_every_surface_of_every_scheme(dress: theme.Theme, token: str, surface: str) -> None:
    least = 7.0 if dress.strong else 4.5
    assert theme.contrast(getattr(dress, token), getattr(dress, surface)) >= least


@pytest.mark.parametrize("dress", THEMES, ids=lambda t: t.name)
def test_words_on_the_accent_and_the_ring_of_the_focus_stand_out(dress: theme.Theme) -> None:
    assert theme.contrast(dress.on_accent, dress.accent) >= (7.0 if dress.strong else 4.5)
    for surface in SURFACES:
        assert theme.contrast(dress.accent, getattr(dress, surface)) >= 3


@pytest.mark.parametrize("dress", [t for t in THEMES if t.strong], ids=lambda t: t.name)
def test_borders_are_seen_in_high_contrast(dress: theme.Theme) -> None:
    assert theme.contrast(dress.line, dress.surface) >= 3
    assert theme.contrast(dress.line, dress.bg) >= 3


@pytest.mark.parametrize("scheme", settings.SCHEMES)
def test_every_scheme_is_chosen_in_the_menu_and_kept(window: MainWindow, qtbot: QtBot, scheme: str) -> None:
    window.actions_table[f"theme_{scheme}"].trigger()
    assert window.settings.scheme == scheme
    assert window.actions_table[f"theme_{scheme}"].isChecked()
    if scheme != "system":
        assert theme.current().name == scheme
    if scheme != "light":  # which was chosen before
        qtbot.waitUntil(lambda: settings.load().scheme == scheme)


def test_switching_light_and_dark_stays_in_high_contrast(window: MainWindow) -> None:
    window.appearance.contrast_dark()
    window.appearance.toggle()
    assert theme.current() is theme.CONTRAST_LIGHT
    window.appearance.toggle()
    assert theme.current() is theme.CONTRAST_DARK


# -- text size


def write(window: MainWindow, percent: int) -> None:
    window.settings.text_size = str(percent)
    window.appearance._dress(window.settings.scheme)
    QApplication.processEvents()


def test_larger_smaller_and_normal_go_through_the_sizes_and_are_kept(
    window: MainWindow, qtbot: QtBot, workshop: people.Workshop
) -> None:
    table = window.actions_table
    for _ in range(20):
        table["text_larger"].trigger()
    assert theme.text_size() == 2.0
    assert not table["text_larger"].isEnabled()
    for _ in range(20):
        table["text_smaller"].trigger()
    assert theme.text_size() == 0.8
    assert not table["text_smaller"].isEnabled()
    qtbot.waitUntil(lambda: settings.load().text_size == "80")
    table["text_normal"].trigger()
    assert theme.text_size() == 1.0


def test_their_keys_work(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_Equal, both)
    assert theme.text_size() == 1.1
    QTest.keyClick(window, Qt.Key.Key_Minus, both)
    assert theme.text_size() == 1.0
    assert QKeySequence("Ctrl+Shift+0").toString() == window.actions_table.shortcut("text_normal")


def test_everything_grows_at_once(window: MainWindow, qapp: QApplication) -> None:
    before = (
        window.patients.width(),
        window.header.height(),
        window.rail.width(),
        window.timeline.view.overview.height(),
    )
    write(window, 200)
    after = window.patients.width(), window.header.height(), window.rail.width(), window.timeline.view.overview.height()
    assert qapp.font().pixelSize() == 2 * theme.BASE
    assert window.header.name.font().pixelSize() == 2 * theme.TITLE
    assert window.patients.list.visualRect(window.patients.model.index(0)).height() == 2 * ROW
    assert all(new > 1.4 * old for old, new in zip(before, after, strict=True))


def test_plots_are_magnified_as_a_whole_and_the_mouse_means_the_same_day(window: MainWindow) -> None:
    canvas, scale = window.timeline.view.canvas, window.timeline.view.scale
    write(window, 200)
    assert window.timeline.view.sheet is not None
    day = window.timeline.view.sheet.visits[2].day
    told: list[float] = []
    canvas.hovered.connect(told.append)
    place = QPointF(scale.x(day), 150) * 2
    QTest.mouseMove(canvas.viewport(), QPoint(round(place.x()), round(place.y())))
    QApplication.processEvents()
    assert told
    assert told[-1] == pytest.approx(day, abs=scale.span / 100)
    assert scale.right * 2 <= canvas.viewport().width()


def cut_off(top: QWidget) -> list[str]:
    """Words that have less room than they need. What shortens itself with an ellipsis needs none."""
    out = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisibleTo(top) or widget.window() is not top:
            continue
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox):
            needed = widget.minimumSizeHint()
            if isinstance(widget, SafeLabel) and widget.wordWrap():
                needed = QSize(0, widget.heightForWidth(widget.width()))
            if widget.height() + 1 < needed.height() or widget.width() + 1 < needed.width():
                out.append(f"{walking.called(widget)}: {widget.size().toTuple()} < {needed.toTuple()}")
    return out


@pytest.mark.parametrize("language", ["chinese", "english"])
@pytest.mark.parametrize("percent", SIZES)
def test_no_page_cuts_words_off_on_a_small_screen(
    window: MainWindow, qtbot: QtBot, language: str, percent: int
) -> None:
    walking.wait_for_rest(window, qtbot)
    getattr(window.appearance, language)()
    write(window, percent)
    window.resize(SMALLEST_SCREEN)
    for page in ("page_timeline", "page_trajectory", "page_forecast", "page_training"):
        window.actions_table[page].trigger()
        QApplication.processEvents()
        assert window.minimumSizeHint().boundedTo(SMALLEST_SCREEN) == window.minimumSizeHint(), page
        assert cut_off(window) == [], page


@pytest.mark.parametrize("language", ["chinese", "english"])
@pytest.mark.parametrize("percent", [80, 200])
def test_no_dialogue_cuts_words_off(window: MainWindow, qtbot: QtBot, language: str, percent: int) -> None:
    getattr(window.appearance, language)()
    write(window, percent)
    wrong: dict[str, list[str]] = {}
    for command, dialog in walking.each_dialog(window, qtbot):
        qtbot.wait(1)
        wrong[command] = cut_off(dialog)
        if dialog.minimumSizeHint().boundedTo(SMALLEST_SCREEN) != dialog.minimumSizeHint():
            wrong[command].append(f"larger than the screen: {dialog.minimumSizeHint().toTuple()}")
    assert {command: found for command, found in wrong.items() if found} == {}


def test_a_text_size_that_is_none_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"text_size": "1000", "scheme": "sepia"}')
    assert settings.load(path) == Settings()


# -- focus


def picture(widget: QWidget) -> QImage:
    """As it is seen in its window: by itself, what lets its ground show through would lie on black."""
    window = widget.window()
    return window.grab(QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())).toImage()


def ring(before: QImage, after: QImage) -> int:
    """Pixels that changed so much that they are seen to have."""
    height, width = min(before.height(), after.height()), min(before.width(), after.width())
    pair = np.stack([colours(before)[:height, :width], colours(after)[:height, :width]], -1)
    pairs, counts = np.unique(pair[pair[..., 0] != pair[..., 1]], axis=0, return_counts=True)
    seen = [theme.contrast(QColor(int(old)).name(), QColor(int(new)).name()) >= 3 for old, new in pairs]
    return int(counts[seen].sum())


def colours(image: QImage) -> np.ndarray:
    """(height, width) of 0xAARRGGBB."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    return np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.width()).copy()


def scroll_to(widget: QWidget) -> None:
    """As the Tab key does; ``setFocus`` does not."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def in_sight(widget: QWidget) -> bool:
    """Whole, or as much of it as what it scrolls in has room for; ``visibleRegion`` leaves out what children cover."""
    room, parent = widget.rect(), widget.parentWidget()
    while parent is not None:
        within = parent.rect().translated(widget.mapFrom(parent, QPoint(0, 0)))
        wanted = room.size().boundedTo(within.size())
        room &= within
        if room.width() < wanted.width() or room.height() < wanted.height():
            return False
        parent = None if parent.isWindow() else parent.parentWidget()
    return True


def without_ring(top: QWidget, qtbot: QtBot) -> list[str]:
    out = []
    top.activateWindow()
    qtbot.waitUntil(top.isActiveWindow)
    for widget in list(walking.controls(top)):
        if not widget.isVisible() or not widget.isEnabled():
            continue
        scroll_to(widget)
        if not in_sight(widget):
            out.append(f"{walking.called(widget)}: out of sight")
            continue
        if (there := QApplication.focusWidget()) is not None:
            there.clearFocus()
        QApplication.processEvents()
        before = picture(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        seen = ring(before, picture(widget))
        if not widget.hasFocus() or seen < RING:
            out.append(f"{walking.called(widget)}: {seen}")
    return out


@pytest.mark.parametrize("scheme", ["light", "dark", "contrast_light", "contrast_dark"])
def test_the_focus_is_seen_on_every_control_of_the_window(window: MainWindow, qtbot: QtBot, scheme: str) -> None:
    walking.wait_for_rest(window, qtbot)
    window.appearance._dress(scheme)
    for page in ("page_timeline", "page_trajectory", "page_forecast", "page_training"):
        window.actions_table[page].trigger()
        QApplication.processEvents()
        assert without_ring(window, qtbot) == [], page


@pytest.mark.parametrize("scheme", ["light", "contrast_dark"])
def test_the_focus_is_seen_on_every_control_of_every_dialogue(window: MainWindow, qtbot: QtBot, scheme: str) -> None:
    window.appearance._dress(scheme)
    wrong = {command: without_ring(dialog, qtbot) for command, dialog in walking.each_dialog(window, qtbot)}
    assert {command: found for command, found in wrong.items() if found} == {}


def test_the_panel_beside_the_course_grows_with_its_text(window: MainWindow, qtbot: QtBot) -> None:
    walking.wait_for_rest(window, qtbot)
    panel = window.timeline.panel
    rooms = (panel.similar.rows[0], panel.grounds.words, panel.state.words, panel.state.strip)
    heights = [room.minimumHeight() for room in rooms]
    write(window, 200)
    assert [room.minimumHeight() for room in rooms] == [2 * height for height in heights]
    row = panel.similar.rows[0]
    assert row.height() >= row.who.fontMetrics().height()
