"""The clinic's backups: what there is and whether it is sound, one more now, and a new clinic file out of any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from app.ui.labels import SafeLabel
from app.ui.opening import asks_for_a_key
from app.ui.pages.backup_table import BackupTable
from app.ui.pages.form_dialog import busy_bar, button_row
from app.ui.pages.passphrase_form import PassphraseForm
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.session import Session
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.store.backup import Backups
    from app.store.catalogue import Backup
    from app.store.opening import Credentials

T = TypeVar("T")
Act = Callable[["Credentials | None"], Any]


class BackupsDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._found: dict[Path, str] = {}  # what was wrong with each, or nothing, when it was last looked at whole
        self._looked = self._working = self._stale = False
        self._tried: tuple[Act, Callable[[Any], None]] | None = None  # what may ask for a passphrase
        self._restoring: Backup | None = None
        self.form: PassphraseForm | None = None
        self.note = SafeLabel(tone="muted", wrap=True)
        self.table = BackupTable()
        self.table.currentCellChanged.connect(self._enable)
        self.wrong = SafeLabel(tone="red", wrap=True)  # with the chosen one
        self.told = SafeLabel(tone="green", wrap=True)
        self.bar = busy_bar()
        self.make, self.make_own, self.verify, self.restore = (QPushButton() for _ in range(4))
        self.make.setProperty("filled", True)
        self.make.clicked.connect(self.back_up)
        self.make_own.clicked.connect(self.ask_for_own)
        self.verify.clicked.connect(self.check)
        self.restore.clicked.connect(self.ask_where)
        row = button_row(self.make, self.make_own, self.verify, self.restore)
        self._lay_out(self.note, (self.table, 1), self.wrong, self.told, self.bar, row, width=900, height=480)
        self._work(False)
        self._tell("")
        self.retranslate()
        self.load()

    @property
    def service(self) -> Backups | None:
        return None if self.session.clinic is None or self.session.locked else self.session.clinic.backups

    def load(self) -> None:
        """Every file is read at the first time alone; later ones were verified as they were made."""
        if self._working:
            self._stale = True
        elif (service := self.service) is not None:
            self._begin(partial(service.list, thorough=not self._looked), self._show)

    def empty(self) -> None:
        self.table.show_backups([])
        self._tell("")
        self._enable()

    def back_up(self) -> None:
        """With the clinic's key; a clinic on a server has none, so that a passphrase is asked for."""
        if (service := self.service) is None:
            return
        if service.automatic_is_possible:
            self._begin(service.make, self._made)
        else:
            self.ask_for_own()

    def ask_for_own(self) -> None:
        if (service := self.service) is not None:
            text = self.tr("This backup opens with this passphrase alone. Nobody can open it when that is lost.")
            self._ask(partial(_make, service), self._made, self.tr("Back up"), text, new=True)

    def check(self) -> None:
        """Open the chosen one and compare every row."""
        service, backup = self.service, self.table.chosen()
        if service is not None and backup is not None:
            self._try(partial(service.verify, backup), self._verified)

    def ask_where(self) -> None:
        service, self._restoring = self.service, self.table.chosen()
        if service is None or self._restoring is None:
            return
        name = service.folder.with_name(f"{service.folder.stem}-{self._restoring.at.astimezone():%Y-%m-%d}.db")
        dialog = QFileDialog(self, self.tr("Restore into a new file"), str(name), self.tr("Clinic file (*.db)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # nothing is written over: the service refuses it
        dialog.setDefaultSuffix("db")
        dialog.fileSelected.connect(self.restore_into)
        dialog.open()

    def restore_into(self, path: str) -> None:
        """Make a new clinic file of the backup that was chosen when the place was asked for."""
        service, backup = self.service, self._restoring
        if service is not None and backup is not None:
            self._try(partial(service.restore, backup, Path(path)), partial(self._restored, path))

    def refuse(self, error: BaseException) -> None:
        tried, self._tried = self._tried, None
        self._work(False)
        if tried is not None and asks_for_a_key(error) and not self.session.locked:
            text = self.tr("This backup has another key than the clinic. Give the passphrase that opens it.")
            user = self.session.clinic.actor.name if self.session.clinic is not None and self.session.users else ""
            self._ask(partial(_with, tried[0], user), tried[1], self.tr("Open"), text, new=False)
        else:
            super().refuse(error)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Backups"))
        self.make.setText(self.tr("Back up now"))
        self.make_own.setText(self.tr("Back up with an own passphrase…"))
        self.verify.setText(self.tr("Verify"))
        self.restore.setText(self.tr("Restore into a new file…"))
        self._note()

    def _begin(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        self._work(True)
        self.ask(work, done)

    def _try(self, act: Act, done: Callable[[Any], None]) -> None:
        """With what is at hand; where that does not open it, a passphrase is asked for."""
        self._tell("")
        self._tried = act, done
        self._begin(partial(act, None), done)

    def _ask(self, work: Callable[[str], T], done: Callable[[T], None], verb: str, text: str, *, new: bool) -> None:
        title = self.tr("Passphrase of a backup")
        self.form = PassphraseForm(self.session, work, title, text, verb, new=new, parent=self)
        self.form.done_well.connect(done)
        self.form.finished.connect(self._form_over)
        self.form.open()

    def _form_over(self, *_: object) -> None:
        self.form = None

    def _work(self, working: bool) -> None:
        self._working = working
        self.bar.setVisible(working)
        self._enable()
        if not working and self._stale:
            self._stale = False
            self.load()

    def _show(self, backups: list[Backup]) -> None:
        if not self._looked:
            self._found |= {one.path: one.problem for one in backups}
        self._looked = True
        if not self.session.locked:
            self.table.show_backups([replace(one, problem=self._found.get(one.path, one.problem)) for one in backups])
            self._note()
        self._work(False)

    def _made(self, backup: Backup) -> None:
        self._tell(self.tr("Backup made and verified: {file}").format(file=backup.path.name))
        self._again()

    def _verified(self, backup: Backup) -> None:
        self._found[backup.path] = backup.problem
        if backup.sound:
            words = self.tr("{file} is sound: it opens, and every row is as it was.")
            self._tell(words.format(file=backup.path.name))
        self._again()

    def _restored(self, path: str, counts: dict[str, int]) -> None:
        words = self.tr(
            "Restored into {file} and compared: {patients} patients, {visits} visits, {tables} tables equal."
        )
        figures = {"patients": counts["patient"], "visits": counts["visit"], "tables": len(counts)}
        self._tell(words.format(file=path, **{name: number_text(count, 0) for name, count in figures.items()}))
        self._again()

    def _again(self) -> None:
        self._tried, self._stale = None, True
        self._work(False)

    def _tell(self, text: str) -> None:
        self.told.setText("" if self.session.locked else text)
        self.told.setVisible(bool(self.told.text()))

    def _note(self) -> None:
        clinic = self.session.clinic
        if clinic is None:
            return
        parts = [] if self.table.backups or not self._looked else [self.tr("There is no backup yet.")]
        if not clinic.backups.automatic_is_possible:
            parts.append(
                self.tr(
                    "This clinic is on a server: no backup is made by itself, since each needs a passphrase of its own."
                )
            )
        else:
            parts.append(self.tr("Some time after a change, and when the clinic is closed, one is made by itself."))
            if not clinic.encrypted:
                parts.append(self.tr("The clinic file is not encrypted, and neither are its backups."))
        parts.append(self.tr("They lie in {folder}.").format(folder=clinic.backups.folder))
        self.note.setText("\n".join(parts))
        self.make_own.setVisible(clinic.encrypted)

    def _enable(self, *_: object) -> None:
        backup = self.table.chosen()
        for button in (self.make, self.make_own):
            button.setEnabled(not self._working)
        for button in (self.verify, self.restore):
            button.setEnabled(not self._working and backup is not None)
        self.wrong.setText("" if backup is None else backup.problem)
        self.wrong.setVisible(bool(self.wrong.text()))


def _make(service: Backups, passphrase: str) -> Backup:
    return service.make(passphrase=passphrase)


def _with(act: Act, user: str, passphrase: str) -> Any:
    from app.store.opening import Credentials

    return act(Credentials(passphrase=passphrase, user=user))
