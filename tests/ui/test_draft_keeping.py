"""What is corrected in a draft is kept: when its page is closed, under the lock, and while others write."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from app.store.clinic import Clinic, Credentials
from app.ui.pages.draft_dialog import DraftDialog
from app.ui.pages.drafts import DraftsDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.drafts import TEXT, choose, kept, look_through, rows
from tests.ui.seen import clinic_of
from tests.ui.test_lock import come_back, words


@pytest.fixture
def go(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Drafts are written slowly: each waits for this."""
    drafts, go = clinic_of(window).drafts, threading.Event()
    save = drafts.save

    def slow(*given: Any, **named: Any) -> int:
        assert go.wait(20)
        return save(*given, **named)

    monkeypatch.setattr(drafts, "save", slow)
    return go


def test_corrections_are_kept_and_gone_on_with(looking: DraftDialog, window: MainWindow, qtbot: QtBot) -> None:
    choose(looking, "失眠")
    looking.drop.click()
    looking.close()
    qtbot.waitUntil(lambda: clinic_of(window).drafts.list()[0].version == 2)
    window.chores.show_drafts()
    dialog = cast(DraftsDialog, window.dialogs["drafts"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.go_on.click()
    again = cast(DraftDialog, window.dialogs["draft"])
    qtbot.waitUntil(lambda: again.findings.rowCount() > 0)
    assert again.back.isEnabled()
    assert sum(text == "失眠" for text, _ in rows(again)) == 1


def test_locked_nothing_of_a_draft_is_on_screen_and_what_was_corrected_comes_back(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    people.fill_encrypted(tmp_path / "clinic.db")
    window = open_window(tmp_path / "clinic.db", Credentials(passphrase=people.PASSPHRASE))
    dialog = look_through(window, qtbot)
    choose(dialog, "失眠")
    dialog.drop.click()
    window.entry.lock()
    assert "张某" not in words(window) and "仙草花" not in words(window)
    come_back(window, qtbot)
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0)
    assert sum(text == "失眠" for text, _ in rows(dialog)) == 1
    assert dialog.back.isEnabled()


def test_corrections_stay_in_the_clinic_they_were_made_in(
    looking: DraftDialog, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    """Another clinic is opened before the last correction was written down; its draft has the same number."""
    with Clinic.open(tmp_path / "two.db", plain=True) as other:
        kept(other, "案1 王某，男\n初诊：咳嗽。\n")
    first = clinic_of(window).path
    choose(looking, "失眠")
    looking.drop.click()
    window.session.open(tmp_path / "two.db")
    qtbot.wait(300)
    content, version = clinic_of(window).drafts.get(1)
    assert version == 1 and "王某" in content["draft"]["text"] and content["corrections"] == []
    window.session.errands.wait()
    with Clinic.open(first, create=False) as before:
        content, _ = before.drafts.get(1)
    assert len(content["corrections"]) == 1 and content["draft"]["text"] == TEXT


def test_a_correction_made_while_another_is_written_is_kept_when_the_page_is_closed(
    looking: DraftDialog, window: MainWindow, go: threading.Event, qtbot: QtBot
) -> None:
    drafts = clinic_of(window).drafts
    choose(looking, "失眠")
    looking.drop.click()
    looking.keeper.when_kept(lambda: None)
    looking.drop.click()
    looking.close()
    assert not looking.isVisible()
    go.set()
    qtbot.waitUntil(lambda: "draft" not in window.dialogs)
    assert len(drafts.get(1)[0]["corrections"]) == 2


def test_an_import_waits_for_what_is_still_being_written_and_meets_no_conflict(
    looking: DraftDialog, window: MainWindow, go: threading.Event, qtbot: QtBot
) -> None:
    drafts = clinic_of(window).drafts
    choose(looking, "失眠")
    looking.drop.click()
    looking.keeper.when_kept(lambda: None)  # is being written
    looking.drop.click()  # and this is not yet
    looking.go.click()
    assert not looking.go.isEnabled()
    go.set()
    qtbot.waitUntil(lambda: "2 patients and 3 visits imported" in window.notices._text.text())
    assert len(drafts.get(1)[0]["corrections"]) == 2


def test_a_correction_somebody_else_made_meanwhile_is_told_and_the_page_stays(
    looking: DraftDialog, window: MainWindow, qtbot: QtBot
) -> None:
    drafts = clinic_of(window).drafts
    content, version = drafts.get(1)
    drafts.save(1, content, version=version)
    choose(looking, "失眠")
    looking.drop.click()
    looking.close()
    qtbot.waitUntil(looking.trouble.isVisible)
    assert looking.isVisible() and "someone else" in looking.trouble.text()
    looking.go.click()
    qtbot.waitUntil(lambda: looking.go.isEnabled())
    assert clinic_of(window).queries.counts()["patients"] == len(people.NAMES)
    looking.close()  # whoever closes it now means it
    assert "draft" not in window.dialogs
