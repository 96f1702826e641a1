"""A crash in the middle of entering a visit loses no word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import RESOURCES
from tests.ui.conftest import OpenWindow


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_what_was_typed_before_the_kill_is_in_the_editor_after_it(
    clinic_file: Path, open_window: OpenWindow, tmp_path: Path
) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    child = subprocess.run(
        [sys.executable, "-m", "tests.ui.entry_child", str(clinic_file)],
        cwd=RESOURCES.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    window = open_window(clinic_file)
    window.choose("P0001")
    window.visits.new_visit()
    assert window.visits.editor.note.text() == "woke twice"
    assert window.visits.editor.scores.rows[0].finding.value == 4.0
