"""One user: a new one, other roles, or a new passphrase. The same form shows the parts that are asked for."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.store.roles import Role
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import FormDialog
from app.ui.pages.passphrase import PassphraseFields
from app.ui.role_words import CONTEXT, MEANINGS, ROLES
from app.ui.session import Session
from app.ui.translation import translate

ADD, ROLES_OF, PASSPHRASE_OF, OWN, FILE = "add", "roles", "passphrase", "own", "file"


class UserForm(FormDialog):
    """kind: ADD, ROLES_OF or PASSPHRASE_OF another user, OWN passphrase, that of the FILE. done_well: it is stored."""

    done_well = Signal()

    def __init__(
        self, session: Session, kind: str, name: str = "", roles: frozenset[Role] = frozenset(), *, first: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """first: nobody is a user yet, so this one has to be an administrator."""
        super().__init__(parent)
        self._session, self._kind, self._first = session, kind, first
        self.note = SafeLabel(tone="muted", wrap=True)
        self.name, self.old = QLineEdit(name), QLineEdit()
        self.name.setReadOnly(kind != ADD)
        self.old.setEchoMode(QLineEdit.EchoMode.Password)
        self._words = [SafeLabel(tone="muted") for _ in range(2)]
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        for word, field in zip(self._words, (self.name, self.old), strict=True):
            word.setBuddy(field)
            field.textChanged.connect(self._tell)
            form.addRow(word, field)
        form.setRowVisible(self.name, kind != FILE)
        form.setRowVisible(self.old, kind == OWN)
        self.roles = {role: QCheckBox() for role in ROLES}
        self._meanings = {role: SafeLabel(tone="muted", size=theme.SMALL) for role in ROLES}
        held = {Role.ADMINISTRATOR} if first else roles
        asked = QWidget()
        listed = QVBoxLayout(asked)
        listed.setContentsMargins(0, 0, 0, 0)
        listed.setSpacing(2)
        for role, box in self.roles.items():
            box.setChecked(role in held)
            box.toggled.connect(self._tell)
            self._meanings[role].setContentsMargins(22, 0, 0, 4)
            listed.addWidget(box)
            listed.addWidget(self._meanings[role])
        asked.setVisible(kind in (ADD, ROLES_OF))
        self.fields = PassphraseFields()
        self.fields.changed.connect(self._tell)
        self.fields.setVisible(kind != ROLES_OF)
        self.go.clicked.connect(self.store)
        self.leave.clicked.connect(self.reject)
        self._lay_out(self.note, form, asked, self.fields)
        theme.follow(self, "setMinimumWidth", 460)
        self.retranslate()
        (self.name if kind == ADD else self.old if kind == OWN else self.fields.first).setFocus()

    def store(self) -> None:
        """In a thread: the passphrase is hashed slowly on purpose."""
        clinic = self._session.clinic
        if clinic is None or not self.go.isEnabled():
            return
        name, new = self.name.text().strip(), self.fields.passphrase()
        roles = [role for role, box in self.roles.items() if box.isChecked()]
        accounts = clinic.accounts
        work = {
            ADD: partial(accounts.add, name, roles, new),
            ROLES_OF: partial(accounts.change, name, roles=roles),
            PASSPHRASE_OF: partial(accounts.reset_passphrase, name, new),
            OWN: partial(accounts.change_passphrase, self.old.text(), new),
            FILE: partial(clinic.rekeying.change_passphrase, new),
        }[self._kind]
        self._work(True)
        self._session.errands.run(work, self._stored, self._refused)

    def seal(self) -> None:
        """What was typed stays: the clinic is locked, not the form."""

    def unseal(self) -> None:
        """Nothing was taken away."""

    def retranslate(self) -> None:
        titles = {
            ADD: self.tr("Add a user"),
            ROLES_OF: self.tr("Roles of {name}").format(name=self.name.text()),
            PASSPHRASE_OF: self.tr("New passphrase of {name}").format(name=self.name.text()),
            OWN: self.tr("My passphrase"),
            FILE: self.tr("Passphrase of {name}").format(name=self.name.text()),
        }
        self.setWindowTitle(titles[self._kind])
        self._words[0].setText(self.tr("Name"))
        self._words[1].setText(self.tr("Present passphrase"))
        if self._first:
            self.note.setText(
                self.tr(
                    "The first user is an administrator. From now on everyone who opens this clinic gives a name and a "
                    "passphrase; add the others next."
                )
            )
        self.note.setVisible(self._first)
        for role, box in self.roles.items():
            box.setText(translate(CONTEXT, ROLES[role]))
            self._meanings[role].setText(translate(CONTEXT, MEANINGS[role]))
        self.fields.align(self._words[: 1 + (self._kind == OWN)])
        self.go.setText(self.tr("Add") if self._kind == ADD else self.tr("Save"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()

    def _stored(self, _: object) -> None:
        self.accept()
        self.done_well.emit()

    def _tell(self, *_: object) -> None:
        ready = bool(self.name.text().strip())
        if self._kind in (ADD, ROLES_OF):
            ready = ready and any(box.isChecked() for box in self.roles.values())
        if self._kind != ROLES_OF:
            ready = ready and self.fields.ready
        if self._kind == OWN:
            ready = ready and bool(self.old.text())
        self.go.setEnabled(ready and not self._working)
        super()._tell()
