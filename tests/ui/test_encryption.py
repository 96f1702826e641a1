"""Encryption from the window: what opens the file before and after, and that no secret outlasts the lock."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import keyring
import pytest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from app.store import keys, rekeying
from app.store.clinic import Clinic, Credentials, PassphraseNeededError
from app.store.keys import WrongKeyError
from app.ui.pages.backups import BackupsDialog
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.encryption import EncryptionDialog
from app.ui.pages.passphrase_form import PassphraseForm
from app.ui.pages.ways_in import Ways, WaysIn
from app.ui.window import MainWindow
from tests.app.store.test_rekeying import Pocket
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.people import PASSPHRASE
from tests.ui.seen import clinic_of
from tests.ui.test_backups import give
from tests.ui.test_lock import come_back, words

pytestmark = pytest.mark.promise("R17")

NEW = "黄河入海流 2077"


class Purse(Pocket):
    """A keyring in memory that a desktop would offer."""

    priority = 5  # pyright: ignore[reportAssignmentType]


@pytest.fixture(autouse=True)
def purse() -> Iterator[Purse]:
    before, purse = keyring.get_keyring(), Purse()
    keyring.set_keyring(purse)
    yield purse
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.fill_encrypted(tmp_path_factory.mktemp("sealed") / "clinic.db").parent


@pytest.fixture
def sealed_file(sealed_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(sealed_once, tmp_path / "sealed")
    return tmp_path / "sealed" / "clinic.db"


@pytest.fixture
def sealed(open_window: OpenWindow, sealed_file: Path) -> MainWindow:
    """A window on an encrypted clinic."""
    return open_window(sealed_file, Credentials(passphrase=PASSPHRASE))


def encryption_of(window: MainWindow, qtbot: QtBot) -> EncryptionDialog:
    window.office.show_keys()
    dialog = cast(EncryptionDialog, window.dialogs["keys"])
    qtbot.waitUntil(lambda: dialog.first.ways is not None)
    return dialog


def form_of(dialog: EncryptionDialog) -> PassphraseForm:
    assert dialog.form is not None
    return dialog.form


def shown_code(dialog: EncryptionDialog, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: dialog.showing_code, timeout=20_000)
    return dialog.sheet.code


def held(path: Path, **given: Any) -> int:
    """How many patients whoever comes with this finds."""
    with Clinic.open(path, create=False, credentials=Credentials(**given)) as clinic:
        return clinic.queries.counts()["patients"]


def test_a_plain_file_once_encrypted_opens_with_the_passphrase_and_the_code_alone(
    window: MainWindow, clinic_file: Path, qtbot: QtBot
) -> None:
    dialog = encryption_of(window, qtbot)
    assert "not encrypted" in dialog.first.title.text()
    assert not dialog.first.code.isVisible()
    told: list[bool] = []
    dialog.alone.connect(told.append)
    dialog.first.encrypt.click()
    form = form_of(dialog)
    form.fields.first.setText(NEW)
    assert not form.go.isEnabled()
    give(form, NEW)
    code = shown_code(dialog, qtbot)
    assert told == [True, False]
    assert "older backups and copies are plain" in dialog.after.text()
    assert window.session.guarded
    assert window.idle.watch.watching  # now there is something to lock
    assert window.actions_table["passphrase"].isEnabled()
    dialog.sheet.box.setChecked(True)
    dialog.close()
    window.close()
    with pytest.raises(PassphraseNeededError):
        held(clinic_file)
    with pytest.raises(WrongKeyError):
        held(clinic_file, passphrase=PASSPHRASE)
    assert held(clinic_file, passphrase=NEW) == held(clinic_file, recovery=code) == len(people.NAMES)


def test_the_dialogue_stays_until_the_code_is_kept(sealed: MainWindow, qtbot: QtBot) -> None:
    dialog = encryption_of(sealed, qtbot)
    dialog.make_code()
    shown_code(dialog, qtbot)
    button = dialog.buttons.button(QDialogButtonBox.StandardButton.Close)
    assert not button.isEnabled()
    dialog.close()
    dialog.reject()
    assert dialog.isVisible()
    dialog.sheet.box.setChecked(True)
    button.click()
    assert "keys" not in sealed.dialogs


def test_a_new_recovery_code_is_asked_about_and_replaces_the_old_one(
    sealed: MainWindow, sealed_file: Path, qtbot: QtBot
) -> None:
    first = clinic_of(sealed).rekeying.new_recovery_code()
    dialog = encryption_of(sealed, qtbot)
    dialog.first.code.click()
    (question,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, ConfirmDialog))
    question.go.click()
    second = shown_code(dialog, qtbot)
    groups = [label.text() for label in dialog.sheet.findChildren(QLabel)]
    assert set(second.split("-")) <= set(groups)
    sealed.close()
    with pytest.raises(WrongKeyError):
        held(sealed_file, recovery=first)
    assert held(sealed_file, recovery=second) == len(people.NAMES)


def test_this_computer_opens_the_file_by_itself_until_it_is_told_not_to(
    sealed: MainWindow, sealed_file: Path, qtbot: QtBot
) -> None:
    dialog = encryption_of(sealed, qtbot)
    assert not dialog.first.distrust.isVisible()
    dialog.first.trust.click()
    qtbot.waitUntil(dialog.first.distrust.isVisible)
    assert "This computer opens it by itself" in dialog.first.note.text()
    assert not dialog.first.trust.isVisible()
    assert held(sealed_file) == len(people.NAMES)
    dialog.first.distrust.click()
    qtbot.waitUntil(dialog.first.trust.isVisible)
    with pytest.raises(PassphraseNeededError):
        held(sealed_file)


def test_another_computer_that_opens_it_by_itself_is_told_apart(sealed: MainWindow, purse: Purse, qtbot: QtBot) -> None:
    clinic_of(sealed).rekeying.remember()
    (entry,) = purse.kept
    purse.kept[entry] = "of a time before"
    dialog = encryption_of(sealed, qtbot)
    assert "Another computer opens it" in dialog.first.note.text()
    assert dialog.first.trust.isVisible()
    assert dialog.first.distrust.isVisible()


def test_without_a_keyring_nothing_is_offered_that_needs_one(sealed: MainWindow, purse: Purse, qtbot: QtBot) -> None:
    purse.priority = 0  # pyright: ignore[reportAttributeAccessIssue]
    dialog = encryption_of(sealed, qtbot)
    assert dialog.first.renew.isVisible()
    assert not dialog.first.trust.isVisible()


def test_a_refusal_is_told_in_place(sealed: MainWindow, qtbot: QtBot) -> None:
    dialog = encryption_of(sealed, qtbot)
    keys.header_path(clinic_of(sealed).path).unlink()
    dialog.make_code()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "key file" in dialog.trouble.text()
    assert dialog.first.isEnabled()


def test_a_file_that_is_open_elsewhere_is_not_rewritten_and_the_form_says_so(
    sealed: MainWindow, sealed_file: Path, qtbot: QtBot
) -> None:
    dialog = encryption_of(sealed, qtbot)
    told: list[bool] = []
    dialog.alone.connect(told.append)
    with Clinic.open(sealed_file, create=False, credentials=Credentials(passphrase=PASSPHRASE)) as other:
        assert other.queries.counts()["patients"] == len(people.NAMES)
        dialog.first.renew.click()
        form = form_of(dialog)
        give(form, NEW)
        assert not form.leave.isEnabled()
        form.reject()
        assert form.isVisible()  # while it works it stays
        qtbot.waitUntil(form.trouble.isVisible, timeout=20_000)
    assert "open elsewhere" in form.trouble.text()
    assert told == [True, False]
    give(form, NEW)
    shown_code(dialog, qtbot)
    sealed.close()
    assert held(sealed_file, passphrase=NEW) == len(people.NAMES)


def test_after_a_new_data_key_older_backups_ask_for_the_passphrase_of_their_time(
    sealed: MainWindow, qtbot: QtBot
) -> None:
    clinic_of(sealed).backups.make()
    dialog = encryption_of(sealed, qtbot)
    dialog.first.renew.click()
    give(form_of(dialog), NEW)
    shown_code(dialog, qtbot)
    assert "passphrase of their time" in dialog.after.text()
    sealed.office.show_backups()
    backups = cast(BackupsDialog, sealed.dialogs["backups"])
    qtbot.waitUntil(backups.verify.isEnabled)
    backups.verify.click()
    qtbot.waitUntil(lambda: backups.form is not None)
    give(cast(PassphraseForm, backups.form), PASSPHRASE)
    qtbot.waitUntil(lambda: "is sound" in backups.told.text())


def test_with_users_it_is_the_own_passphrase_and_the_others_are_named(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = people.staff(people.fill(tmp_path / "clinic.db"))
    window = open_window(path, Credentials(user="王主任", passphrase=PASSPHRASE))
    dialog = encryption_of(window, qtbot)
    dialog.first.encrypt.click()
    form = form_of(dialog)
    assert not form.fields.isVisible()
    give(form, "not the own one")
    qtbot.waitUntil(form.trouble.isVisible)
    give(form, PASSPHRASE)
    shown_code(dialog, qtbot)
    assert "李医师" in dialog.after.text()
    assert "王主任" not in dialog.after.text()
    assert not dialog.first.trust.isVisible()  # whoever comes gives a name and a passphrase anyway
    window.close()
    with pytest.raises(WrongKeyError):
        held(path, user="李医师", passphrase="not the own one")
    assert held(path, user="王主任", passphrase=PASSPHRASE) == len(people.NAMES)


def test_whoever_may_not_is_not_offered_it_and_refused(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = people.staff(people.fill(tmp_path / "clinic.db"))
    window = open_window(path, Credentials(user="李医师", passphrase=PASSPHRASE))
    assert not window.actions_table["keys"].isVisible()
    dialog = encryption_of(window, qtbot)  # as if by a menu that showed too much
    dialog.first.encrypt.click()
    form = form_of(dialog)
    give(form, PASSPHRASE)
    qtbot.waitUntil(form.trouble.isVisible)
    assert "李医师" in form.trouble.text()
    window.close()
    assert held(path, user="王主任", passphrase=PASSPHRASE) == len(people.NAMES)


def test_the_lock_puts_the_code_away_and_says_so_afterwards(sealed: MainWindow, qtbot: QtBot) -> None:
    dialog = encryption_of(sealed, qtbot)
    dialog.make_code()
    code = shown_code(dialog, qtbot)
    dialog.sheet.copy_button.setFocus()
    sealed.entry.lock()
    assert [group for group in code.split("-") if group in words(sealed)] == []
    assert dialog.sheet.code == ""
    come_back(sealed, qtbot)
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: "before it was kept" in dialog.first.note.text())
    dialog.make_code()
    assert shown_code(dialog, qtbot) != code
    dialog.sheet.box.setChecked(True)
    sealed.entry.lock()
    come_back(sealed, qtbot)
    qtbot.waitUntil(lambda: "before it was kept" not in dialog.first.note.text())


def test_the_lock_empties_the_fields(sealed: MainWindow, qtbot: QtBot) -> None:
    dialog = encryption_of(sealed, qtbot)
    dialog.first.renew.click()
    form = form_of(dialog)
    form.fields.shown.setChecked(True)
    form.fields.first.setText(NEW)
    sealed.entry.lock()
    assert NEW not in words(sealed)
    assert not form.isVisible()


def test_locked_while_the_file_is_rewritten_it_stays_locked_and_the_code_is_not_shown(
    sealed: MainWindow, sealed_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_it, go, real = threading.Event(), threading.Event(), rekeying._replace

    def slowly(*args: Any) -> None:
        at_it.set()
        go.wait(20)
        real(*args)

    monkeypatch.setattr(rekeying, "_replace", slowly)
    dialog = encryption_of(sealed, qtbot)
    dialog.first.renew.click()
    give(form_of(dialog), NEW)
    assert at_it.wait(20)
    sealed.entry.lock()
    go.set()
    sealed.session.errands.wait()
    qtbot.wait(100)
    clinic = clinic_of(sealed)
    assert clinic.locked
    assert clinic._database.key is None  # type: ignore[attr-defined]
    assert not dialog.showing_code
    come_back(sealed, qtbot, NEW)
    qtbot.waitUntil(lambda: "before it was kept" in dialog.first.note.text())
    assert held(sealed_file, passphrase=NEW) == len(people.NAMES)


def test_of_a_clinic_on_a_server_it_says_what_counts_and_offers_nothing(qtbot: QtBot) -> None:
    page = WaysIn([lambda: None] * 5)
    qtbot.addWidget(page)
    page.show()
    page.show_ways(Ways(file=False, users=True), lost=False)
    assert "server" in page.title.text()
    assert not any(b.isVisible() for b in (page.encrypt, page.code, page.trust, page.distrust, page.renew))
