"""Users of the clinic, for administrators: who there is, with what roles, active or suspended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.pages.user_form import ADD, PASSPHRASE_OF, ROLES_OF, UserForm
from app.ui.role_words import roles_text
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.accounts import Account


class UsersDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._accounts: list[Account] = []
        self.form: UserForm | None = None
        self.table = ShowTable(4, stretch=(0, 1))
        self.table.currentCellChanged.connect(self._enable)
        self.note = SafeLabel(tone="muted", wrap=True)
        self.add, self.roles, self.passphrase, self.work = (QPushButton() for _ in range(4))
        self.add.setProperty("filled", True)
        self.add.clicked.connect(self.ask_for_new)
        self.roles.clicked.connect(self.ask_for_roles)
        self.passphrase.clicked.connect(self.ask_for_passphrase)
        self.work.clicked.connect(self.turn)
        row = button_row(self.add, self.roles, self.passphrase, self.work)
        self._lay_out(self.note, (self.table, 1), row, width=760, height=420)
        self.retranslate()
        self.load()

    def chosen(self) -> Account | None:
        row = self.table.currentRow()
        return self._accounts[row] if 0 <= row < len(self._accounts) else None

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(clinic.accounts.list, self._show)

    def empty(self) -> None:
        self._accounts = []
        self.table.setRowCount(0)

    def ask_for_new(self) -> None:
        self._open(UserForm(self.session, ADD, first=not self._accounts, parent=self))

    def ask_for_roles(self) -> None:
        if (account := self.chosen()) is not None:
            self._open(UserForm(self.session, ROLES_OF, account.name, account.roles, parent=self))

    def ask_for_passphrase(self) -> None:
        if (account := self.chosen()) is not None:
            self._open(UserForm(self.session, PASSPHRASE_OF, account.name, parent=self))

    def turn(self) -> None:
        """Suspend the chosen user, or let them in again."""
        clinic, account = self.session.clinic, self.chosen()
        if clinic is not None and account is not None:
            self.ask(partial(clinic.accounts.change, account.name, active=not account.active), self._changed)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Users"))
        self.add.setText(self.tr("Add…"))
        self.roles.setText(self.tr("Roles…"))
        self.passphrase.setText(self.tr("New passphrase…"))
        self.table.setAccessibleName(self.tr("Users"))
        self.table.name_columns([self.tr("Name"), self.tr("Roles"), self.tr("Since"), self.tr("State")])
        self.note.setText(
            self.tr(
                "This clinic has no users: whoever opens it may do everything. With users, everyone has a name, a "
                "passphrase and roles, and the audit log names them."
            )
        )
        self._show(self._accounts)

    def _show(self, accounts: list[Account]) -> None:
        row = self.table.currentRow()
        self._accounts = accounts
        self.note.setVisible(not accounts)
        self.table.setRowCount(len(accounts))
        for line, account in enumerate(accounts):
            state = self.tr("active") if account.active else self.tr("suspended")
            texts = [account.name, roles_text(account.roles), moment_text(account.created), state]
            self.table.put(line, texts, tone="text" if account.active else "muted")
        if accounts:
            self.table.selectRow(min(max(row, 0), len(accounts) - 1))
        self._enable()

    def _enable(self, *_: object) -> None:
        account = self.chosen()
        for button in (self.roles, self.passphrase, self.work):
            button.setEnabled(account is not None)
        out = account is None or account.active
        self.work.setText(self.tr("Suspend") if out else self.tr("Reinstate"))

    def _open(self, form: UserForm) -> None:
        self.form = form
        form.done_well.connect(self._changed)
        form.finished.connect(self._form_over)
        form.open()

    def _form_over(self, *_: object) -> None:
        self.form = None

    def _changed(self, *_: object) -> None:
        self.session.look_again()
        self.session.reload()
