"""The gate: the only thing on screen while a clinic is locked, or asks who is there before it opens."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.labels import SafeLabel
from app.ui.opening import Given, Wanted
from app.ui.pages.form_dialog import busy_bar, button_row
from app.ui.translation import Speaking

WIDTH = 400


class GatePage(Speaking, QWidget):
    """given carries a Given; left: the person would rather not."""

    given = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = Wanted("")
        self._locked = self._by_code = False
        self.working = False  # something was given and is being tried
        self._build()
        self.bar.hide()
        theme.notifier.changed.connect(self._dress)
        self._dress()
        self.retranslate()

    def _build(self) -> None:
        self._picture = SafeLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.title = SafeLabel(size=theme.TITLE, bold=True, wrap=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint = SafeLabel(tone="muted", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.user, self.passphrase, self.code = QLineEdit(), QLineEdit(), QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._words = [SafeLabel(tone="muted") for _ in range(3)]
        self._form = QFormLayout()
        self._form.setVerticalSpacing(theme.GAP)
        self._form.setHorizontalSpacing(12)
        for word, field in zip(self._words, (self.user, self.passphrase, self.code), strict=True):
            word.setBuddy(field)
            field.returnPressed.connect(self.unlock)
            field.textChanged.connect(self._tell)
            self._form.addRow(word, field)
        self.remember = QCheckBox()
        self.trouble = SafeLabel(tone="red", wrap=True)
        self.bar = busy_bar()
        self.go, self.other, self.leave = QPushButton(), QPushButton(), QPushButton()
        self.go.setProperty("filled", True)
        self.other.setProperty("flat", True)
        self.go.clicked.connect(self.unlock)
        self.other.clicked.connect(self._change_way)
        self.leave.clicked.connect(self.left)
        card = QFrame()
        card.setObjectName("card")
        theme.follow(card, "setFixedWidth", WIDTH)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(24, 24, 24, 20)
        inside.setSpacing(12)
        for widget in (self._picture, self.title, self.hint):
            inside.addWidget(widget)
        inside.addLayout(self._form)
        for widget in (self.remember, self.trouble, self.bar):
            inside.addWidget(widget)
        inside.addLayout(button_row(self.leave, self.go, right=True))
        inside.addWidget(self.other, 0, Qt.AlignmentFlag.AlignRight)
        for button in (self.go, self.other, self.leave):
            button.setAutoDefault(True)  # without a passphrase the keyboard stands on one: Enter opens
        column = QVBoxLayout(self)
        column.addStretch(2)
        row = QHBoxLayout()  # an alignment would ask the card how high it is at the width of the window, not at its own
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def ask(self, wanted: Wanted, *, locked: bool, user: str = "", can_leave: bool) -> None:
        """Ask for what a clinic wants. locked: it was open before; user: who was; can_leave: there is a way back."""
        self._wanted, self._locked, self._by_code = wanted, locked, False
        self.user.setText(user)
        for field in (self.passphrase, self.code):
            field.clear()
        self.remember.setChecked(False)
        self.leave.setVisible(can_leave)
        self._busy(False)
        self.trouble.setText("")
        self.retranslate()
        self.focus()

    def refuse(self, reason: str) -> None:
        """It was not opened; the fields stay for another try."""
        self._busy(False)
        self.trouble.setText(reason)
        self._tell()
        field = self.code if self._by_code else self.passphrase
        field.setFocus()
        field.selectAll()

    def unlock(self) -> None:
        if not self.go.isEnabled():
            return
        self.trouble.setText("")
        self._busy(True)
        given = Given(
            user=self.user.text().strip() if self._wanted.users else "",
            passphrase="" if self._by_code else self.passphrase.text(),
            recovery=self.code.text().strip() if self._by_code else "",
            remember=self.remember.isChecked(),
        )
        self.given.emit(given)

    def clear(self) -> None:
        """Nothing that was typed stays."""
        for field in (self.user, self.passphrase, self.code):
            field.clear()
        self._busy(False)
        self.trouble.setText("")
        self._tell()

    def focus(self) -> None:
        if not self._wanted.passphrase:
            self.go.setFocus()
        elif self._wanted.users and not self.user.text():
            self.user.setFocus()
        else:
            (self.code if self._by_code else self.passphrase).setFocus()

    def retranslate(self) -> None:
        wanted = self._wanted
        for word, text in zip(
            self._words, (self.tr("User"), self.tr("Passphrase"), self.tr("Recovery code")), strict=True
        ):
            word.setText(text)
        self.title.setText(
            (self.tr("{name} is locked") if self._locked else self.tr("Open {name}")).format(name=wanted.name)
        )
        if not wanted.passphrase:
            hint = self.tr("This clinic has no passphrase; the lock only keeps it out of sight.")
        elif self._by_code:
            hint = self.tr("Type the code that was printed when the clinic file was made; hyphens do not matter.")
        elif wanted.users:
            hint = self.tr("Who is there? Forgotten passphrases are set anew by an administrator.")
        else:
            hint = self.tr("The records are encrypted; the passphrase opens them.")
        self.hint.setText(hint)
        self.go.setText(self.tr("Unlock") if self._locked else self.tr("Open"))
        self.leave.setText(self.tr("Cancel"))
        self.other.setText(
            self.tr("Use the passphrase") if self._by_code else self.tr("Forgotten: use the recovery code")
        )
        self.remember.setText(self.tr("Remember on this computer"))
        self.code.setPlaceholderText("XXXX-XXXX-…")
        self._tell()

    def _change_way(self) -> None:
        self._by_code = not self._by_code
        self.trouble.setText("")
        self.retranslate()
        self.focus()

    def _tell(self, *_: object) -> None:
        wanted = self._wanted
        self._form.setRowVisible(self.user, wanted.users)
        self._form.setRowVisible(self.passphrase, wanted.passphrase and not self._by_code)
        self._form.setRowVisible(self.code, wanted.passphrase and self._by_code)
        self.other.setVisible(wanted.recovery)
        self.remember.setVisible(wanted.keyring and not self._locked)
        self.trouble.setVisible(bool(self.trouble.text()))
        secret = self.code if self._by_code else self.passphrase
        enough = not wanted.passphrase or bool(secret.text().strip())
        self.go.setEnabled(enough and not (wanted.users and not self.user.text().strip()) and not self.working)

    def _busy(self, working: bool) -> None:
        self.working = working
        self.bar.setVisible(working)
        for widget in (self.user, self.passphrase, self.code, self.other, self.remember):
            widget.setEnabled(not working)
        self._tell()

    def _dress(self, *_: object) -> None:
        self._picture.setPixmap(icons.pixmap("lock", theme.current().accent, 36))
