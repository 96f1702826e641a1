"""Free-text cases from the window: read, looked through beside the original, corrected, imported."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.jobs.events import Failed, Finished
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.draft_dialog import DraftDialog
from app.ui.pages.drafts import DraftsDialog
from app.ui.pages.import_dialog import ImportDialog
from app.ui.pages.term_dialog import TermDialog
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.drafts import FILE, TEXT, choose, kept, rows
from tests.ui.seen import clinic_of, listed


def mark(dialog: DraftDialog, said: str) -> None:
    at = TEXT.index(said)
    dialog.text.setTextCursor(dialog.text._between(at, at + len(said)))


def test_a_document_is_read_by_a_worker_and_looked_through_at_once(
    window: MainWindow, workshop: people.Workshop, tmp_path: Path, qtbot: QtBot
) -> None:
    window.chores.ask_for_document()
    file = window.dialogs["file"]
    assert isinstance(file, QFileDialog)
    file.close()
    window.chores.read_document(str(tmp_path / FILE))
    dialog = cast(DraftsDialog, window.dialogs["drafts"])
    assert dialog.bar.isVisible() and dialog.stop.isVisible() and not dialog.choose.isEnabled()
    assert workshop.job.kwargs["file"] == str(tmp_path / FILE)
    draft = kept(clinic_of(window))
    workshop.job.say(Finished({"id": draft.id, "cases": 2, "visits": 3}))
    qtbot.waitUntil(lambda: "draft" in window.dialogs)
    assert dialog.table.text_at(0, 0) == FILE
    assert not dialog.bar.isVisible()


def test_a_document_that_cannot_be_read_is_told_of_in_place(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    window.chores.read_document("old.doc")
    dialog = cast(DraftsDialog, window.dialogs["drafts"])
    workshop.job.say(Failed("File old.doc is an old Word document.", is_known=True))
    qtbot.waitUntil(lambda: "old Word document" in dialog.trouble.text())
    assert dialog.choose.isEnabled() and not dialog.bar.isVisible()


def test_the_import_dialogue_offers_to_look_through_free_text_first(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    window.chores.import_files([FILE])
    dialog = cast(ImportDialog, window.dialogs["import"])
    assert not dialog.look.isVisible()
    shown = {"format": "text", "kind": "text", "encoding": "", "guessed": False, "headers": [], "rows": []}
    shown |= {"sheet": "", "sheets": [], "mapping": {"kind": "cases"}, "notes": [], "cases": [], "detected": []}
    workshop.job.say(Finished(shown))
    qtbot.waitUntil(dialog.look.isVisible)
    dialog.look.click()
    assert "import" not in window.dialogs
    assert workshop.job.kwargs["file"] == FILE and "drafts" in window.dialogs


def test_what_was_found_stands_beside_the_original_case_by_case(looking: DraftDialog) -> None:
    assert [looking.cases.text_at(row, 1) for row in range(2)] == ["张某", "李某"]
    assert looking.facts.fields["age"].text() == "45"
    assert looking.text.toPlainText().startswith("医案一")
    assert ("失眠", "Insomnia") in rows(looking)
    assert ("仙草花", "as written 10g") in rows(looking)
    assert ("口苦", "not: Bitter taste") in rows(looking)
    looking.cases.selectRow(1)
    assert looking.text.toPlainText().startswith("医案二")
    assert ("咳嗽", "Cough") in rows(looking)


def test_a_click_into_the_words_chooses_what_was_found_there(looking: DraftDialog) -> None:
    for said in ("口苦", "仙草花"):  # the second behind a character that Qt counts twice
        at = TEXT.index(said) + 1
        looking.text.setTextCursor(looking.text._between(at, at))
        found = looking.chosen()
        assert found is not None and found.text == said
    assert looking.text.place() == TEXT.index("仙草花") + 1


def test_what_is_not_meant_goes_and_comes_back(looking: DraftDialog) -> None:
    before = rows(looking)
    assert before[0] == ("失眠", "Insomnia")
    choose(looking, "失眠")
    looking.drop.click()
    assert rows(looking) == before[1:]
    looking.back.click()
    assert rows(looking) == before
    assert not looking.back.isEnabled()


def test_a_word_is_given_another_meaning(looking: DraftDialog, qtbot: QtBot) -> None:
    choose(looking, "仙草花")
    looking.means.click()
    dialog = looking.findChildren(TermDialog)[-1]
    dialog.search.setText("金银花")
    qtbot.waitUntil(lambda: dialog.meanings.text_at(0, 1).startswith("金银花"))
    dialog.go.click()
    assert ("仙草花", "honeysuckle flower 10g") in rows(looking)


def test_enter_right_after_typing_takes_nothing_that_was_found_for_other_words(
    looking: DraftDialog, qtbot: QtBot
) -> None:
    choose(looking, "失眠")
    looking.means.click()
    dialog = looking.findChildren(TermDialog)[-1]
    qtbot.waitUntil(dialog.go.isEnabled)
    dialog.search.setText("口苦")
    assert not dialog.go.isEnabled()
    dialog.take()
    assert looking._review is not None and looking._review.corrections == ()


def test_to_deny_a_finding_leaves_its_meaning(looking: DraftDialog, qtbot: QtBot) -> None:
    choose(looking, "失眠")
    found = looking.chosen()
    assert found is not None
    looking.means.click()
    dialog = looking.findChildren(TermDialog)[-1]
    qtbot.waitUntil(dialog.go.isEnabled)
    dialog.denied.setChecked(True)
    dialog.go.click()
    again = looking.chosen()
    assert again is not None and (again.code, again.negated) == (found.code, True)


def test_marked_words_are_added(looking: DraftDialog, qtbot: QtBot) -> None:
    assert not looking.add.isEnabled()
    mark(looking, "字怪")
    looking.add.click()
    dialog = looking.findChildren(TermDialog)[-1]
    dialog.search.setText("心烦")
    qtbot.waitUntil(lambda: dialog.meanings.text_at(0, 0) == "Vexation")
    dialog.denied.setChecked(True)
    dialog.go.click()
    assert ("字怪", "not: Vexation") in rows(looking)


def test_visits_are_joined_and_parted(looking: DraftDialog) -> None:
    at = TEXT.index("二诊")
    looking.text.setTextCursor(looking.text._between(at, at))
    looking.join.click()
    assert looking.cases.text_at(0, 2) == "1"
    looking.text.setTextCursor(looking.text._between(at, at))
    looking.cut.click()
    assert looking.cases.text_at(0, 2) == "2"
    looking.cut.click()  # where one begins already
    assert "fits nothing" in looking.trouble.text()


def test_a_case_is_parted_and_joined_and_nothing_is_cut_at_its_edges(looking: DraftDialog) -> None:
    at = TEXT.index("二诊")
    looking.text.setTextCursor(looking.text._between(at, at))
    looking.part.click()
    assert looking.cases.rowCount() == 3
    looking.cases.selectRow(1)
    looking.merge.click()
    assert looking.cases.rowCount() == 2
    for edge in (0, TEXT.index("医案二")):  # the end of a case is where the next begins
        looking.text.setTextCursor(looking.text._between(edge, edge))
        looking._enable()
        assert not looking.cut.isEnabled() and not looking.part.isEnabled()


def test_facts_are_set_right_and_nonsense_is_refused(looking: DraftDialog) -> None:
    looking.facts.fields["name"].setText("张小明")
    looking.facts.fields["name"].editingFinished.emit()
    assert looking.cases.text_at(0, 1) == "张小明"
    looking.facts.fields["age"].setText("四百")
    looking.facts.fields["age"].editingFinished.emit()
    assert looking.trouble.isVisible()
    assert looking.facts.fields["age"].text() == "45"


def test_the_cases_are_imported_as_corrected_and_the_draft_says_so(
    looking: DraftDialog, window: MainWindow, qtbot: QtBot
) -> None:
    looking.facts.fields["code"].setText("M1")
    looking.facts.fields["code"].editingFinished.emit()
    choose(looking, "口苦")
    looking.drop.click()
    looking.go.click()
    qtbot.waitUntil(lambda: "2 patients and 3 visits imported" in window.notices._text.text())
    assert "draft" not in window.dialogs
    clinic = clinic_of(window)
    assert len(clinic.drafts.list()) == 1  # it stays, since the import may be taken back
    assert list(clinic.imports.batches()[0].files) == [FILE]
    case = clinic.queries.case("M1")
    assert "sym.bitter_mouth" not in {o.concept for o in case.visits[0].observations}
    assert [unknown.term for unknown in clinic.review.items()] == ["仙草花"]
    qtbot.waitUntil(lambda: "M1" in listed(window))
    window.chores.show_drafts()
    dialog = cast(DraftsDialog, window.dialogs["drafts"])
    qtbot.waitUntil(lambda: dialog.table.text_at(0, 3) == "imported")
    clinic.undoing.undo()
    dialog.load()
    qtbot.waitUntil(lambda: dialog.table.text_at(0, 3) == "")


def test_a_draft_nobody_wants_is_discarded_after_a_question(window: MainWindow, qtbot: QtBot) -> None:
    kept(clinic_of(window))
    window.chores.show_drafts()
    dialog = cast(DraftsDialog, window.dialogs["drafts"])
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.drop.click()
    dialog.findChildren(ConfirmDialog)[-1].go.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert clinic_of(window).drafts.list() == []


def test_a_draft_of_hundreds_of_cases_is_corrected_without_a_pause(window: MainWindow, qtbot: QtBot) -> None:
    """Each column is fitted once after all rows, not at every cell."""
    text = "".join(f"案{n} 张{n}某，女，45岁\n初诊：失眠，口苦。脉弦。\n" for n in range(1, 401))
    window.chores.look_through(kept(clinic_of(window), text))
    dialog = cast(DraftDialog, window.dialogs["draft"])
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0, timeout=20_000)
    begun = time.monotonic()
    dialog.drop.click()
    assert time.monotonic() - begun < 3.0  # 0.1 s; it was 12 s when Qt measured the columns at every cell


def test_words_with_a_space_that_does_not_break_keep_the_cursor(window: MainWindow, qtbot: QtBot) -> None:
    text = TEXT.replace("失眠三月", "失眠\u00a0三月")
    window.chores.look_through(kept(clinic_of(window), text))
    dialog = cast(DraftDialog, window.dialogs["draft"])
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0)
    at = text.index("二诊")
    dialog.text.setTextCursor(dialog.text._between(at, at))
    dialog.drop.click()
    assert dialog.text.place() == at
