"""Paper: a visit's prescription sheet in a preview, and from there to a printer or a PDF."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QDialog, QGraphicsView, QLineEdit, QMainWindow

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.visit_making import digest
from app.ui import theme
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.session import Session

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

TITLE_BAR = 32  # pixels, of a window manager
BOX = 96  # pixels: "100.0%" with its arrow


class Printing(Part):
    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window, session, notices, dialogs)
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
            self.preview_prescription(self._session.case.patient.code if self._session.case else "", visit.number)

    def preview_prescription(self, code: str, number: int) -> None:
        """Of a patient's visit; read anew, because it may have been saved a moment ago."""
        clinic = self._session.clinic
        if clinic is None:
            return

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
        if not visit.prescriptions:
            self._notices.info(self.tr("This visit has no prescription."))
            return
        marks = [digest(script) for script in visit.prescriptions]  # what was signed for other doses is history
        standing = [one for one in signed if one.visit == number and one.digest in marks]
        who = clinic.actor.name if self._session.users else ""
        self._body = prescription_sheet(case, visit, standing, who)
        self._of = (case.patient.code, number)
        printer = self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)  # the dialogue does not hold it
        printer.setDocName(f"{case.patient.code}-{number}")
        dialog = QPrintPreviewDialog(printer, self._window, Qt.WindowType.Window)
        dialog.setWindowTitle(self.tr("Prescription sheet"))
        dialog.resize(QSize(760, 900).boundedTo(self._window.screen().availableSize() - QSize(0, TITLE_BAR)))
        self._name_parts(dialog)
        dialog.paintRequested.connect(self._paint)
        dialog.accepted.connect(self._printed)
        self._dialogs.keep("prescription", dialog)

    def _name_parts(self, dialog: QDialog) -> None:
        """Qt's own preview has no names for whoever does not see it."""
        for view in dialog.findChildren(QGraphicsView):
            view.setAccessibleName(self.tr("Prescription sheet"))
        for box in dialog.findChildren(QComboBox):
            box.setAccessibleName(self.tr("Size of the preview"))
            theme.follow(box, "setMinimumWidth", BOX)  # Qt measures it without the margins of the window's fields
        for line in dialog.findChildren(QLineEdit):
            line.setAccessibleName(
                self.tr("Size of the preview") if isinstance(line.parent(), QComboBox) else self.tr("Page")
            )

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
