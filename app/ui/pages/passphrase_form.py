"""Asks for a passphrase and does with it what it is needed for, in a thread; what is refused is told in the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import FormDialog
from app.ui.pages.passphrase import PassphraseFields
from app.ui.session import Session


class PassphraseForm(FormDialog):
    """done_well carries what came of it; at_work: it has begun, or is over. It stays open while it works."""

    done_well = Signal(object)
    at_work = Signal(bool)

    def __init__(
        self, session: Session, work: Callable[[str], Any], title: str, text: str, verb: str, *, new: bool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """new: one that is typed twice; else one there is already. title, text, verb: in the user's language."""
        super().__init__(parent)
        self._session, self._do, self._new = session, work, new
        self.setWindowTitle(title)
        self.go.setText(verb)
        self.fields = PassphraseFields()
        self.fields.changed.connect(self._tell)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.textChanged.connect(self._tell)
        self._word = SafeLabel(tone="muted")
        self._word.setBuddy(self.field)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.addRow(self._word, self.field)
        form.setRowVisible(self.field, not new)
        self.fields.setVisible(new)
        self.go.clicked.connect(self.begin)
        self.leave.clicked.connect(self.reject)
        self._lay_out(SafeLabel(text, tone="muted", wrap=True), form, self.fields)
        theme.follow(self, "setMinimumWidth", 460)
        self.resize(460, 360 if new else 250)  # with room for what may go wrong: nothing jumps
        self.retranslate()
        (self.fields.first if new else self.field).setFocus()

    def begin(self) -> None:
        if not self.go.isEnabled():
            return
        given = self.fields.passphrase() if self._new else self.field.text()
        self._work(True)
        self.at_work.emit(True)
        self._session.errands.run(partial(self._do, given), self._done, self._refused)

    def reject(self) -> None:
        if not self._working:
            super().reject()

    def seal(self) -> None:
        """The clinic is being locked: no passphrase stays in a field."""
        self._empty()
        self.trouble.setText("")
        self._tell()

    def unseal(self) -> None:
        """Nothing is brought back: it is typed again."""

    def retranslate(self) -> None:
        self._word.setText(self.tr("Passphrase"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()

    def _done(self, result: object) -> None:
        self._work(False)
        self._empty()
        self.at_work.emit(False)
        self.accept()
        self.done_well.emit(result)

    def _refused(self, error: BaseException) -> None:
        self._work(False)
        self.at_work.emit(False)
        super()._refused(error)
        if self._session.locked:  # then that is why
            self.trouble.setText("")
        self.field.selectAll()

    def _empty(self) -> None:
        self.fields.clear()
        self.field.clear()

    def _tell(self, *_: object) -> None:
        ready = self.fields.ready if self._new else bool(self.field.text())
        self.go.setEnabled(ready and not self._working)
        self.leave.setEnabled(not self._working)
        for widget in (self.fields, self.field):
            widget.setEnabled(not self._working)
        super()._tell()
