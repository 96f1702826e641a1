"""Controls that the keyboard reaches and a screen reader has no word for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from tests.ui.looks.finding import Finding, path_of
from tests.ui.looks.shown import visible


def nameless(root: QWidget) -> list[Finding]:
    return [
        Finding("name", path_of(widget), "the keyboard reaches it, and nothing names it")
        for widget in visible(root)
        if _reached(widget) and not _name(widget)
    ]


def _reached(widget: QWidget) -> bool:
    tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(tab) and widget.isEnabled() and widget.focusProxy() is None and not widget.isWindow()


def _name(widget: QWidget) -> str:
    """As assistive technology hears it: the own name, the words on it, or those of its label."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip() if interface is not None else widget.accessibleName()
