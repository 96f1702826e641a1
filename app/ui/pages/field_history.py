"""What was changed of one field: a finding, a herb, a place of the pulse, over the visits that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app import comparison_words as words
from app.domain.comparison import Row
from app.domain.records import Case
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.field_history import FieldEdit

Of = tuple[str, str, int]  # number and name of a patient, number of a visit


class FieldHistoryDialog(RecordsDialog):
    """visits: whose, and which; the newest edit of each stands first."""

    def __init__(
        self, session: Session, row: Row, visits: Sequence[tuple[Case, int]], tell: Tell, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, tell, parent)
        self._row = row
        self._of: list[Of] = [(case.patient.code, case.patient.name or case.patient.code, n) for case, n in visits]
        self._edits: list[tuple[Of, FieldEdit]] = []
        self._asked = False  # and answered
        self.title = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self.table = ShowTable(6, stretch=(4, 5))
        self.note = SafeLabel(tone="muted", wrap=True)
        self._lay_out(self.title, (self.table, 1), self.note, width=860, height=380)
        self.retranslate()
        self.load()

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(partial(_edits, clinic, self._row, self._of), self._show)

    def empty(self) -> None:
        self._edits, self._asked = [], False
        self.table.setRowCount(0)
        self.title.setText("")
        self.note.setText("")

    def unseal(self) -> None:
        self.retranslate()
        self.load()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("History of a field"))
        self.title.setText(self.tr("History of {field}").format(field=words.row_label(self._row)))
        self.table.setAccessibleName(self.title.text())
        self.table.name_columns(
            [
                self.tr("When"),
                self.tr("Who"),
                self.tr("Act"),
                self.tr("Visit"),
                self.tr("Before"),
                self.tr("After"),
            ]
        )
        self._fill()

    def _show(self, edits: list[tuple[Of, FieldEdit]]) -> None:
        self._edits, self._asked = edits, True
        self._fill()

    def _fill(self) -> None:
        several = len({code for code, _, _ in self._of}) > 1
        self.table.setRowCount(len(self._edits))
        for line, ((_, name, number), edit) in enumerate(self._edits):
            visit = words.t("Visit {number}", number=number)
            self.table.put(
                line,
                [
                    moment_text(edit.at),
                    edit.who,
                    edit.label,
                    f"{name} · {visit}" if several else visit,
                    words.cell_text(edit.row, edit.row.before),
                    words.cell_text(edit.row, edit.row.after),
                ],
            )
        none = self._asked and not self._edits
        self.note.setText(self.tr("Nothing was changed since it was entered or imported.") if none else "")
        self.note.setVisible(none)


def _edits(clinic: Clinic, row: Row, of: Sequence[Of]) -> list[tuple[Of, FieldEdit]]:
    from app.store.field_history import of_field

    return [(one, edit) for one in of for edit in of_field(clinic.undoing.history(one[0], one[2]), row.about)]
