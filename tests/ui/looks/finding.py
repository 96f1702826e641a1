"""What a checker tells, and the name by which a widget is found in the sources."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Finding:
    """kind: "clipped", "glyph", "language", "overlap", "outside" or "name"."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


@dataclass(frozen=True)
class Text:
    """A text on screen. data: what a person typed or a record holds, and no word of the window's own.

    shortened: with an ellipsis; a cut word is in no catalogue
    """

    where: str
    words: str
    font: QFont | None = None
    data: bool = False
    shortened: bool = False


def path_of(widget: QWidget) -> str:
    """Classes from the window down: "MainWindow/CaseHeader/QPushButton"."""
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None:
        name = type(at).__name__
        if name != "QWidget" or at.objectName():
            names.append(f"{name}#{at.objectName()}" if at.objectName() else name)
        if at.isWindow():
            break
        at = at.parentWidget()
    return "/".join(reversed(names))
