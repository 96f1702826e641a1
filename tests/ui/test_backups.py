"""Backups from the window: one more, whether each is sound, and a clinic file that opens out of any."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.store.backup import Backups
from app.store.catalogue import CATALOGUE
from app.store.clinic import Clinic, Credentials
from app.ui import theme
from app.ui.pages.backups import BackupsDialog
from app.ui.pages.passphrase_form import PassphraseForm
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.people import PASSPHRASE
from tests.ui.seen import clinic_of
from tests.ui.test_lock import come_back, words
from tests.ui.test_records import rename

pytestmark = pytest.mark.promise("R19")

OWN = "另一口令 2024"
KEY, STATE = 4, 5


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.fill_encrypted(tmp_path_factory.mktemp("sealed") / "clinic.db").parent


@pytest.fixture
def sealed(open_window: OpenWindow, sealed_once: Path, tmp_path: Path) -> MainWindow:
    """A window on an encrypted clinic."""
    shutil.copytree(sealed_once, tmp_path / "sealed")
    return open_window(tmp_path / "sealed" / "clinic.db", Credentials(passphrase=PASSPHRASE))


def backups_of(window: MainWindow, qtbot: QtBot, count: int) -> BackupsDialog:
    window.office.show_backups()
    dialog = cast(BackupsDialog, window.dialogs["backups"])
    at_rest(dialog, qtbot)
    assert dialog.table.rowCount() == count
    return dialog


def at_rest(dialog: BackupsDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: dialog.make.isEnabled() and not dialog.bar.isVisible(), timeout=20_000)


def form_of(dialog: BackupsDialog, qtbot: QtBot) -> PassphraseForm:
    qtbot.waitUntil(lambda: dialog.form is not None)
    return cast(PassphraseForm, dialog.form)


def give(form: PassphraseForm, passphrase: str) -> None:
    """Into whichever fields are asked for."""
    for field in (form.fields.first, form.fields.again, form.field):
        field.setText(passphrase)
    form.go.click()


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)


def test_backed_up_verified_and_restored_the_new_file_opens_and_holds_the_same(
    sealed: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = backups_of(sealed, qtbot, 0)
    assert "no backup yet" in dialog.note.text()
    assert not dialog.verify.isEnabled()
    dialog.make.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    at_rest(dialog, qtbot)
    assert "made and verified" in dialog.told.text()
    assert "no backup yet" not in dialog.note.text()
    assert [dialog.table.text_at(0, column) for column in (3, KEY, STATE)] == ["8", "the clinic's key", "sound"]
    dialog.verify.click()
    qtbot.waitUntil(lambda: "is sound" in dialog.told.text())
    at_rest(dialog, qtbot)
    dialog.restore.click()
    (chooser,) = dialog.findChildren(QFileDialog)
    assert Path(chooser.selectedFiles()[0]).name.startswith("clinic-20")
    chooser.close()
    dialog.restore_into(str(tmp_path / "again.db"))
    qtbot.waitUntil(lambda: "compared: 8 patients, 34 visits" in dialog.told.text())
    with Clinic.open(tmp_path / "again.db", create=False, credentials=Credentials(passphrase=PASSPHRASE)) as restored:
        assert list(restored.queries.cases()) == list(clinic_of(sealed).queries.cases())


def test_a_backup_under_an_own_passphrase_asks_for_it_whenever_it_is_opened(
    sealed: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = backups_of(sealed, qtbot, 0)
    dialog.make_own.click()
    form = form_of(dialog, qtbot)
    form.fields.first.setText(OWN)
    assert not form.go.isEnabled()
    give(form, OWN)
    qtbot.waitUntil(lambda: dialog.table.text_at(0, KEY) == "an own passphrase")
    at_rest(dialog, qtbot)
    dialog.verify.click()
    form = form_of(dialog, qtbot)
    give(form, PASSPHRASE)
    qtbot.waitUntil(form.trouble.isVisible)
    assert "passphrase is wrong" in form.trouble.text()
    give(form, OWN)
    qtbot.waitUntil(lambda: "is sound" in dialog.told.text())
    at_rest(dialog, qtbot)
    assert dialog.form is None
    dialog.restore.click()
    dialog.restore_into(str(tmp_path / "again.db"))
    give(form_of(dialog, qtbot), OWN)
    qtbot.waitUntil(lambda: "Restored into" in dialog.told.text())
    with Clinic.open(tmp_path / "again.db", create=False, credentials=Credentials(passphrase=OWN)) as restored:
        assert restored.queries.counts()["patients"] == len(people.NAMES)


def test_a_clinic_on_a_server_is_asked_for_a_passphrase_and_said_to_have_no_backups_by_itself(
    sealed: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backups, "automatic_is_possible", False)
    dialog = backups_of(sealed, qtbot, 0)
    assert "no backup is made by itself" in dialog.note.text()
    dialog.make.click()
    give(form_of(dialog, qtbot), OWN)
    qtbot.waitUntil(lambda: dialog.table.text_at(0, KEY) == "an own passphrase")


def test_a_changed_backup_says_what_is_wrong_and_is_not_restored(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    made = [clinic_of(window).backups.make() for _ in range(2)]
    damage(made[1].path)
    dialog = backups_of(window, qtbot, 2)
    assert "not encrypted, and neither" in dialog.note.text()
    assert not dialog.make_own.isVisible()  # of a plain clinic the service makes none
    assert dialog.table.text_at(1, STATE) == "sound"
    cell = dialog.table.item(0, STATE)
    assert cell is not None
    assert cell.foreground().color() == theme.current().color("red")
    assert "was changed" in dialog.wrong.text()
    dialog.restore.click()
    dialog.restore_into(str(tmp_path / "again.db"))
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "is not sound" in dialog.trouble.text()
    assert not list(tmp_path.glob("again*"))
    at_rest(dialog, qtbot)
    dialog.table.selectRow(1)
    assert not dialog.wrong.isVisible()


def test_what_verifying_finds_is_kept_on_show(window: MainWindow, qtbot: QtBot) -> None:
    made = clinic_of(window).backups.make()
    dialog = backups_of(window, qtbot, 1)
    damage(made.path)
    dialog.verify.click()
    qtbot.waitUntil(dialog.wrong.isVisible)
    at_rest(dialog, qtbot)
    rename(window, "陈素雲")  # the list is read anew
    qtbot.wait(50)
    at_rest(dialog, qtbot)
    assert "was changed" in dialog.table.text_at(0, STATE)
    assert dialog.told.text() == ""


def test_a_backup_the_catalogue_does_not_know_counts_after_it_was_verified(window: MainWindow, qtbot: QtBot) -> None:
    made = clinic_of(window).backups.make()
    (made.path.parent / CATALOGUE).unlink()
    dialog = backups_of(window, qtbot, 1)
    assert "not in the catalogue" in dialog.wrong.text()
    dialog.verify.click()
    qtbot.waitUntil(lambda: dialog.table.text_at(0, STATE) == "sound")


def test_nothing_is_restored_over_a_file_and_that_is_said_in_place(
    window: MainWindow, clinic_file: Path, qtbot: QtBot
) -> None:
    clinic_of(window).backups.make()
    dialog = backups_of(window, qtbot, 1)
    before = clinic_file.read_bytes()
    dialog.restore.click()
    dialog.restore_into(str(clinic_file))
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "is there already" in dialog.trouble.text()
    assert clinic_file.read_bytes() == before
    assert window.notices.notice is not None


def test_while_one_is_made_nothing_else_is_begun(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic_of(window).backups.make()
    dialog = backups_of(window, qtbot, 1)
    go, make = threading.Event(), Backups.make
    monkeypatch.setattr(Backups, "make", lambda self: (go.wait(20), make(self))[1])
    dialog.make.click()
    assert dialog.bar.isVisible()
    assert not any(button.isEnabled() for button in (dialog.make, dialog.make_own, dialog.verify, dialog.restore))
    dialog.load()  # somebody committed meanwhile
    go.set()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    at_rest(dialog, qtbot)


def test_locked_nothing_of_a_record_nor_of_a_passphrase_is_left(sealed: MainWindow, qtbot: QtBot) -> None:
    clinic_of(sealed).backups.make()
    dialog = backups_of(sealed, qtbot, 1)
    dialog.make_own.click()
    form = form_of(dialog, qtbot)
    form.fields.first.setText(OWN)
    form.fields.again.setText(OWN)
    sealed.entry.lock()
    assert dialog.table.rowCount() == 0
    assert not form.isVisible()
    assert OWN not in words(sealed)
    assert ".db" not in words(sealed)
    come_back(sealed, qtbot)
    assert form.isVisible()
    assert not form.go.isEnabled()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)


@pytest.mark.parametrize("what", ["make", "list"])
def test_what_is_under_way_at_the_lock_is_shown_only_afterwards(
    sealed: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    dialog = backups_of(sealed, qtbot, 0)
    if what == "list":
        clinic_of(sealed).backups.make()
    done, go, real = threading.Event(), threading.Event(), getattr(Backups, what)
    monkeypatch.setattr(Backups, what, lambda self, **given: (real(self, **given), done.set(), go.wait(20))[0])
    if what == "make":
        dialog.make.click()
    else:
        dialog.load()
    assert done.wait(20)
    sealed.entry.lock()
    go.set()
    sealed.session.errands.wait()
    qtbot.wait(50)
    assert dialog.table.rowCount() == 0
    assert dialog.told.text() == ""
    come_back(sealed, qtbot)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)


def test_whoever_may_not_make_backups_is_not_offered_them(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = people.staff(people.fill(tmp_path / "clinic.db"))
    window = open_window(path, Credentials(user="李医师", passphrase=PASSPHRASE))
    assert not window.actions_table["backups"].isVisible()
    window.office.show_backups()  # as if by a menu that showed too much
    dialog = cast(BackupsDialog, window.dialogs["backups"])
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "李医师" in dialog.trouble.text()
    window.close()
    other = open_window(path, Credentials(user="王主任", passphrase=PASSPHRASE))
    assert other.actions_table["backups"].isVisible()
    dialog = backups_of(other, qtbot, 0)
    dialog.make.click()
    qtbot.waitUntil(lambda: "made and verified" in dialog.told.text())


def test_it_follows_the_language_and_the_dress_that_are_chosen(window: MainWindow, qtbot: QtBot) -> None:
    damage(clinic_of(window).backups.make().path)
    dialog = backups_of(window, qtbot, 1)
    window.appearance.dark()
    cell = dialog.table.item(0, STATE)
    assert cell is not None
    assert cell.foreground().color() == theme.DARK.color("red")
    window.appearance.chinese()
    assert dialog.table.text_at(0, 3) == "8"
    assert dialog.table.currentRow() == 0
