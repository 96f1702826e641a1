"""How a clinic opens now, and what can be changed about it: the first page of the encryption dialogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.opening import has_keyring
from app.ui.translation import Speaking

if TYPE_CHECKING:
    from app.store.clinic import Clinic


@dataclass(frozen=True, slots=True)
class Ways:
    """file: not on a server; here, elsewhere: this computer, or another one, opens it by itself; keyring: could."""

    file: bool = True
    encrypted: bool = False
    users: bool = False
    keyring: bool = False
    here: bool = False
    elsewhere: bool = False


def look(clinic: Clinic, users: bool) -> Ways:
    """In a thread: asks the keyring of this computer, and tries what it keeps."""
    from app.store import keys

    header = keys.read_header(clinic.path) if clinic.is_file and clinic.encrypted else None
    if header is None:
        return Ways(file=clinic.is_file, users=users)
    entry = header.entries[-1]
    kept = any(slot.kind == keys.KEYRING for slot in entry.slots)
    here = keys.remembered(entry) is not None
    return Ways(encrypted=True, users=users, keyring=has_keyring(), here=here, elsewhere=kept and not here)


class WaysIn(Speaking, QWidget):
    """What there is in words, and a button with its reason for each thing that can be done about it."""

    def __init__(self, acts: Sequence[Callable[[], None]], parent: QWidget | None = None) -> None:
        """acts: of the buttons, in their order: encrypt, code, trust, distrust, renew."""
        super().__init__(parent)
        self.ways: Ways | None = None
        self.lost = False  # a recovery code was put away by the lock before it was kept
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.note = SafeLabel(wrap=True)
        self._buttons = [QPushButton() for _ in acts]
        self.encrypt, self.code, self.trust, self.distrust, self.renew = self._buttons
        self.encrypt.setProperty("filled", True)
        self._why = [SafeLabel(tone="muted", wrap=True) for _ in acts]
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.WIDE_GAP)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, (button, why, act) in enumerate(zip(self._buttons, self._why, acts, strict=True)):
            button.setAutoDefault(False)
            button.clicked.connect(act)
            grid.addWidget(button, row, 0)
            grid.addWidget(why, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addSpacing(theme.GAP)
        column.addLayout(grid)
        column.addStretch(1)
        self.retranslate()

    def show_ways(self, ways: Ways, *, lost: bool) -> None:
        self.ways, self.lost = ways, lost
        self.retranslate()

    def retranslate(self) -> None:
        words = (
            (self.tr("Encrypt this file…"), self.tr("With a passphrase, and a recovery code to print.")),
            (
                self.tr("New recovery code…"),
                self.tr("When the printed one is lost, or somebody may have seen it."),
            ),
            (
                self.tr("Open without a passphrase"),
                self.tr("On this computer alone: its keyring keeps a key for whoever is logged in as you are now."),
            ),
            (
                self.tr("Ask for the passphrase again"),
                self.tr("From then on no computer opens the file by itself."),
            ),
            (
                self.tr("New data key…"),
                self.tr("When somebody who should not may have had the file and a way to open it."),
            ),
        )
        for button, why, (text, reason) in zip(self._buttons, self._why, words, strict=True):
            button.setText(text)
            why.setText(reason)
        self._tell()

    def _tell(self) -> None:
        ways = self.ways
        sealed = ways is not None and ways.encrypted
        bare = ways is not None and ways.file and not ways.encrypted
        self.title.setText(self._title(ways))
        self.note.set_tone("red" if bare or self.lost else "muted")
        self.note.setText("\n".join(self._words(ways)))
        known = ways or Ways()
        shown = (
            bare,
            sealed,
            sealed and known.keyring and not known.users and not known.here,
            sealed and (known.here or known.elsewhere),
            sealed,
        )
        for button, why, visible in zip(self._buttons, self._why, shown, strict=True):
            button.setVisible(visible)
            why.setVisible(visible)

    def _title(self, ways: Ways | None) -> str:
        if ways is None:
            return ""
        if not ways.file:
            return self.tr("This clinic is on a server")
        if not ways.encrypted:
            return self.tr("This clinic file is not encrypted")
        return self.tr("This clinic file is encrypted")

    def _words(self, ways: Ways | None) -> list[str]:
        if ways is None:
            return []
        words = []
        if not ways.file:
            words.append(
                self.tr(
                    "The server keeps the records: what counts is the encryption of its disks, and of the way to it. "
                    "Backups made here are encrypted, each with a passphrase of its own."
                )
            )
        elif not ways.encrypted:
            words.append(
                self.tr(
                    "Whoever gets hold of the file, a copy or a backup of it, or of this computer's disk, can read "
                    "every record."
                )
            )
        elif ways.users:
            words.append(self.tr("The passphrase of each user opens it, and so does the recovery code."))
        else:
            words.append(self.tr("The passphrase opens it, and so does the recovery code."))
        if ways.here:
            words.append(self.tr("This computer opens it by itself."))
        if ways.elsewhere:
            words.append(self.tr("Another computer opens it by itself."))
        if self.lost:
            words.append(self.tr("The lock put the new recovery code away before it was kept: make another one."))
        return words
