"""Rules of the window's code that no tool checks: plain text only, no torch, no lambda that holds a widget."""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.paths import RESOURCES
from app.ui import settings as memory
from tests.ui import people

UI = RESOURCES.parent / "app" / "ui"
SOURCES = sorted(UI.rglob("*.py"))
RICH = {"QLabel", "QMessageBox", "QTextEdit", "QTextBrowser", "QErrorMessage", "QWhatsThis"}

SHOW = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from app.ui.main import application, open_window
app = application()
window = open_window(Path(sys.argv[1]), app, scheme="dark", language="zh")
window.show()
QTest.qWait(150)
assert window.patients.model.rowCount() == 8, window.notices.notice
assert "torch" not in sys.modules, "torch was imported"
window.close()
"""


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(UI)))
def test_only_labels_py_uses_widgets_that_read_markup(path: Path) -> None:
    if path == UI / "labels.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)
    }
    assert not used & RICH
    assert not used & {"setToolTip", "setWhatsThis", "setHtml", "insertHtml", "appendHtml"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(UI)))
def test_no_lambda_and_no_formatted_string_where_they_do_harm(path: Path) -> None:
    """A lambda that holds self keeps a closed window alive; lupdate reads tr() of a formatted string wrongly."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr == "connect":
            assert not any(isinstance(a, ast.Lambda) for a in call.args), f"line {call.lineno}"
        if call.func.attr == "tr":
            assert call.args
            assert isinstance(call.args[0], ast.Constant), f"line {call.lineno}"


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C reaches another process only on POSIX")
def test_ctrl_c_closes_the_window_in_its_ordinary_way(tmp_path: Path) -> None:
    clinic = people.fill(tmp_path / "clinic.db")
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "--db", str(clinic)], cwd=RESOURCES.parent, stderr=subprocess.PIPE, text=True
    )
    settings = memory.location()
    try:
        while child.poll() is None and not write_ahead_log(clinic).exists():
            time.sleep(0.1)
        for _ in range(5):  # asked again where the window was not there yet to hear it
            child.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(4)
                break
        assert child.poll() == 0, child.stderr and child.stderr.read()
        assert settings.is_file()
    finally:
        child.kill()
        child.communicate()


def write_ahead_log(clinic: Path) -> Path:
    """It is there while the clinic file is open."""
    return clinic.with_name(clinic.name + "-wal")


def test_showing_the_window_imports_no_torch(tmp_path: Path) -> None:
    clinic = people.fill(tmp_path / "clinic.db")
    done = subprocess.run(
        [sys.executable, "-c", SHOW, str(clinic)],
        cwd=RESOURCES.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


WAKE = """
import sys
from app.ui.main import application, make_window
window = make_window(application(), scheme="light", language="zh")
window.show()
window.entry.start("")
heavy = {"torch", "sqlalchemy", "alembic", "argon2", "keyring", "sqlcipher3"} & set(sys.modules)
assert not heavy, heavy
window.close()
"""


def test_the_window_is_there_before_anything_heavy_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAKE], cwd=RESOURCES.parent, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
