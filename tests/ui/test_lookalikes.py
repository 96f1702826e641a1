"""Patients who look alike: compared side by side, made one and parted again, told apart for good."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.records import Case, Patient
from app.store.clinic import Clinic, Credentials
from app.store.likeness import Pair
from app.ui import translation
from app.ui.pages.lookalikes import LookalikesDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.people import PASSPHRASE
from tests.ui.seen import clinic_of, listed
from tests.ui.test_lock import come_back, words

OLD = "P0001"
TWIN = dataclasses.replace(
    people.cases()[0],
    patient=Patient("K17", "陈素云", "F", age=47.0, chief="心悸", note="lives in Hangzhou now"),
    visits=people.cases()[3].visits[:2],
)


def import_twin(clinic: Clinic, twin: Case = TWIN) -> None:
    clinic.imports.commit([twin])


def lookalikes(window: MainWindow, qtbot: QtBot, count: int = 1) -> LookalikesDialog:
    window.records.show_lookalikes()
    dialog = cast(LookalikesDialog, window.dialogs["lookalikes"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == count and (not count or dialog.left.isEnabled()))
    return dialog


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> LookalikesDialog:
    """Of a clinic that has one patient twice."""
    import_twin(clinic_of(window))
    return lookalikes(window, qtbot)


def sides(dialog: LookalikesDialog) -> dict[str, tuple[str, str]]:
    table = dialog.sides
    return {table.text_at(row, 0): (table.text_at(row, 1), table.text_at(row, 2)) for row in range(table.rowCount())}


def standing_out(dialog: LookalikesDialog) -> set[str]:
    """Names of the rows set in bold."""
    found = set()
    for row in range(dialog.sides.rowCount()):
        item = dialog.sides.item(row, 1)
        assert item is not None
        if item.font().bold():
            found.add(dialog.sides.text_at(row, 0))
    return found


def test_a_pair_is_listed_with_its_reasons_in_words(dialog: LookalikesDialog) -> None:
    texts = [dialog.table.text_at(0, column) for column in range(4)]
    assert texts[:2] == ["P0001 陈素云", "K17 陈素云"]
    assert float(texts[2]) >= 60
    assert texts[3] == "same name, age agrees, same sex"


def test_the_two_stand_side_by_side_and_what_differs_stands_out(dialog: LookalikesDialog) -> None:
    found = sides(dialog)
    assert found["name"] == ("陈素云", "陈素云")
    assert found["age"] == ("46", "47")
    assert found["chief complaint"] == ("不寐", "心悸")
    assert found["visits"] == ("7", "2")
    assert found["first visit"] == ("2024-03-04", "2024-03-07")
    assert found["last formula"][1].startswith("酸枣仁汤: 酸枣仁 17 g")
    assert found["note"] == ("–", "lives in Hangzhou now")
    assert "birth date" not in found  # of neither is one known
    assert {"age", "chief complaint", "visits"} <= standing_out(dialog)
    assert not {"name", "sex", "note", "diagnosis"} & standing_out(dialog)


def test_a_name_that_looks_like_markup_stays_a_name(window: MainWindow, qtbot: QtBot) -> None:
    odd = people.cases()[6]
    import_twin(clinic_of(window), dataclasses.replace(odd, patient=dataclasses.replace(odd.patient, code="P0107")))
    dialog = lookalikes(window, qtbot)
    assert sides(dialog)["name"][0] == people.NAMES[6][1]


def test_two_records_become_one_and_undo_brings_both_back(
    window: MainWindow, dialog: LookalikesDialog, qtbot: QtBot
) -> None:
    window.choose("K17")
    dialog.left.click()
    qtbot.waitUntil(dialog.told.isVisible)
    assert "K17 is part of P0001 now" in dialog.told.text()
    assert "Undo" in dialog.told.text()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert "K17" not in listed(window)
    assert window.session.case is not None  # who was on screen is still: in the other's record
    assert window.session.case.patient.code == OLD
    merged = clinic_of(window).queries.case(OLD)
    assert len(merged.visits) == 9
    assert (merged.patient.chief, merged.patient.note) == ("不寐", "lives in Hangzhou now")
    qtbot.waitUntil(window.actions_table["undo"].isEnabled)
    window.actions_table["undo"].trigger()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert not dialog.told.isVisible()  # it was taken back
    assert {OLD, "K17"} <= set(listed(window))
    assert len(clinic_of(window).queries.case(OLD).visits) == 7
    assert len(clinic_of(window).queries.case("K17").visits) == 2


def test_the_right_one_may_be_the_one_that_stays(window: MainWindow, dialog: LookalikesDialog, qtbot: QtBot) -> None:
    dialog.right.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert "P0001 is part of K17 now" in dialog.told.text()
    assert OLD not in listed(window)
    assert len(clinic_of(window).queries.case("K17").visits) == 9


def test_told_apart_they_are_not_proposed_again(window: MainWindow, dialog: LookalikesDialog, qtbot: QtBot) -> None:
    dialog.apart.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert "different people" in dialog.told.text()
    assert "Nobody looks alike" in dialog.note.text()
    assert not any(button.isEnabled() for button in (dialog.left, dialog.right, dialog.apart))
    dialog.close()
    qtbot.waitUntil(lambda: "lookalikes" not in window.dialogs)
    again = lookalikes(window, qtbot, 0)
    qtbot.waitUntil(lambda: "Nobody looks alike" in again.note.text())
    assert {OLD, "K17"} <= set(listed(window))


def test_what_another_window_enters_is_proposed_by_itself(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    dialog = lookalikes(window, qtbot, 0)
    with Clinic.open(clinic_file, who="李医师") as other:
        import_twin(other)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1, timeout=5000)
    qtbot.waitUntil(dialog.left.isEnabled)
    assert sides(dialog)["number of the patient"] == (OLD, "K17")


def test_the_pair_one_looks_at_stays_chosen_when_the_list_is_read_anew(
    window: MainWindow, dialog: LookalikesDialog, qtbot: QtBot
) -> None:
    like = dataclasses.replace(people.cases()[4], patient=Patient("P0015", "李桂芳", "F", age=67.0, chief="不寐"))
    import_twin(clinic_of(window), like)  # likelier, and therefore above
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    assert dialog.table.text_at(0, 1) == "P0015 李桂芳"
    assert dialog.table.currentRow() == 1
    assert sides(dialog)["name"] == ("陈素云", "陈素云")
    dialog.table.selectRow(0)
    qtbot.waitUntil(lambda: sides(dialog).get("name") == ("李桂芳", "李桂芳"))


def test_one_who_was_taken_out_meanwhile_is_not_merged_and_it_is_told(
    window: MainWindow, dialog: LookalikesDialog, qtbot: QtBot
) -> None:
    clinic = clinic_of(window)
    window.session.changed.disconnect(dialog.load)  # the list is not read anew yet
    record = clinic.patients.open("K17")
    clinic.patients.delete("K17", version=record.version, visits=record.visits)
    dialog.left.click()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "K17" in dialog.trouble.text()
    assert dialog.left.isEnabled()
    assert len(clinic.queries.case(OLD).visits) == 7


@pytest.fixture
def sealed(open_window: OpenWindow, tmp_path: Path) -> MainWindow:
    """A window on an encrypted clinic that has one patient twice."""
    path = people.fill_encrypted(tmp_path / "clinic.db")
    with Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        import_twin(clinic)
    return open_window(path, Credentials(passphrase=PASSPHRASE))


def test_locked_nothing_of_a_record_is_left_in_any_widget(sealed: MainWindow, qtbot: QtBot) -> None:
    dialog = lookalikes(sealed, qtbot)
    telling = ("陈素云", "K17", OLD, "心悸", "不寐", "Hangzhou", "酸枣仁")
    assert {"陈素云", "K17", "心悸", "Hangzhou"} <= {text for text in telling if text in words(sealed)}
    dialog.left.click()
    qtbot.waitUntil(dialog.told.isVisible)
    sealed.entry.lock()
    assert not dialog.isVisible()
    assert [text for text in telling if text in words(sealed)] == []
    assert dialog.sides.rowCount() == dialog.table.rowCount() == 0
    come_back(sealed, qtbot)
    qtbot.waitUntil(lambda: "Nobody looks alike" in dialog.note.text())
    assert dialog.isVisible()


def test_what_was_asked_before_the_lock_is_not_shown_after_it(
    sealed: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = clinic_of(sealed)
    dialog = lookalikes(sealed, qtbot)
    go, case, pairs = threading.Event(), clinic.queries.case, clinic.likeness.pairs
    found: tuple[list[Pair], Case] = pairs(), case(OLD)
    monkeypatch.setattr(clinic.likeness, "pairs", late(go, found[0]))
    monkeypatch.setattr(clinic.queries, "case", late(go, found[1]))
    dialog._choose()
    dialog.load()
    sealed.entry.lock()
    go.set()
    sealed.session.errands.wait()
    qtbot.wait(50)
    assert dialog.sides.rowCount() == dialog.table.rowCount() == 0
    assert [text for text in ("陈素云", "K17", OLD) if text in words(sealed)] == []


def late(go: threading.Event, answer: object) -> Callable[..., object]:
    def asked(*_: object) -> object:
        go.wait(10)
        return answer

    return asked


def test_it_speaks_the_language_of_the_window(dialog: LookalikesDialog, qapp: QApplication, qtbot: QtBot) -> None:
    assert sides(dialog)["diagnosis"][0] == "不寐 肝郁阴虚"
    translation.install(qapp, "zh")
    qtbot.waitUntil(lambda: sides(dialog).get("主诉") == ("不寐", "心悸"))
    assert "主诉" in standing_out(dialog)


def test_who_may_not_change_records_decides_nothing(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = people.fill(tmp_path / "clinic.db")
    with Clinic.open(path) as clinic:
        import_twin(clinic)
    window = open_window(people.staff(path), Credentials(user="王主任", passphrase=PASSPHRASE))
    assert not window.actions_table["lookalikes"].isVisible()
    window.records.show_lookalikes()  # as if by a menu that showed too much
    dialog = cast(LookalikesDialog, window.dialogs["lookalikes"])
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "王主任" in dialog.trouble.text()
    assert dialog.table.rowCount() == 0
    assert not any(button.isEnabled() for button in (dialog.left, dialog.right, dialog.apart))


def test_the_rows_of_long_words_are_high_enough_for_them(window: MainWindow, qtbot: QtBot) -> None:
    long = dataclasses.replace(TWIN, patient=dataclasses.replace(TWIN.patient, note="moved " * 60, birth_date=None))
    import_twin(clinic_of(window), long)
    dialog = lookalikes(window, qtbot)
    row = list(sides(dialog)).index("note")
    assert dialog.sides.rowHeight(row) > 2 * dialog.sides.rowHeight(0)
    height = dialog.sides.rowHeight(row)
    dialog.resize(1400, dialog.height())
    qtbot.waitUntil(lambda: dialog.sides.rowHeight(row) < height)


def test_birth_dates_are_compared_as_dates(window: MainWindow, qtbot: QtBot) -> None:
    clinic = clinic_of(window)
    record = clinic.patients.open(OLD)
    clinic.patients.change(OLD, version=record.version, birth_date=dt.date(1978, 4, 3))
    twin = dataclasses.replace(TWIN.patient, age=None, birth_date=dt.date(1978, 3, 4))
    import_twin(clinic, dataclasses.replace(TWIN, patient=twin))
    dialog = lookalikes(window, qtbot)
    assert dialog.table.text_at(0, 3) == "same name, birth dates but one slip apart, same sex"
    assert sides(dialog)["birth date"] == ("1978-04-03", "1978-03-04")
    assert "birth date" in standing_out(dialog)
