"""How the clinic file is kept from others: encrypting it, a new recovery code or data key, opening by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QStackedWidget, QVBoxLayout, QWidget

from app.ui.labels import SafeLabel
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.form_dialog import busy_bar
from app.ui.pages.passphrase_form import PassphraseForm
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.recovery import RecoverySheet
from app.ui.pages.ways_in import Ways, WaysIn, look
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.rekeying import NewKey, Rekeying

T = TypeVar("T")


class EncryptionDialog(RecordsDialog):
    """alone: the file is about to be rewritten, so whoever in this program has it open lets go; False: that is over."""

    alone = Signal(bool)

    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self.form: PassphraseForm | None = None
        self._anew = False  # what is asked for: a new data key, not the first one
        self._lost = False  # a code was put away by the lock before it was kept
        self.first = WaysIn((self.ask_to_encrypt, self.ask_for_code, self.remember, self.forget, self.ask_for_key))
        self.after = SafeLabel(wrap=True)
        self.sheet = RecoverySheet()
        self.sheet.kept.connect(self._tell)
        last = QWidget()
        column = QVBoxLayout(last)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.after)
        column.addWidget(self.sheet, 1)
        self._steps = QStackedWidget()
        self._steps.addWidget(self.first)
        self._steps.addWidget(last)
        self.bar = busy_bar()
        self._lay_out((self._steps, 1), self.bar, width=600, height=400)
        self._work(False)
        self.retranslate()
        self.load()

    @property
    def showing_code(self) -> bool:
        return bool(self.sheet.code)

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None and not self.session.locked:
            self.read(partial(look, clinic, self.session.users), self._show)

    def empty(self) -> None:
        if not self.showing_code:
            return
        self._lost = not self.sheet.box.isChecked()
        self.sheet.forget()
        self.after.setText("")
        self._tell()

    def ask_to_encrypt(self) -> None:
        text = self.tr(
            "The whole file is written anew, which takes a moment; close it elsewhere first. Older backups and copies "
            "stay plain."
        )
        if (keys := self._keys()) is not None:
            self._anew = False
            self._ask(keys.encrypt, self.tr("Encrypt this file"), text, self.tr("Encrypt"))

    def ask_for_key(self) -> None:
        text = self.tr(
            "The whole file is written anew under another key, which takes a moment; close it elsewhere first. Older "
            "backups keep their key and the passphrase of their time."
        )
        if (keys := self._keys()) is not None:
            self._anew = True
            self._ask(keys.new_data_key, self.tr("New data key"), text, self.tr("Encrypt anew"))

    def ask_for_code(self) -> None:
        dialog = ConfirmDialog(
            self.tr("Make a new recovery code?"),
            self.tr("The code that was printed before opens the file no more."),
            self.tr("Make a new one"),
            self,
        )
        dialog.accepted.connect(self.make_code)
        dialog.open()

    def make_code(self) -> None:
        if (keys := self._keys()) is not None:
            self._begin(keys.new_recovery_code, self._made)

    def remember(self) -> None:
        """Let this computer open the file by itself from now on."""
        if (keys := self._keys()) is not None:
            self._begin(keys.remember, self._changed)

    def forget(self) -> None:
        """No computer opens the file by itself from now on."""
        if (keys := self._keys()) is not None:
            self._begin(keys.forget, self._changed)

    def refuse(self, error: BaseException) -> None:
        self._work(False)
        super().refuse(error)

    def reject(self) -> None:
        """Not before the code was kept: it is shown only once."""
        if not self.showing_code or self.sheet.box.isChecked():
            super().reject()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Encryption"))
        self._tell()

    def _keys(self) -> Rekeying | None:
        return None if self.session.clinic is None else self.session.clinic.rekeying

    def _ask(self, act: Callable[[str], NewKey], title: str, text: str, verb: str) -> None:
        """Where there are users it is the acting one's own passphrase, else one that is new."""
        users = self.session.users
        if users:
            own = self.tr("Give your own passphrase: from now on it opens the file.")
            text = f"{text}\n{own}"
        self.form = PassphraseForm(self.session, act, title, text, verb, new=not users, parent=self)
        self.form.at_work.connect(self.alone)
        self.form.done_well.connect(self._rewritten)
        self.form.finished.connect(self._form_over)
        self.form.open()

    def _form_over(self, *_: object) -> None:
        self.form = None

    def _begin(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        self._work(True)
        self.ask(work, done)  # answered under a lock, too: then it is said afterwards what became of it

    def _work(self, working: bool) -> None:
        self.bar.setVisible(working)
        self.first.setEnabled(not working)

    def _made(self, code: str) -> None:
        self._work(False)
        self._show_code(code, self.tr("The code that was printed before opens the file no more."))

    def _rewritten(self, new: NewKey) -> None:
        if self._anew:
            told = self.tr("Encrypted anew. Older backups keep their key and the passphrase of their time.")
        else:
            told = self.tr(
                "Encrypted. The disk may still hold old pages of the plain file, and older backups and copies are "
                "plain: take them away, and encrypt the disk as well."
            )
        if new.users:
            names = self.tr("These users need a new passphrase from an administrator: {names}")
            told += "\n" + names.format(names=", ".join(new.users))
        self._show_code(new.recovery, told)
        if not self.session.locked:
            self.session.look_again()
            self.session.reload()

    def _show_code(self, code: str, told: str) -> None:
        clinic = self.session.clinic
        self._lost = clinic is None or self.session.locked
        if clinic is not None and not self._lost:
            self.after.setText(told)
            self.sheet.box.setChecked(False)
            self.sheet.done_note.setText("")
            self.sheet.show_code(code, clinic.name)
        self._tell()

    def _changed(self, _: object) -> None:
        self._work(False)
        self.load()

    def _show(self, ways: Ways) -> None:
        self.first.show_ways(ways, lost=self._lost)

    def _tell(self, *_: object) -> None:
        self._steps.setCurrentIndex(1 if self.showing_code else 0)
        close = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setEnabled(not self.showing_code or self.sheet.box.isChecked())
