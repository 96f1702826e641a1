"""Users, passphrases and the audit log, from the window; what each role sees of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import create_engine, text

from app.paths import RESOURCES
from app.store.clinic import Clinic, Credentials
from app.store.roles import Permission, Role
from app.ui import session as session_room
from app.ui.commands import COMMANDS
from app.ui.pages.audit_log import AuditDialog
from app.ui.pages.user_form import UserForm
from app.ui.pages.users import UsersDialog
from app.ui.role_words import ACTS, THINGS
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.people import PASSPHRASE

OTHER = "another passphrase"


@pytest.fixture(scope="module")
def staffed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.staff(people.fill(tmp_path_factory.mktemp("staffed") / "clinic.db"))


@pytest.fixture
def staffed(staffed_once: Path, tmp_path: Path) -> Path:
    """A clinic file with users."""
    (tmp_path / "clinic.db").write_bytes(staffed_once.read_bytes())
    return tmp_path / "clinic.db"


def acts(window: MainWindow, action: str) -> list[str]:
    """Patients of the entries of this act, the oldest first."""
    assert window.session.clinic is not None
    found = window.session.clinic.audit.entries(action=action)
    return [entry.detail.get("patient", "") for entry in reversed(found)]


def users_of(window: MainWindow, qtbot: QtBot, count: int) -> UsersDialog:
    window.office.show_users()
    dialog = cast(UsersDialog, window.dialogs["users"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == count)
    return dialog


def test_looking_at_a_patient_is_written_down_once(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(acts(window, "view")) == 1)  # the first of the list, at opening
    window.choose("P0003")
    window.session.reload()
    window.choose("P0003")
    qtbot.waitUntil(lambda: acts(window, "view")[1:] == ["P0003"])
    window.session.reload()
    qtbot.wait(session_room.SETTLE_MS + 100)
    assert acts(window, "view")[1:] == ["P0003"]


def test_walking_the_list_waits_for_no_disk_and_leaves_nobody_out(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(acts(window, "view")) == 1)
    walked = []
    for _ in range(5):
        window.next_patient()
        walked.append(window.patients.current())
    assert len(acts(window, "view")) == 1
    qtbot.waitUntil(lambda: acts(window, "view")[1:] == walked)


def test_who_was_looked_at_is_written_down_before_the_window_closes(window: MainWindow, clinic_file: Path) -> None:
    window.choose("P0005")
    window.close()
    with Clinic.open(clinic_file) as clinic:
        assert clinic.audit.entries(action="view")[0].detail["patient"] == "P0005"


def test_the_first_user_is_an_administrator_and_then_everyone_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    dialog = users_of(window, qtbot, 0)
    assert dialog.note.isVisible()
    dialog.add.click()
    form = dialog.form
    assert form is not None
    assert form.roles[Role.ADMINISTRATOR].isChecked()
    form.name.setText("王主任")
    form.fields.first.setText(PASSPHRASE)
    assert not form.go.isEnabled()
    form.fields.again.setText(PASSPHRASE)
    form.go.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert dialog.table.text_at(0, 1) == "Administrator"
    assert window.session.users
    assert window.idle.watch.watching  # now there is something to lock


def test_a_refusal_stays_in_the_form(window: MainWindow, qtbot: QtBot) -> None:
    dialog = users_of(window, qtbot, 0)
    dialog.add.click()
    form = dialog.form
    assert form is not None
    form.roles[Role.ADMINISTRATOR].setChecked(False)
    form.roles[Role.CLINICIAN].setChecked(True)
    form.name.setText("李医师")
    form.fields.first.setText(PASSPHRASE)
    form.fields.again.setText(PASSPHRASE)
    form.go.click()
    qtbot.waitUntil(form.trouble.isVisible)
    assert "must be an administrator" in form.trouble.text()
    assert form.name.text() == "李医师"


def test_an_administrator_changes_roles_passphrases_and_who_is_in_work(
    open_window: OpenWindow, staffed: Path, qtbot: QtBot
) -> None:
    window = open_window(staffed, Credentials(user="王主任", passphrase=PASSPHRASE))
    dialog = users_of(window, qtbot, 3)
    dialog.table.selectRow([dialog.table.text_at(row, 0) for row in range(3)].index("李医师"))
    dialog.roles.click()
    form = dialog.form
    assert form is not None
    form.roles[Role.RESEARCHER].setChecked(True)
    form.go.click()
    row = dialog.table.currentRow()
    qtbot.waitUntil(lambda: dialog.table.text_at(row, 1) == "Clinician, Researcher")
    dialog.passphrase.click()
    form = dialog.form
    assert form is not None
    form.fields.first.setText(OTHER)
    form.fields.again.setText(OTHER)
    with qtbot.waitSignal(form.done_well):
        form.go.click()
    dialog.work.click()
    qtbot.waitUntil(lambda: dialog.table.text_at(row, 3) == "suspended")
    dialog.work.click()
    qtbot.waitUntil(lambda: dialog.table.text_at(row, 3) == "active")
    window.close()
    with Clinic.open(staffed, credentials=Credentials(user="李医师", passphrase=OTHER)) as clinic:
        assert clinic.actor.roles == {Role.CLINICIAN, Role.RESEARCHER}


def test_the_last_administrator_stays_in_work(open_window: OpenWindow, staffed: Path, qtbot: QtBot) -> None:
    window = open_window(staffed, Credentials(user="王主任", passphrase=PASSPHRASE))
    dialog = users_of(window, qtbot, 3)
    dialog.table.selectRow([dialog.table.text_at(row, 0) for row in range(3)].index("王主任"))
    dialog.work.click()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "active administrator" in dialog.trouble.text()


def test_everyone_chooses_an_own_passphrase(open_window: OpenWindow, staffed: Path, qtbot: QtBot) -> None:
    window = open_window(staffed, Credentials(user="李医师", passphrase=PASSPHRASE))
    assert window.actions_table["passphrase"].isEnabled()
    window.office.show_passphrase()
    form = cast(UserForm, window.dialogs["passphrase"])
    form.old.setText("not mine")
    form.fields.first.setText(OTHER)
    form.fields.again.setText(OTHER)
    form.go.click()
    qtbot.waitUntil(form.trouble.isVisible)
    form.old.setText(PASSPHRASE)
    with qtbot.waitSignal(form.done_well):
        form.go.click()
    window.close()
    with Clinic.open(staffed, credentials=Credentials(user="李医师", passphrase=OTHER)) as clinic:
        assert clinic.actor.name == "李医师"


@pytest.mark.parametrize("name", people.STAFF)
def test_the_menus_show_each_role_what_it_may_do(open_window: OpenWindow, staffed: Path, name: str) -> None:
    window = open_window(staffed, Credentials(user=name, passphrase=PASSPHRASE))
    clinic = window.session.clinic
    assert clinic is not None
    for command in COMMANDS:
        action = window.actions_table[command.id]
        assert action.isVisible() == clinic.actor.may(command.needs), command.id
        if not clinic.actor.may(command.needs):
            assert not action.isEnabled()
    assert {command.needs for command in COMMANDS} >= {Permission.USERS, Permission.AUDIT, Permission.PATIENTS_READ}


def test_who_may_see_no_records_sees_none_and_is_told_so(open_window: OpenWindow, staffed: Path) -> None:
    window = open_window(staffed, Credentials(user="王主任", passphrase=PASSPHRASE))
    assert window.patients.model.rowCount() == 0
    assert window.session.case is None
    assert "not part of your roles" in window.timeline.empty.title.text()
    assert not any(button.isVisible() for button in window.timeline.empty.buttons)
    assert window.notices.notice is None


def test_what_the_service_refuses_is_told_with_the_person_it_concerns(
    open_window: OpenWindow, staffed: Path, qtbot: QtBot
) -> None:
    window = open_window(staffed, Credentials(user="赵研究", passphrase=PASSPHRASE))
    window.office.show_audit()  # as if by a menu that showed too much
    qtbot.waitUntil(lambda: window.notices.notice is not None)
    assert window.notices.notice is not None
    assert "赵研究" in window.notices.notice.text


def test_the_audit_log_is_filtered_by_act_and_person(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    with Clinic.open(clinic_file, who="李医师") as other:
        other.patients.open("P0002")
    window.office.show_audit()
    dialog = cast(AuditDialog, window.dialogs["audit"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 1)
    dialog.people.setCurrentIndex(dialog.people.findData("李医师"))
    dialog.people.activated.emit(1)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert [dialog.table.text_at(0, column) for column in (2, 3, 4)] == ["李医师", "looked at", "patient P0002"]
    dialog.people.setCurrentIndex(0)
    dialog.acts.setCurrentIndex(dialog.acts.findData("import"))
    dialog.acts.activated.emit(1)
    qtbot.waitUntil(lambda: dialog.table.text_at(0, 3) == "imported")
    assert dialog.table.rowCount() == 1
    assert dialog.table.text_at(0, 4) == "import patients +8 visits +34"


def test_older_entries_come_page_by_page(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.pages.audit_log.PAGE", 3)
    assert window.session.clinic is not None
    for _ in range(7):
        window.session.clinic.audit.note("export", "patient", {"patient": "P0001"})
    window.office.show_audit()
    dialog = cast(AuditDialog, window.dialogs["audit"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 3)
    dialog.more.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 6)
    numbers = [int(dialog.table.text_at(row, 0)) for row in range(6)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6


def test_the_verdict_says_whether_the_log_is_whole(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    window.office.show_audit()
    dialog = cast(AuditDialog, window.dialogs["audit"])
    dialog.check()
    qtbot.waitUntil(lambda: "whole" in dialog.verdict.text())
    engine = create_engine(f"sqlite:///{clinic_file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit SET who = 'nobody' WHERE id = 1"))
    engine.dispose()
    dialog.check()
    qtbot.waitUntil(lambda: "tampered with" in dialog.verdict.text())
    assert dialog.verify.isEnabled()


def test_every_act_and_thing_of_the_log_has_words() -> None:
    store = RESOURCES.parent / "app"
    entered = {
        found
        for path in store.rglob("*.py")
        for found in re.findall(r'(?:Entry|note)\(\s*"(\w+)",\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(entered) > 12
    assert {act for act, _ in entered} <= ACTS.keys()
    assert {thing for _, thing in entered} <= THINGS.keys()
    for room, thing in (("rekeying.py", "key"), ("backup.py", "backup")):
        acts = set(re.findall(r'self\._note\("(\w+)"', (store / "store" / room).read_text(encoding="utf-8")))
        assert acts and acts <= ACTS.keys() and thing in THINGS
