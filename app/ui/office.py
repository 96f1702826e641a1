"""Commands about who gets in and what is kept: users, passphrase, keys, audit log, backups."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.ui.part import Part


class Office(Part):
    """alone: the clinic file is about to be written anew, so who else has it open lets go; False: that is over."""

    alone = Signal(bool)

    def show_users(self) -> None:
        from app.ui.pages.users import UsersDialog

        self._show_once("users", UsersDialog)

    def show_audit(self) -> None:
        from app.ui.pages.audit_log import AuditDialog

        self._show_once("audit", AuditDialog)

    def show_passphrase(self) -> None:
        from app.ui.pages.user_form import FILE, OWN, UserForm

        clinic = self._session.clinic
        if clinic is not None and self._session.guarded and not self._dialogs.front("passphrase"):
            kind, name = (OWN, clinic.actor.name) if self._session.users else (FILE, clinic.name)
            form = UserForm(self._session, kind, name, parent=self._window)
            form.done_well.connect(self._changed)
            self._dialogs.keep("passphrase", form)

    def show_keys(self) -> None:
        from app.ui.pages.encryption import EncryptionDialog

        if self._session.clinic is not None and not self._dialogs.front("keys"):
            dialog = EncryptionDialog(self._session, self._notices.tell, self._window)
            dialog.alone.connect(self.alone)
            self._dialogs.keep("keys", dialog)

    def show_backups(self) -> None:
        from app.ui.pages.backups import BackupsDialog

        self._show_once("backups", BackupsDialog)

    def _changed(self) -> None:
        self._notices.info(self.tr("The new passphrase counts from now on."))
