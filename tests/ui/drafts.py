"""A text of invented cases, the draft that is read from it, and its page, for tests."""

from __future__ import annotations

from typing import cast

from pytestqt.qtbot import QtBot

from app.domain.units import UnitConvention
from app.importing.free_text import Source, draft_of
from app.importing.free_text.reviewing import Review
from app.importing.report import ImportReport
from app.store.clinic import Clinic
from app.store.drafts import KeptDraft
from app.ui.pages.draft_dialog import DraftDialog
from app.ui.window import MainWindow
from tests.ui.seen import clinic_of

TEXT = """医案一
张某，女，45岁。
初诊：2023年3月5日。失眠三月，口苦，𠮷字怪。舌红苔黄，脉弦。处方：柴胡9g 仙草花10g。
二诊：2023年3月19日。失眠减轻，口苦已除。脉缓。
医案二
李某，男，60岁。
初诊：咳嗽。处方：半夏9g 陈皮6g。
"""
FILE = "门诊医案.txt"


def kept(clinic: Clinic, text: str = TEXT) -> KeptDraft:
    """A draft as the reading job leaves it."""
    draft = draft_of(Source(FILE, "text", text), UnitConvention.MODERN, ImportReport())
    clinic.drafts.keep(FILE, "0" * 64, Review(draft, size=1).to_dict())
    return clinic.drafts.list()[0]


def look_through(window: MainWindow, qtbot: QtBot) -> DraftDialog:
    window.chores.look_through(kept(clinic_of(window)))
    dialog = cast(DraftDialog, window.dialogs["draft"])
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0)
    return dialog


def rows(dialog: DraftDialog) -> list[tuple[str, str]]:
    table = dialog.findings
    return [(table.text_at(row, 1), table.text_at(row, 3)) for row in range(table.rowCount())]


def choose(dialog: DraftDialog, said: str) -> None:
    dialog.findings.selectRow([text for text, _ in rows(dialog)].index(said))
