"""Which commands can be given now: by what is open, what is on screen, and what the person may do."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.ui.action_table import ActionTable
from app.ui.pages.header import CaseHeader
from app.ui.records import Records
from app.ui.session import Session

# the header's buttons, and the commands behind them
_HEADER = {
    "compare": "page_compare",
    "other": "page_compare",
    "figure": "save_picture",
    "import": "import_file",
    "train": "train",
    "report": "report",
    "visit": "new_visit",
}
_ZOOM = ("zoom_in", "zoom_out", "zoom_fit")


class Allowance(QObject):
    def __init__(self, session: Session, table: ActionTable, header: CaseHeader, records: Records) -> None:
        super().__init__(table)
        self._session, self._table, self._header, self._records = session, table, header, records
        self._at_work = False

    def tell(self, *, at_work: bool, has_patients: bool, zooms: bool) -> None:
        """at_work: the clinic is on screen; has_patients: some that may be seen; zooms: the page has a time axis."""
        session, table = self._session, self._table
        self._at_work = at_work = at_work and session.clinic is not None and not session.locked
        table.allow(session.may, clinic=at_work, patient=at_work and session.case is not None)
        table["train"].setEnabled(table["train"].isEnabled() and has_patients)
        table["passphrase"].setEnabled(at_work and session.guarded)
        for name in _ZOOM:
            table[name].setEnabled(at_work and zooms)
        for step, name in _HEADER.items():
            self._header.buttons[step].setEnabled(table[name].isEnabled())
            self._header.buttons[step].setVisible(table[name].isVisible())
        self._header.offer()
        self.name_undo()

    def name_undo(self) -> None:
        """Undo and redo say what they would do."""
        words = {"undo": self.tr("Undo: {what}"), "redo": self.tr("Redo: {what}")}
        for (name, text), what in zip(words.items(), self._records.names(), strict=True):
            self._table[name].setEnabled(what is not None and self._at_work)
            if what is None:
                self._table.name_again(name)
            else:
                self._table[name].setText(text.format(what=what))
