"""Another program holds the clinic file: the window goes on, and says so where something had to be given up."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.ui.window import MainWindow
from tests.app.store.test_opening import locked_by_another_process
from tests.ui.seen import listed
from tests.ui.test_records import rename
from tests.ui.test_window import search

pytestmark = pytest.mark.promise("R4")


def test_the_window_goes_on_while_another_program_writes(
    window: MainWindow, clinic_file: Path, qtbot: QtBot, record_property: Callable[[str, object], None]
) -> None:
    window.choose("P0001")
    rename(window, "陈素雲")
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素雲")
    ticks: list[float] = []
    clock = QTimer(window)
    clock.timeout.connect(lambda: ticks.append(time.monotonic()))
    with locked_by_another_process(clinic_file):
        clock.start(5)
        window.records.undo()
        assert search(window, qtbot, "单") == ["P0002"]
        for code in ("P0002", "P0003", "P0004"):
            window.choose(code)
            qtbot.wait(400)  # long enough for the log to be told who was looked at
        qtbot.waitUntil(lambda: "another program" in window.notices._text.text(), timeout=30_000)
        clock.stop()
    longest = max(later - earlier for earlier, later in itertools.pairwise(ticks))
    record_property("file locked by another program: longest pause of the window, ms", round(1000 * longest))
    assert longest < 1.0  # the wait for the other program is 5 s; a patient is drawn in about 0.05 s
    search(window, qtbot, "")
    assert len(listed(window)) > 1
    window.choose("P0001")
    assert window.header.name.text() == "陈素雲"  # nothing half taken back
    window.records.undo()
    qtbot.waitUntil(lambda: window.header.name.text() == "陈素云")
