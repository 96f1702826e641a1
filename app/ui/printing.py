"""Paper: a visit's prescription sheet in a preview, and from there to a printer or a PDF."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.domain.records import Case
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.session import Session

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class Printing(QObject):
    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window)
        self._window, self._session, self._notices, self._dialogs = window, session, notices, dialogs
        self._body = ""
        self._printer: QPrinter | None = None
        self._of = ("", 0)  # patient and visit of the sheet in the preview

        session.closing.connect(self._seal)

    def _seal(self) -> None:
        """The clinic is about to be locked: no sheet stays open, nor its words."""
        self._body = ""
        dialog = self._dialogs["prescription"]
        if dialog is not None:
            dialog.close()

    def preview_last_prescription(self) -> None:
        """Of the last visit with a prescription of the patient on screen."""
        case = self._session.case
        visit = None if case is None else next((v for v in reversed(case.visits) if v.prescriptions), None)
        if visit is None:
            self._notices.info(self.tr("This patient has no prescription to print yet."))
        else:
            self.preview_prescription(visit.number)

    def preview_prescription(self, number: int) -> None:
        """Of the visit of this number; read anew, because it may have been saved a moment ago."""
        case, clinic = self._session.case, self._session.clinic
        if case is None or clinic is None:
            return
        code = case.patient.code

        def read() -> tuple[Case, Any]:
            return clinic.queries.case(code), clinic.signatures.list(code)

        self._session.errands.run(read, partial(self._show, number), self._notices.tell)

    def _show(self, number: int, found: tuple[Case, Any]) -> None:
        from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog

        from app.reporting.sheet import prescription_sheet

        case, signed = found
        visit = next((one for one in case.visits if one.number == number), None)
        clinic = self._session.clinic
        if visit is None or clinic is None or self._session.locked:
            return
        who = clinic.actor.name if self._session.users else ""
        self._body = prescription_sheet(case, visit, [one for one in signed if one.visit == number], who)
        self._of = (case.patient.code, number)
        printer = self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)  # the dialogue does not hold it
        printer.setDocName(f"{case.patient.code}-{number}")
        dialog = QPrintPreviewDialog(printer, self._window, Qt.WindowType.Window)
        dialog.setWindowTitle(self.tr("Prescription sheet"))
        dialog.resize(760, 900)
        dialog.paintRequested.connect(self._paint)
        dialog.accepted.connect(self._printed)
        self._dialogs.keep("prescription", dialog)

    def _paint(self, printer: QPrinter) -> None:
        from app.reporting.pdf import sheet_document

        try:
            sheet_document(self._body).print_(printer)
        except KnownError as error:
            self._notices.tell(error)

    def _printed(self) -> None:
        """The audit log is told of paper, as of a report."""
        clinic = self._session.clinic
        if clinic is not None and not self._session.locked:
            note = partial(clinic.audit.note, "print", "prescription", {"patient": self._of[0], "visit": self._of[1]})
            self._session.errands.run(note, self._told, self._notices.tell)

    def _told(self, _: object) -> None:
        self._notices.info(self.tr("The prescription went to the printer."))
