"""The window that test_entry_crash.py kills: ``python -m tests.ui.entry_child CLINIC``.

It begins a follow-up visit, types with real keys, and dies of SIGKILL once the draft is told to be kept.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui import main as start
from tests.ui.at_rest_child import until


def main(place: Path) -> None:
    window = start.make_window(start.application(), language="en")
    window.show()
    window.session.open(place)
    window.choose("P0001")
    window.visits.new_visit()
    editor = window.visits.editor
    QTest.keyClick(editor.scores.rows[0], Qt.Key.Key_4)
    editor.note.setFocus()
    QTest.keyClicks(editor.note, "woke twice")
    until(lambda: bool(editor.state.text()) and editor.note.text() == "woke twice")
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
