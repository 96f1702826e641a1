"""The tags of one patient, to add to and to take from: a strip below the list, there only while it is used."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.flow import FlowLayout, in_tab_order
from app.ui.labels import SafeLabel
from app.ui.pages.chips import WordChip
from app.ui.pages.suggester import Option, Suggester
from app.ui.translation import Speaking


class TagStrip(Speaking, QWidget):
    """Enter adds what is typed or chosen, Del on a tag takes it off, Escape leaves."""

    added = Signal(str)
    removed = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tags")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.edit = QLineEdit()
        self._suggester = Suggester(self.edit)
        self._suggester.picked.connect(self._picked)
        self._name = ""
        self.chips: list[WordChip] = []
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        for part in (self.title, self.edit, self._chips):
            column.addWidget(part)
        self.hide()
        self.retranslate()

    def show_tags(self, name: str, tags: Sequence[str]) -> None:
        """name: of the patient."""
        self._name = " ".join(name.split())
        at = next((n for n, chip in enumerate(self.chips) if chip.hasFocus()), -1)
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        about = self.tr("Tag {tag}; Del takes it off")
        self.chips = [WordChip(tag, tag, about.format(tag=tag), self._chips) for tag in tags]
        for chip in self.chips:
            chip.gone.connect(self.removed)
            self._flow.addWidget(chip)
        in_tab_order(self.edit, *self.chips)
        self._chips.setVisible(bool(tags))
        if at >= 0:  # the one under the focus went: its neighbour has it now
            (self.chips[min(at, len(tags) - 1)] if tags else self.edit).setFocus()
        self.retranslate()

    def set_options(self, options: Sequence[Option]) -> None:
        self._suggester.set_options(options)

    def begin(self) -> None:
        self.show()
        self.edit.clear()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear(self) -> None:
        """Nothing of a record stays."""
        self.show_tags("", ())
        self.set_options(())
        self.edit.clear()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        self.title.setText(self.tr("Tags of {name}").format(name=self._name))
        self.edit.setPlaceholderText(self.tr("Another tag"))
        self.edit.setAccessibleName(self.tr("Another tag"))

    def _picked(self, key: str) -> None:
        word = key or self.edit.text().strip()
        if word:
            self.added.emit(word)
            self.edit.clear()
