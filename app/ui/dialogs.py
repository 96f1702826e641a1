"""Help: keys as they stand on the keyboard, and which versions of what this is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.debugging import versions
from app.ui.labels import SafeLabel, SafeText


def key_text(shortcut: str) -> str:
    """A shortcut as it stands on the keyboard: Qt's own words for the arrows are longer than the arrows."""
    text = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.PortableText)
    for name, sign in (("Up", "↑"), ("Down", "↓"), ("Left", "←"), ("Right", "→")):
        text = text.removesuffix(name) + sign if text.endswith("+" + name) else text
    return text


class AboutDialog(QDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Mailiu"))
        self.resize(520, 420)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 12)
        column.setSpacing(theme.GAP)
        column.addWidget(SafeLabel(self.tr("Mailiu"), size=theme.TITLE + 4, bold=True))
        column.addWidget(
            SafeLabel(
                self.tr("A workbench for longitudinal TCM case records on liquid neural networks."),
                tone="muted",
                wrap=True,
            )
        )
        column.addWidget(
            SafeLabel(
                self.tr("For reference only; it does not replace a physician's diagnosis."), tone="muted", wrap=True
            )
        )
        text = SafeText(versions())
        text.setAccessibleName(self.tr("Versions"))
        column.addWidget(text, 1)
        column.addWidget(
            SafeLabel(
                self.tr("Font: Noto Sans SC, SIL Open Font License 1.1."), tone="muted", size=theme.SMALL, wrap=True
            )
        )
        column.addWidget(_closing(self))


def _closing(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    buttons.setContentsMargins(0, 0, 12, 0)
    return buttons
