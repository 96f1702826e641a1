"""The window's open dialogues by name: one of each, put out of sight while the clinic is locked."""

from __future__ import annotations

import logging
from typing import Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from app.ui import theme

log = logging.getLogger(__name__)


@runtime_checkable
class Sealable(Protocol):
    """A dialogue that shows records, or has a worker with access to them."""

    def seal(self) -> None:
        """The clinic is about to be locked: let go of records and workers, keep what the person typed."""
        ...

    def unseal(self) -> None:
        """The same person is back."""
        ...


@runtime_checkable
class Ending(Protocol):
    def end(self) -> None:
        """Close now, whatever is under way."""
        ...


class DialogShelf(QObject):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open: dict[str, QDialog] = {}
        self._hidden: list[QDialog] = []

    def __getitem__(self, name: str) -> QDialog | None:
        return self._open.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def keep(self, name: str, dialog: QDialog, *, show: bool = True) -> None:
        """Show a dialogue in place of any other of that name; it is forgotten when it closes."""
        old = self._open.pop(name, None)
        if old is not None:
            old.close()
        self._open[name] = dialog
        dialog.setObjectName(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(self._forget)
        dialog.finished.connect(self._finished)
        if show:
            self._fit(dialog)
            dialog.show()

    def _fit(self, dialog: QDialog) -> None:
        """As large as the text size asks for, no larger than the screen unless something would be cut off."""
        if theme.text_size() != 1.0 and dialog.testAttribute(Qt.WidgetAttribute.WA_Resized):
            wanted = dialog.size() * theme.text_size()
            screen = dialog.screen().availableSize()
            dialog.resize(wanted.boundedTo(screen).expandedTo(dialog.minimumSizeHint()))

    def front(self, name: str) -> bool:
        """Bring an open dialogue before the others; False where there is none of that name."""
        dialog = self._open.get(name)
        if dialog is None:
            return False
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return True

    def seal(self) -> None:
        """Put all out of sight. A question, a notice's details or a choice of a file is given up: nothing was typed."""
        kept = list(self._open.values())
        others = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w not in kept]
        sealed: list[Sealable] = []
        for dialog in (*kept, *others):
            if isinstance(dialog, QFileDialog) or (dialog in others and not isinstance(dialog, Sealable)):
                dialog.close()
                continue
            if dialog.isVisible():
                self._hidden.append(dialog)
                dialog.hide()
            if isinstance(dialog, Sealable):
                sealed.append(dialog)
        for dialog in sealed:  # after all are out of sight: one that fails must not keep another on screen
            try:
                dialog.seal()
            except Exception:
                log.exception("a dialogue could not be sealed")

    def unseal(self) -> None:
        """Show again what was put away."""
        hidden, self._hidden = self._hidden, []
        for dialog in filter(shiboken6.isValid, hidden):
            if isinstance(dialog, Sealable):
                dialog.unseal()
            dialog.show()

    def leave_clinic(self) -> None:
        """Another clinic is shown: what was about the one before closes."""
        for dialog in list(self._open.values()):
            if isinstance(dialog, Sealable) and (dialog in self._hidden or not isinstance(dialog, Ending)):
                dialog.close()
        self._hidden.clear()

    def end(self) -> None:
        """Close every one."""
        for dialog in list(self._open.values()):
            if isinstance(dialog, Ending):
                dialog.end()
            else:
                dialog.close()
        self._open.clear()
        self._hidden.clear()

    def _finished(self, *_: object) -> None:
        sender = self.sender()
        if isinstance(sender, QDialog) and self._open.get(sender.objectName()) is sender:
            del self._open[sender.objectName()]

    def _forget(self, gone: QObject) -> None:
        for name, dialog in list(self._open.items()):
            if dialog is gone:
                del self._open[name]
