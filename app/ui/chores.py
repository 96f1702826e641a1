"""Commands that ask for a file or open a dialogue, and the workers behind them. Nothing here waits."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QDir, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QFileDialog, QMainWindow

from app import paths
from app.domain.errors import KnownError
from app.files import replacing
from app.i18n import of_system
from app.jobs.events import Failed, Progress
from app.ui.dialog_shelf import DialogShelf
from app.ui.jobs_bridge import JobBridge, Starter
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.report_writer import ReportWriter
from app.ui.session import Session
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.ui.pages.loss_plot import LossPlot

DEMO = "app.jobs.demo:prepare"


class Chores(Part):
    """clinic_wanted carries the path of the demo clinic when it is ready."""

    clinic_wanted = Signal(str)
    review_wanted = Signal()  # of the terms an import could not code

    def __init__(
        self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf, start: Starter
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._start = start
        self._demo: JobBridge | None = None
        self._stopping = False
        self.folder = ""  # where the last file was chosen
        notices.stop_wanted.connect(self.stop_demo)
        self._losses: LossPlot | None = None  # of every training dialogue: dear to make, never all freed
        self._picture: QPixmap | None = None
        self._writer = ReportWriter(self)
        self._writer.started.connect(self._report_started)
        self._writer.written.connect(self._report_written)
        self._writer.failed.connect(self._report_failed)

    def end(self) -> None:
        """The window closes: end every worker."""
        self.seal()
        self._losses = None  # its menus belong to nobody else
        if self._demo is not None:
            self._demo.close()
            self._demo = None

    def seal(self) -> None:
        """The clinic is about to be locked: end what has access to it outside a dialogue, and forget the picture."""
        self._writer.end()
        self._picture = None

    def dialog(self, name: str) -> QDialog | None:
        """The open dialogue: "train", "import", "file" or "about"; None where it is not open."""
        return self._dialogs[name]

    # -- the demo clinic

    def make_demo(self) -> None:
        """Simulate, import and train in a worker; the demo clinic opens when it is ready."""
        if self._demo is not None:
            return
        folder = paths.data_folder() / "demo"
        self._notices.working(self.tr("Making the demo clinic…"))
        self._demo = JobBridge(self._start(DEMO, {"folder": str(folder)}), self)
        self._demo.progress.connect(self._demo_progress)
        self._demo.finished.connect(self._demo_ready)
        self._demo.failed.connect(self._job_failed)
        self._demo.cancelled.connect(self._demo_stopped)
        self._demo.over.connect(self._demo_over)

    def _demo_progress(self, event: Progress) -> None:
        text = self.tr("Making the demo clinic: {what}").format(what=event.text)
        if self._stopping:
            text = self.tr("Stopping…")
        self._notices.working(text, event.done, event.total)
        self._notices.stop.setEnabled(not self._stopping)

    def _demo_ready(self, result: dict[str, Any]) -> None:
        self.clinic_wanted.emit(result["db"])
        self._notices.info(self.tr("This is the demo clinic: its patients are simulated."))

    def stop_demo(self) -> None:
        if self._demo is not None:
            self._stopping = True
            self._notices.working(self.tr("Stopping…"))
            self._notices.stop.setEnabled(False)
            self._demo.cancel()

    def _demo_stopped(self, _: dict[str, Any]) -> None:
        self._notices.info(self.tr("Stopped. Making the demo clinic again goes on from where it was."))

    def _demo_over(self) -> None:
        self._stopping = False
        self._notices.stop.setEnabled(True)
        if self._demo is not None:
            self._demo.deleteLater()
            self._demo = None

    # -- import

    def ask_for_import(self) -> None:
        kinds = self.tr("Case files (*.csv *.tsv *.txt *.xlsx *.xls *.ods *.json *.jsonl);;All files (*)")
        chosen = self._file_dialog(self.tr("Import case file"), kinds)
        chosen.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chosen.filesSelected.connect(self.import_files)
        chosen.open()

    def import_files(self, files: list[str]) -> None:
        """Show what the files hold, then import them into the open clinic."""
        from app.ui.pages.import_dialog import ImportDialog

        if self._session.clinic is None or not files or "import" in self._dialogs:
            return
        dialog = ImportDialog(self._session.order, list(files), self._start, self._window)
        dialog.imported.connect(self._imported)
        dialog.failed.connect(self._job_failed)
        dialog.review_wanted.connect(self.review_wanted)
        dialog.draft_wanted.connect(self.read_document)
        self._dialogs.keep("import", dialog)

    def _imported(self, report: dict[str, Any]) -> None:
        self._session.reload()
        self._cases_imported(report["patients"], report["visits"])

    def _cases_imported(self, patients: int, visits: int) -> None:
        text = self.tr("{patients} patients and {visits} visits imported.")
        self._notices.info(text.format(patients=number_text(patients, 0), visits=number_text(visits, 0)))

    # -- free text

    def show_drafts(self) -> None:
        from app.ui.pages.drafts import DraftsDialog

        if self._session.clinic is not None and not self._dialogs.front("drafts"):
            dialog = DraftsDialog(self._session, self._start, self._notices.tell, self._window)
            dialog.file_wanted.connect(self.ask_for_document)
            dialog.chosen.connect(self.look_through)
            dialog.failed.connect(self._job_failed)
            self._dialogs.keep("drafts", dialog)

    def ask_for_document(self) -> None:
        chosen = self._file_dialog(self.tr("Read a document"), self.tr("Documents (*.docx *.txt *.md)"))
        chosen.setFileMode(QFileDialog.FileMode.ExistingFile)
        chosen.fileSelected.connect(self.read_document)
        chosen.open()

    def read_document(self, path: str, encoding: str = "", convention: str = "") -> None:
        """Split and code it, to be looked through before it is imported."""
        from app.ui.pages.drafts import DraftsDialog

        self.show_drafts()
        dialog = self._dialogs["drafts"]
        if isinstance(dialog, DraftsDialog):
            dialog.read_file(path, encoding, convention)

    def look_through(self, draft: Any) -> None:
        from app.ui.pages.draft_dialog import DraftDialog

        clinic, there = self._session.clinic, self._dialogs["draft"]
        if clinic is None:
            return
        if isinstance(there, DraftDialog) and there.is_of(clinic, draft):
            self._dialogs.front("draft")
            return
        dialog = DraftDialog(self._session, clinic, draft, self._notices.tell, self._window)
        dialog.imported.connect(self._cases_imported)
        self._dialogs.keep("draft", dialog)

    # -- export

    def show_export(self) -> None:
        from app.ui.pages.export_dialog import ExportDialog

        if self._session.clinic is not None and not self._dialogs.front("export"):
            dialog = ExportDialog(self._session, self._start, self._window)
            dialog.written.connect(self._exported)
            dialog.failed.connect(self._job_failed)
            self._dialogs.keep("export", dialog)

    def _exported(self, path: str) -> None:
        self._notices.info(self.tr("Written: {path}").format(path=path))

    # -- training

    def show_training(self) -> None:
        from app.ui.pages.loss_plot import LossPlot
        from app.ui.pages.train_dialog import TrainDialog

        if self._session.clinic is not None and not self._dialogs.front("train"):
            cases = self._session.counts().get("patients", 0)
            if self._losses is None or not shiboken6.isValid(self._losses):
                self._losses = LossPlot(self._window)
                self._losses.hide()
            dialog = TrainDialog(self._session.order, self._start, self._window, cases=cases, plot=self._losses)
            dialog.trained.connect(self._trained)
            dialog.failed.connect(self._job_failed)
            self._dialogs.keep("train", dialog)

    def _trained(self, name: str) -> None:
        self._session.reload()
        self._session.use_model(name)  # looked through by who trained it, whether or not it is what others use
        self._notices.info(self.tr("Model {name} is ready.").format(name=name))

    # -- report and pictures

    def ask_for_report(self) -> None:
        case = self._session.case
        if case is None:
            return
        kinds = self.tr("PDF (*.pdf);;HTML (*.html)")
        chosen = self._file_dialog(self.tr("Save report"), kinds, save=True)
        chosen.setDefaultSuffix("pdf")
        chosen.selectFile(f"{file_name(case.patient.name or case.patient.code)}.pdf")
        chosen.fileSelected.connect(self.write_report)
        chosen.open()

    def write_report(self, path: str) -> None:
        case = self._session.case
        if case is not None:
            self._writer.write(self._session.order(), case.patient.code, Path(path), self._session.model)

    def _report_started(self, path: str) -> None:
        self._notices.info(self.tr("Writing the report…"))

    def _report_written(self, path: str) -> None:
        self._notices.info(self.tr("Report written: {path}").format(path=path))

    def _report_failed(self, reason: str) -> None:
        self._notices.error(reason)

    def ask_for_picture(self, picture: QPixmap) -> None:
        self._picture = picture
        chosen = self._file_dialog(self.tr("Save picture"), self.tr("PNG picture (*.png)"), save=True)
        chosen.setDefaultSuffix("png")
        chosen.fileSelected.connect(self.write_picture)
        chosen.open()

    def write_picture(self, path: str) -> None:
        if self._picture is None:
            return
        try:
            with replacing(Path(path)) as aside:
                if not self._picture.save(str(aside), "PNG"):  # Qt tells no more; the file before stays
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
        except OSError as error:
            reason = of_system(error.strerror or str(error))
            self._notices.tell(
                KnownError("Cannot write {path}: {reason}. Choose another folder.", path=path, reason=reason)
            )
        except KnownError as error:
            self._notices.tell(error)
        else:
            self._notices.info(self.tr("Picture written: {path}").format(path=path))
        self._picture = None

    # -- help

    def show_about(self) -> None:
        from app.ui.dialogs import AboutDialog

        if not self._dialogs.front("about"):
            self._dialogs.keep("about", AboutDialog(self._window))

    # -- common

    def _file_dialog(self, title: str, kinds: str, *, save: bool = False) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self.folder or QDir.homePath())
        dialog.setNameFilters(kinds.split(";;"))
        dialog.accepted.connect(self._remember_folder)
        if save:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._dialogs.keep("file", dialog, show=False)
        return dialog

    def _remember_folder(self) -> None:
        sender = self.sender()
        if isinstance(sender, QFileDialog):
            self.folder = sender.directory().absolutePath()

    def _job_failed(self, event: Failed) -> None:
        self._notices.error(event.message or self.tr("The worker ended without a word."), event.detail)


def file_name(text: str) -> str:
    """Text that may be part of a file name on every platform."""
    kept = "".join(c for c in text if c.isalnum() or c in " -_()（）").strip()
    return kept or "report"
