"""Making, opening and unlocking clinics from the window."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import cast

import keyring
import pytest
from keyring.backend import KeyringBackend
from pypdf import PdfReader
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.store import keys
from app.store.clinic import Clinic, Credentials
from app.store.keys import WrongKeyError
from app.store.roles import Role
from app.ui.entry import Face
from app.ui.pages.new_clinic import NewClinicDialog
from app.ui.pages.open_dialog import OpenDialog
from app.ui.pages.user_form import UserForm
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import settle
from tests.ui.people import PASSPHRASE

LATE = 0.1  # seconds the window may be deaf


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def drawer() -> Drawer:
    """Every test has a keyring of its own: that of the computer is nobody's to test with."""
    made = Drawer()
    keyring.set_keyring(made)
    return made


@pytest.fixture(scope="module")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.fill_encrypted(tmp_path_factory.mktemp("sealed") / "clinic.db").parent


@pytest.fixture
def sealed(sealed_once: Path, tmp_path: Path) -> Path:
    """An encrypted clinic file."""
    for file in sealed_once.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / "clinic.db"


def making(window: MainWindow, path: Path) -> NewClinicDialog:
    window.entry.ask_for_new(path)
    return cast(NewClinicDialog, window.dialogs["new"])


def asked(window: MainWindow, qtbot: QtBot, place: Path) -> None:
    with qtbot.waitSignal(window.entry.over, timeout=20_000):
        window.entry.open(str(place))
    assert window.front.currentIndex() == Face.GATE


def try_it(window: MainWindow, qtbot: QtBot, passphrase: str, user: str = "") -> None:
    gate = window.entry.gate
    gate.user.setText(user)
    gate.passphrase.setText(passphrase)
    with qtbot.waitSignal(window.entry.over, timeout=20_000):
        gate.unlock()


def test_a_new_clinic_file_is_encrypted_unless_the_person_says_otherwise(
    bare_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = making(bare_window, tmp_path / "new.db")
    assert dialog.encrypted.isChecked()
    assert not dialog.go.isEnabled()
    dialog.fields.first.setText(PASSPHRASE)
    assert not dialog.go.isEnabled()
    dialog.fields.again.setText(PASSPHRASE)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.showing_code, timeout=20_000)
    clinic = bare_window.session.clinic
    assert clinic is not None
    assert clinic.encrypted
    assert dialog.sheet.code == clinic.recovery
    assert dialog.fields.passphrase() == ""


def test_the_recovery_code_stays_until_it_was_kept(bare_window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = making(bare_window, tmp_path / "new.db")
    dialog.fields.first.setText(PASSPHRASE)
    dialog.fields.again.setText(PASSPHRASE)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.showing_code, timeout=20_000)
    code = dialog.sheet.code
    dialog.reject()
    dialog.close()
    assert dialog.isVisible()
    dialog.sheet.copy()
    assert QGuiApplication.clipboard().text() == code
    dialog.sheet.box.setChecked(True)
    dialog.go.click()
    assert "new" not in bare_window.dialogs
    bare_window.session.close()
    with Clinic.open(tmp_path / "new.db", create=False, credentials=Credentials(recovery=code)) as again:
        assert again.encrypted


def test_the_printed_code_can_be_typed_from_the_paper(bare_window: MainWindow, tmp_path: Path) -> None:
    dialog = making(bare_window, tmp_path / "new.db")
    dialog.sheet.show_code("7Q4M-AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG", "clinic")
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "code.pdf"))
    dialog.sheet.print_on(printer)
    pages = PdfReader(tmp_path / "code.pdf").pages
    assert len(pages) == 1
    text = "".join(pages[0].extract_text().split())
    assert "7Q4M-AAAA-BBBB-CCCC" in text
    assert "DDDD-EEEE-FFFF-GGGG" in text


def test_a_plain_file_needs_the_warning_to_be_acknowledged(
    bare_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = making(bare_window, tmp_path / "plain.db")
    dialog.plain.setChecked(True)
    assert "can read every record" in dialog.warning.text()
    assert not dialog.go.isEnabled()
    dialog.aware.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: bare_window.session.clinic is not None, timeout=20_000)
    assert "new" not in bare_window.dialogs
    assert bare_window.session.clinic is not None
    assert not bare_window.session.clinic.encrypted
    assert bare_window.front.currentIndex() == Face.WORK


def test_a_file_that_is_there_is_not_made_anew(bare_window: MainWindow, qtbot: QtBot, clinic_file: Path) -> None:
    dialog = making(bare_window, clinic_file)
    dialog.plain.setChecked(True)
    dialog.aware.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: "already" in dialog.trouble.text(), timeout=20_000)
    assert bare_window.session.clinic is None
    assert dialog.go.isEnabled()


def test_an_encrypted_clinic_asks_for_its_passphrase_and_shows_nothing_before(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path
) -> None:
    asked(bare_window, qtbot, sealed)
    assert not bare_window.entry.gate.user.isVisible()
    assert not bare_window.entry.gate.go.isEnabled()
    assert bare_window.patients.model.rowCount() == 0
    try_it(bare_window, qtbot, "nothing of the kind")
    assert bare_window.front.currentIndex() == Face.GATE
    assert "wrong" in bare_window.entry.gate.trouble.text()
    try_it(bare_window, qtbot, PASSPHRASE)
    assert bare_window.front.currentIndex() == Face.WORK
    assert bare_window.patients.model.rowCount() == len(people.NAMES)
    assert bare_window.entry.gate.passphrase.text() == ""


def test_the_recovery_code_opens_it_too(bare_window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with Clinic.open(tmp_path / "new.db", credentials=Credentials(passphrase=PASSPHRASE)) as made:
        code = made.recovery
    asked(bare_window, qtbot, tmp_path / "new.db")
    gate = bare_window.entry.gate
    gate.other.click()
    assert not gate.passphrase.isVisible()
    gate.code.setText(code.lower().replace("-", " "))
    with qtbot.waitSignal(bare_window.entry.over):
        gate.unlock()
    assert bare_window.session.clinic is not None


def test_a_clinic_with_users_asks_for_a_name_and_no_recovery_code(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path
) -> None:
    with Clinic.open(sealed, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        clinic.accounts.add("王主任", [Role.ADMINISTRATOR, Role.CLINICIAN], "another passphrase")
    asked(bare_window, qtbot, sealed)
    gate = bare_window.entry.gate
    assert gate.user.isVisible()
    settle()
    for field in (gate.user, gate.passphrase):  # not squeezed by a hint of two lines
        assert field.height() >= field.sizeHint().height()
    assert not gate.other.isVisible()
    try_it(bare_window, qtbot, "another passphrase", "王主任")
    assert bare_window.session.clinic is not None
    assert bare_window.session.clinic.actor.name == "王主任"


def test_remembered_on_this_computer_it_opens_without_asking(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path, drawer: Drawer
) -> None:
    asked(bare_window, qtbot, sealed)
    assert bare_window.entry.gate.remember.isVisible()
    bare_window.entry.gate.remember.setChecked(True)
    try_it(bare_window, qtbot, PASSPHRASE)
    assert len(drawer.kept) == 1
    bare_window.session.close()
    with qtbot.waitSignal(bare_window.entry.over):
        bare_window.entry.open(str(sealed))
    assert bare_window.session.clinic is not None


def test_remembering_is_not_offered_where_the_computer_has_no_keyring(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Drawer, "priority", 0.0)
    asked(bare_window, qtbot, sealed)
    assert not bare_window.entry.gate.remember.isVisible()


def test_who_turns_back_at_the_gate_finds_the_clinic_of_before(window: MainWindow, qtbot: QtBot, sealed: Path) -> None:
    before = window.session.path
    asked(window, qtbot, sealed)
    assert not window.actions_table["import_file"].isEnabled()
    window.entry.gate.leave.click()
    assert window.front.currentIndex() == Face.WORK
    assert window.session.path == before
    assert window.actions_table["import_file"].isEnabled()


def test_a_passphrase_of_the_environment_opens_it(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILIU_PASSPHRASE", PASSPHRASE)
    with qtbot.waitSignal(bare_window.entry.over, timeout=20_000):
        bare_window.entry.start(str(sealed))
    assert bare_window.session.clinic is not None


def test_a_server_is_opened_by_its_address(
    bare_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def refuse(place: str, given: object) -> Clinic:
        tried.append(place)
        raise WrongKeyError("The name or the passphrase is wrong.")

    monkeypatch.setattr("app.ui.entry.open_clinic", refuse)
    bare_window.entry.ask_for_clinic()
    dialog = cast(OpenDialog, bare_window.dialogs["open"])
    assert not dialog.go.isEnabled()
    dialog.place.setText("  postgresql://dr@localhost/clinic ")
    with qtbot.waitSignal(bare_window.entry.over):
        dialog.go.click()
    assert tried == ["postgresql://dr@localhost/clinic"]
    assert bare_window.entry.gate.user.isVisible()
    assert "clinic" in bare_window.entry.gate.title.text()


def test_the_window_stays_alive_while_the_key_is_made(
    bare_window: MainWindow, qtbot: QtBot, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With figures of a slow computer; the keys of the test's file are quick, so the wait is put into the opening."""
    real = keys.unwrap

    def slow(*args: object) -> bytes:
        time.sleep(0.8)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(keys, "unwrap", slow)
    asked(bare_window, qtbot, sealed)
    gate = bare_window.entry.gate
    gate.passphrase.setText("nothing of the kind")
    beats: list[float] = []
    pulse = QTimer()
    pulse.setInterval(10)
    pulse.timeout.connect(lambda: beats.append(time.monotonic()))
    pulse.start()
    began = time.monotonic()
    with qtbot.waitSignal(bare_window.entry.over):
        gate.unlock()
        assert gate.bar.isVisible()
        assert time.monotonic() - began < LATE
    pulse.stop()
    assert beats[-1] - began > 0.7
    assert max(later - earlier for earlier, later in itertools.pairwise(beats)) < LATE


def test_after_the_recovery_code_a_new_passphrase_is_set(bare_window: MainWindow, qtbot: QtBot, sealed: Path) -> None:
    asked(bare_window, qtbot, sealed)
    try_it(bare_window, qtbot, PASSPHRASE)
    assert bare_window.actions_table["passphrase"].isEnabled()
    bare_window.office.show_passphrase()
    form = cast(UserForm, bare_window.dialogs["passphrase"])
    assert not form.old.isVisible()
    form.fields.first.setText("another passphrase")
    form.fields.again.setText("another passphrase")
    with qtbot.waitSignal(form.done_well):
        form.go.click()
    bare_window.session.close()
    with pytest.raises(WrongKeyError):
        Clinic.open(sealed, create=False, credentials=Credentials(passphrase=PASSPHRASE))
    with Clinic.open(sealed, create=False, credentials=Credentials(passphrase="another passphrase")) as clinic:
        assert clinic.queries.counts()["patients"] == len(people.NAMES)


def test_without_a_passphrase_enter_opens_again(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.entry.lock()
    qtbot.waitUntil(window.entry.gate.go.hasFocus)
    QTest.keyClick(window.entry.gate.go, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.session.locked)
