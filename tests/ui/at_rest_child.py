"""The window that test_at_rest.py kills: ``python -m tests.ui.at_rest_child CLINIC TABLE``.

It opens the encrypted clinic, searches, walks the patients, imports the table with a real worker, shows the history,
corrects a name and takes that back, keeps its settings; then it dies of SIGKILL with everything open.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtTest import QTest

from app.store import keys
from app.store.clinic import Credentials
from app.ui import main as start
from app.ui import settings as memory
from app.ui.pages.import_dialog import ImportDialog
from tests.app.store.test_at_rest import ASCII_MARK, MARK, PASSPHRASE


def main(place: Path, table: str) -> None:
    keys.KDF = {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1}
    window = start.make_window(start.application())
    window.show()
    window.session.open(place, Credentials(PASSPHRASE))
    clinic = window.session.clinic
    assert clinic is not None
    window.patients.field.setText(MARK)
    QTest.qWait(300)
    for _ in range(3):
        window.next_patient()
        QTest.qWait(50)
    window.chores.import_files([table])
    dialog = cast(ImportDialog, window.chores.dialog("import"))
    until(lambda: not dialog.running)
    dialog.begin()
    until(lambda: not dialog.running)
    assert clinic.queries.counts()["imports"] == 2, dialog.status.text()
    dialog.close()
    code = f"{MARK}{ASCII_MARK}0"
    window.choose(code)
    clinic.patients.change(code, version=clinic.patients.open(code).version, name=f"{MARK}改名")
    until(lambda: MARK in window.actions_table["undo"].text())
    window.records.show_history()
    window.records.undo()
    until(lambda: MARK in window.actions_table["redo"].text())
    window.settings.last_file = str(place)
    memory.save(window.settings)
    os.kill(os.getpid(), signal.SIGKILL)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        QTest.qWait(20)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
