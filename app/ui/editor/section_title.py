"""The title of a section, and beside it a quiet word where its values are those of the visit before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel


class SectionTitle(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = SafeLabel(bold=True)
        self.mark = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBaseline)
        row.addWidget(self.mark, 1, Qt.AlignmentFlag.AlignBaseline)

    def set_words(self, title: str, mark: str) -> None:
        """mark: "" where nothing was carried over, or all of it was looked at since."""
        self.title.setText(title)
        self.mark.setText(mark)
