"""Whatever a command opens looks right in both languages: nothing cut, foreign, astray, without glyph or name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.commands import COMMANDS
from tests.ui import looks
from tests.ui.tasks.stage import Desk, Setting, desk, invented

# these leave, ask the system for a file, or change what the test itself chooses; "about" tells names of packages
ASIDE = {"quit", "lock", "about", "open_demo", "copy_picture", "save_picture", "report", "import_file"}
ASIDE |= {command.id for command in COMMANDS if command.group in ("theme", "language")} | {"theme_toggle"}
SETTINGS = {"Chinese, dark": Setting("zh", "dark"), "English, light": Setting("en", "light")}


@pytest.fixture(params=SETTINGS.values(), ids=list(SETTINGS))
def at(request: pytest.FixtureRequest, qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    with desk(invented(tmp_path), request.param) as made:
        yield made


def test_what_every_command_opens_looks_right(at: Desk) -> None:
    found: list[str] = []
    tried = 0
    for command in COMMANDS:
        action = at.window.actions_table[command.id]
        if command.id in ASIDE or not action.isEnabled():
            continue
        tried += 1
        action.trigger()
        settle()
        found += [f"{command.id}: {one}" for one in at.wrong()]
        for top in looks.open_windows():
            if top is not at.window:
                top.close()
        at.window.visits.close()
        at.hands.press("Esc")  # what lies over the page, such as the palette
        settle()
    assert tried > 25
    assert not found, "\n".join(dict.fromkeys(found))


def settle() -> None:
    """What a dialogue reads in a thread is there, and what was closed is gone."""
    QTest.qWait(80)
