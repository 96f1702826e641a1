"""The ten tasks of a day at the desk, each by mouse and keyboard alone, one after the other on one patient.

A task waits for what it needs to go on; whether it had its effect is asked by ``test_tasks.py`` afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtPrintSupport import QPrintPreviewWidget
from PySide6.QtWidgets import QApplication, QDialog

from app import i18n
from app.ui.entry import Face
from app.ui.plots.canvas import TimelineCanvas
from tests.ui.tasks.hands import until
from tests.ui.tasks.stage import PULSE, Desk

SCORES = "20"  # of the first two symptoms, in keys
ADDED = ("百合", 12.0)
REASON = "按病情加量，已告知患者"
NOTE = "夜寐 6 小时，晨起口干"


def find(desk: Desk) -> None:
    """A patient by the initials of the name."""
    desk.hands.press("Ctrl+F")
    desk.hands.write(desk.scene.initials)
    model = desk.window.patients.model
    until(
        "the patient in the list", lambda: model.row_of(desk.scene.code) >= 0 and model.rowCount() < len(desk.records)
    )
    desk.step("initials typed", "Find a patient by initials")


def open_course(desk: Desk) -> None:
    """The course of that patient, and what it says of one day."""
    window = desk.window
    desk.hands.click_row(window.patients.list, window.patients.model.row_of(desk.scene.code))
    until("the patient on screen", lambda: shown(desk))
    until("the forecast", lambda: forecast_is_in(desk))
    desk.step("course shown")
    canvas = window.timeline.view.findChild(TimelineCanvas)
    assert isinstance(canvas, TimelineCanvas)
    desk.hands.point_at(canvas.viewport(), canvas.viewport().rect().center())
    until("the figures of that day", lambda: canvas.read_out is not None)
    desk.step("a day under the pointer", "Open the course")


def enter_follow_up(desk: Desk) -> None:
    """A follow-up visit: scores, pulse, tongue, formula, note; saved."""
    window, hands = desk.window, desk.hands
    editor = window.visits.editor
    hands.click(window.header.buttons["visit"])
    until("the editor", lambda: editor.entering and editor.scores.rows[0].hasFocus())
    desk.step("copied forward")
    hands.write(SCORES)
    desk.step("scores")
    go_to_section(desk, lambda: editor.pulse.line.hasFocus())
    hands.press("Ctrl+A")
    hands.write(PULSE)
    desk.step("pulse")
    go_to_section(desk, editor.formula.line.hasFocus)
    hands.write(f" 加{ADDED[0]}{ADDED[1]:g}")
    desk.step("formula", "Enter a follow-up")
    go_to_section(desk, editor.note.hasFocus)
    hands.write(NOTE)
    hands.press("Ctrl+S")
    while editor.formula.unanswered():  # doses above the usual want a second signature
        desk.step("a reason is asked for")
        hands.write(REASON)
        hands.press("Ctrl+S")
    before = len(desk.case.visits)
    until("the visit is stored", lambda: len(desk.case.visits) == before + 1 or not editor.entering)
    until("the forecast with it", lambda: bool(editor.card.rows()))
    desk.step("saved", "Saved, with the forecast")
    hands.press("Return")
    until("the editor is put away", editor.isHidden)
    desk.step("done")


def go_to_section(desk: Desk, there: Callable[[], bool]) -> None:
    for _ in range(8):
        if there():
            return
        desk.hands.press("F6")
    until("the section", there, patience=0.1)


def compare(desk: Desk) -> None:
    """The new visit beside the one before."""
    page = desk.window.compare
    desk.hands.press("Ctrl+M")
    until("the page", page.isVisible)
    desk.step("first and last")
    last = [visit.number for visit in desk.case.visits][-2:]
    for _ in range(len(desk.case.visits)):
        if [visit.number for visit in page.visits.chosen()] == last:
            break
        desk.hands.press("Shift+Right")
    desk.step("the last two", "Compare it with the one before")


def forecast(desk: Desk) -> None:
    """Where each variable may go."""
    window = desk.window
    desk.hands.click(window.rail.buttons["page_forecast"])
    until("the page", window.forecast.isVisible)
    desk.hands.press("F5")
    until("the forecast", lambda: forecast_is_in(desk))
    desk.step("shown", "Forecast")


def explain(desk: Desk) -> None:
    """What the network made of it: a neuron is chosen among their states, and what drives it is told."""
    window = desk.window
    view = window.trajectory.view
    desk.hands.press("Ctrl+2")
    until("the page", view.isVisible)
    until("what stands behind the forecast", lambda: bool(view.drivers.sentences()))
    desk.step("the network")
    place = view.trajectory.plot_box("state").center().toPoint()
    before = view.trajectory.chosen
    desk.hands.click(view.trajectory, place)
    until("another neuron", lambda: view.trajectory.chosen not in ("", before))
    desk.step("what drives a neuron", "Explain")


def print_sheet(desk: Desk) -> None:
    """The prescription in a preview."""
    desk.hands.press("Ctrl+Shift+P")
    until("the preview", lambda: preview(desk) is not None)
    pages = preview_of(desk)
    until("the sheet on its page", lambda: pages.pageCount() > 0)
    desk.pages = pages.pageCount()
    desk.step("preview", "Print the prescription")
    desk.hands.press("Esc")
    until("the preview is gone", lambda: preview(desk) is None)


def undo(desk: Desk) -> None:
    """The visit is taken back."""
    visits = len(desk.case.visits)
    desk.hands.press("Ctrl+1")
    until("undo can be given", desk.window.actions_table["undo"].isEnabled)
    desk.hands.press("Ctrl+Z")
    until("the visit is gone", lambda: len(desk.case.visits) == visits - 1)
    until("the forecast", lambda: forecast_is_in(desk))
    desk.step("taken back", "Undo")


def lock(desk: Desk) -> None:
    """Out of sight, and back with the passphrase."""
    window = desk.window
    desk.hands.press("Ctrl+L")
    until("the lock", lambda: window.session.locked and window.front.currentIndex() == Face.GATE)
    desk.step("locked", "Lock")
    desk.hands.write(desk.scene.passphrase)
    desk.hands.press("Return")
    until("the desk again", lambda: not window.session.locked and window.front.currentIndex() == Face.WORK)
    until("the patient on screen", lambda: shown(desk))
    until("the forecast", lambda: forecast_is_in(desk))
    desk.step("unlocked")


def switch_language(desk: Desk) -> None:
    """The other language, by the menu."""
    window = desk.window
    other = "en" if i18n.language() == "zh" else "zh"
    menu = window.actions_table.menus["view"]
    desk.hands.open_menu(window.menuBar(), menu)
    desk.step("menu", "Switch the language")
    desk.hands.choose(menu, f"language_{other}")
    until("the other language", lambda: i18n.language() == other)
    desk.step("spoken", "In English, or in Chinese")
    for key in ("Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+M", "Ctrl+1"):
        desk.hands.press(key)
        desk.step(f"page {key.removeprefix('Ctrl+')}")


TASKS: dict[str, Callable[[Desk], None]] = {
    "find": find,
    "open": open_course,
    "enter": enter_follow_up,
    "compare": compare,
    "forecast": forecast,
    "explain": explain,
    "print": print_sheet,
    "undo": undo,
    "lock": lock,
    "language": switch_language,
}


def shown(desk: Desk) -> bool:
    case = desk.window.session.case
    return case is not None and case.patient.code == desk.scene.code


def forecast_is_in(desk: Desk) -> bool:
    outlook, waits = desk.window.outlook, desk.window.forecaster.waiting
    return (
        not waits
        and outlook is not None
        and outlook.patient == desk.scene.code
        and outlook.course_end == desk.case.visits[-1].day
    )


def preview_of(desk: Desk) -> QPrintPreviewWidget:
    dialog = preview(desk)
    assert dialog is not None
    (found,) = dialog.findChildren(QPrintPreviewWidget)
    return found


def preview(desk: Desk) -> QDialog | None:
    found = [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]
    return found[0] if found else None
