"""Vocabulary packs, looked at before they change anything; the clinic's own terms; terms that several claim."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.domain import packs
from app.store.clinic import Clinic, Credentials
from app.ui import translation
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.vocabulary import VocabularyDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow
from tests.ui.people import PASSPHRASE
from tests.ui.seen import clinic_of
from tests.ui.test_lock import come_back, words
from tests.ui.test_lookalikes import late

FIRST = "code,term,aliases,kind\nA04.01.,不寐病,不得眠|目不瞑,disease\nA05.02.,郁病,郁证,disease\n"
LATER = "code,term,aliases,kind\nA04.01.,不寐病,不得眠,disease\nA06.09.,百合病,,disease\n"
BROKEN = "code,term,aliases,kind\nA04 01.,不寐病,,disease\nA05.02.,郁病,,illness\n"
THIEF = "code,term,aliases,kind\nsym.insomnia,不寐,,symptom\n"


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> VocabularyDialog:
    return vocabulary(window, qtbot)


def vocabulary(window: MainWindow, qtbot: QtBot) -> VocabularyDialog:
    window.records.show_vocabulary()
    dialog = cast(VocabularyDialog, window.dialogs["vocabulary"])
    qtbot.waitUntil(lambda: dialog.shared.rowCount() > 0 or dialog.trouble.isVisible())
    return dialog


def file(tmp_path: Path, text: str, name: str = "diseases.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def look_at(dialog: VocabularyDialog, qtbot: QtBot, path: str) -> list[str]:
    """What is told of the pack in this file, when it is read."""
    dialog.look_at(path)
    return told(dialog, qtbot)


def told(dialog: VocabularyDialog, qtbot: QtBot) -> list[str]:
    sheet = dialog.sheet
    qtbot.waitUntil(lambda: not sheet.bar.isVisible() and (sheet.pack is not None or bool(sheet.faults)))
    return [sheet.summary.text(), *(sheet.lines.text_at(row, 0) for row in range(sheet.lines.rowCount()))]


def loaded(dialog: VocabularyDialog) -> list[tuple[str, str, str]]:
    """Name, version and number of concepts of each pack in the list."""
    table = dialog.packs
    return [(table.text_at(r, 0), table.text_at(r, 1), table.text_at(r, 2)) for r in range(table.rowCount())]


def question() -> ConfirmDialog:
    (found,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, ConfirmDialog))
    return found


def test_a_packs_changes_are_shown_before_anything_changes(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.bring.click()
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    chooser.fileSelected.emit(file(tmp_path, FIRST))
    chooser.close()
    assert dialog.sheet.bar.isVisible()
    assert not dialog.sheet.go.isEnabled()
    lines = told(dialog, qtbot)
    assert lines[0].startswith("diseases: 2 added, 0 changed")
    assert "Added: A05.02. 郁病." in lines
    assert clinic_of(window).terms.packs() == []
    dialog.sheet.version.setText("2021")
    dialog.sheet.go.click()
    qtbot.waitUntil(lambda: loaded(dialog) == [("diseases", "2021", "2")])
    qtbot.waitUntil(dialog.packs.isVisible)
    assert clinic_of(window).terms.local().concepts[0].code == "A04.01."


def test_a_later_version_tells_what_it_changes_and_withdraws(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    clinic_of(window).terms.apply(packs.parse(FIRST.encode(), name="diseases"), "1")
    lines = look_at(dialog, qtbot, file(tmp_path, LATER))
    assert lines[0].startswith("diseases: 1 added, 1 changed, 0 unchanged, 1 withdrawn")
    assert "Withdrawn: A05.02. 郁病." in lines
    assert "Changed: A04.01., column aliases: 不得眠|目不瞑 → 不得眠." in lines


def test_left_alone_a_pack_changes_nothing(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    look_at(dialog, qtbot, file(tmp_path, FIRST))
    dialog.sheet.leave.click()
    assert dialog.packs.isVisible()
    assert clinic_of(window).terms.packs() == []
    assert dialog.sheet.pack is None


def test_another_name_makes_it_another_pack_which_is_looked_at_anew(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    clinic_of(window).terms.apply(packs.parse(FIRST.encode(), name="GB/T 15657"), "1995")
    lines = look_at(dialog, qtbot, file(tmp_path, LATER))
    assert any("belongs to another source" in line for line in lines)
    dialog.sheet.name.selectAll()
    QTest.keyClicks(dialog.sheet.name, "GB/T 15657")
    assert not dialog.sheet.go.isEnabled()  # what is shown is of the other name
    QTest.keyClick(dialog.sheet.name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    lines = told(dialog, qtbot)
    assert not any("belongs to another source" in line for line in lines)
    assert "Withdrawn: A05.02. 郁病." in lines
    assert dialog.sheet.go.isEnabled()


def test_a_broken_pack_is_refused_in_place_with_file_and_row(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    lines = look_at(dialog, qtbot, file(tmp_path, BROKEN))
    assert lines[0] == "Nothing was changed."
    assert lines[1].startswith("diseases.csv, row 2, column code:")
    assert lines[2].startswith("diseases.csv, row 3, column kind:")
    assert not dialog.sheet.go.isEnabled()
    assert clinic_of(window).terms.packs() == []
    lines = look_at(dialog, qtbot, file(tmp_path, FIRST))  # mended
    assert lines[0].startswith("diseases: 2 added")


@pytest.mark.parametrize(
    ("text", "why"), [("code,name\nA1,郁病\n", "the column aliases is missing"), ("\0", "is no CSV text")]
)
def test_a_file_that_is_no_pack_at_all_is_refused_with_its_reason(
    dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path, text: str, why: str
) -> None:
    lines = look_at(dialog, qtbot, file(tmp_path, text))
    assert why in lines[1]
    assert "diseases.csv" in lines[1]


def test_a_pack_that_would_redefine_another_source_is_not_loaded(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    lines = look_at(dialog, qtbot, file(tmp_path, THIEF))
    assert "sym.insomnia belongs to another source (mailiu) and would be redefined." in lines
    dialog.sheet.go.click()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "sym.insomnia" in dialog.trouble.text()
    assert dialog.sheet.lines.rowCount() == len(lines) - 1  # one can still see what it was about
    assert dialog.sheet.go.isEnabled()
    assert clinic_of(window).terms.packs() == []


def test_what_changes_meanwhile_is_taken_into_account(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    look_at(dialog, qtbot, file(tmp_path, LATER))
    clinic_of(window).terms.apply(packs.parse(FIRST.encode(), name="diseases"), "1")
    qtbot.waitUntil(lambda: dialog.sheet.summary.text().startswith("diseases: 1 added, 1 changed"))


def test_a_pack_is_taken_out_after_a_question(window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot) -> None:
    clinic_of(window).terms.apply(packs.parse(FIRST.encode(), name="diseases"), "1")
    qtbot.waitUntil(lambda: len(loaded(dialog)) == 1)
    dialog.packs.setCurrentCell(0, 0)
    dialog.take_out.click()
    assert question().leave.isDefault()
    question().leave.click()
    qtbot.wait(20)
    assert len(clinic_of(window).terms.packs()) == 1
    dialog.take_out.click()
    question().go.click()
    qtbot.waitUntil(lambda: loaded(dialog) == [])
    assert clinic_of(window).terms.packs() == []
    assert not dialog.take_out.isEnabled()


def test_a_pack_that_own_terms_rest_on_stays_and_it_is_told(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot
) -> None:
    clinic_of(window).terms.apply(packs.parse(FIRST.encode(), name="diseases"), "1")
    clinic_of(window).terms.add_synonym("disease", "想不开", "A05.02.")
    qtbot.waitUntil(lambda: len(loaded(dialog)) == 1)
    dialog.packs.setCurrentCell(0, 0)
    dialog.take_out.click()
    question().go.click()
    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "想不开" in dialog.trouble.text()
    assert loaded(dialog) == [("diseases", "1", "2")]


def test_a_term_that_was_learned_is_listed_and_forgotten(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot
) -> None:
    assert "None yet" in dialog.notes[1].text()
    dialog.tabs.setCurrentIndex(1)
    clinic_of(window).terms.add_synonym("symptom", "心里发慌", "sym.palpitation")
    clinic_of(window).terms.add_synonym("herb", "老黄芪", "herb.huangqi")
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 2)
    shown = [[dialog.terms.text_at(row, column) for column in range(3)] for row in range(2)]
    assert shown == [["herb", "老黄芪", "astragalus"], ["symptom", "心里发慌", "Palpitation"]]
    assert dialog.terms.text_at(0, 4) == clinic_of(window).actor.name
    dialog.terms.setCurrentCell(1, 0)
    dialog.forget.click()
    question().go.click()
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 1)
    assert [one.term for one in clinic_of(window).terms.synonyms()] == ["老黄芪"]


def test_terms_of_several_concepts_are_listed_the_conflicts_first(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = dialog.shared.rowCount()
    assert "occurs in several kinds" in dialog.shared.text_at(0, 0)
    pack = "code,term,aliases,kind\nown.1,夜寐多汗,寝汗,symptom\n"
    clinic_of(window).terms.apply(packs.parse(pack.encode(), name="own"))
    qtbot.waitUntil(lambda: dialog.shared.rowCount() == count + 1)
    assert dialog.shared.text_at(0, 0).startswith("Conflict: 寝汗 ")
    monkeypatch.setattr("app.ui.pages.vocabulary.SHOWN", 5)
    dialog.retranslate()
    assert dialog.shared.rowCount() == 5
    assert f"first 5 of {count + 1}" in dialog.notes[2].text()


def test_what_another_window_loads_and_learns_appears_by_itself(
    dialog: VocabularyDialog, clinic_file: Path, qtbot: QtBot
) -> None:
    with Clinic.open(clinic_file, who="李医师") as other:
        other.terms.apply(packs.parse(FIRST.encode(), name="diseases"), "3")
        other.terms.add_synonym("disease", "想不开", "A05.02.")
    qtbot.waitUntil(lambda: loaded(dialog) == [("diseases", "3", "2")] and dialog.terms.rowCount() == 1, timeout=5000)
    assert dialog.packs.text_at(0, 4) == "李医师"
    assert dialog.terms.text_at(0, 2) == "郁病"  # the pack gives no English


def test_what_is_not_about_words_does_not_read_them_anew(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(clinic_of(window).terms, "synonyms", lambda: asked.append("synonyms") or [])
    window.session.reload()
    window.session.errands.wait()
    qtbot.wait(20)
    assert asked == []
    assert dialog.shared.rowCount() > 0


def test_locked_no_word_is_left_and_what_was_typed_is_kept(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = people.fill_encrypted(tmp_path / "clinic.db")
    with Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        clinic.terms.add_synonym("symptom", "心里发慌", "sym.palpitation")
    window = open_window(path, Credentials(passphrase=PASSPHRASE))
    dialog = vocabulary(window, qtbot)
    look_at(dialog, qtbot, file(tmp_path, FIRST))
    dialog.sheet.version.setText("2021")
    assert "心里发慌" in words(window)
    window.entry.lock()
    assert not dialog.isVisible()
    assert "心里发慌" not in words(window)
    assert [table.rowCount() for table in (dialog.packs, dialog.terms, dialog.shared)] == [0, 0, 0]
    come_back(window, qtbot)
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 1)
    assert dialog.sheet.version.text() == "2021"
    dialog.sheet.go.click()
    qtbot.waitUntil(lambda: loaded(dialog) == [("diseases", "2021", "2")])


def test_what_was_asked_before_the_lock_is_not_shown_after_it(
    window: MainWindow, dialog: VocabularyDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, terms = threading.Event(), clinic_of(window).terms
    terms.add_synonym("symptom", "心里发慌", "sym.palpitation")
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 1)
    monkeypatch.setattr(terms, "duplicates", late(go, terms.duplicates()))  # what is asked last
    dialog._words = None
    dialog.load()
    qtbot.wait(50)
    window.entry.lock()
    go.set()
    window.session.errands.wait()
    qtbot.wait(50)
    assert dialog.terms.rowCount() == 0


def test_each_role_finds_the_buttons_of_what_it_may_do(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = people.staff(people.fill(tmp_path / "clinic.db"))
    for name, loads, forgets in (("王主任", True, False), ("李医师", False, True)):
        window = open_window(path, Credentials(user=name, passphrase=PASSPHRASE))
        dialog = vocabulary(window, qtbot)
        assert dialog.bring.isVisible() == dialog.take_out.isVisible() == loads
        dialog.tabs.setCurrentIndex(1)
        assert dialog.forget.isVisible() == forgets
        window.close()


def test_it_speaks_the_language_of_the_window(
    window: MainWindow, dialog: VocabularyDialog, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    clinic_of(window).terms.add_synonym("symptom", "心里发慌", "sym.palpitation")
    qtbot.waitUntil(lambda: dialog.terms.rowCount() == 1)
    look_at(dialog, qtbot, file(tmp_path, FIRST))
    translation.install(qapp, "zh")
    qtbot.waitUntil(lambda: dialog.terms.text_at(0, 2) == "心悸")
    assert dialog.sheet.summary.text().startswith("diseases：新增 2")
    assert "出现在多个类别" in dialog.shared.text_at(0, 0)
