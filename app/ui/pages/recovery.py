"""The recovery code of a new clinic file: shown once, to be printed or copied, and told to be kept."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking

COLUMNS = 4
MARGIN = 0.1  # of the printed page


class RecoverySheet(Speaking, QWidget):
    """kept: the box "I have kept it" was ticked or not."""

    kept = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = ""
        self._name = ""
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.text = SafeLabel(tone="muted", wrap=True)
        card = QFrame()
        card.setObjectName("card")
        self._grid = QGridLayout(card)
        self._grid.setContentsMargins(16, 12, 16, 12)
        self._groups: list[SafeLabel] = []
        self.copy_button, self.print_button = QPushButton(), QPushButton()
        self.copy_button.clicked.connect(self.copy)
        self.print_button.clicked.connect(self.ask_for_printer)
        for button in (self.copy_button, self.print_button):
            button.setAutoDefault(False)
        self.done_note = SafeLabel(tone="green", size=theme.SMALL)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.copy_button)
        row.addWidget(self.print_button)
        row.addWidget(self.done_note, 1)
        self.box = QCheckBox()
        self.box.toggled.connect(self.kept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(card)
        column.addLayout(row)
        column.addStretch(1)
        column.addWidget(self.box)
        self.retranslate()

    def show_code(self, code: str, name: str) -> None:
        """code: in groups with hyphens between; name: of the clinic, for the printed sheet."""
        self.code, self._name = code, name
        for old in self._groups:
            old.deleteLater()
        self._groups = [SafeLabel(group, size=theme.TITLE, bold=True) for group in code.split("-")]
        for index, label in enumerate(self._groups):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(label, index // COLUMNS, index % COLUMNS)

    def forget(self) -> None:
        """The code is in no widget any more, not even in one that goes only later."""
        for label in self._groups:
            label.setText("")
        self.show_code("", "")

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code)
        self.done_note.setText(self.tr("Copied. Paste it where only you can read it."))

    def ask_for_printer(self) -> None:
        self._printer = QPrinter()
        dialog = QPrintDialog(self._printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.finished.connect(self._printer_chosen)
        dialog.show()

    def print_on(self, printer: QPrinter) -> None:
        """One page: what it is, of which clinic, and the code large enough to type from."""
        painter = QPainter(printer)
        page = QRectF(painter.viewport())
        area = page.adjusted(
            MARGIN * page.width(), MARGIN * page.height(), -MARGIN * page.width(), -MARGIN * page.height()
        )
        groups = self.code.split("-")
        lines = [" - ".join(groups[start : start + COLUMNS]) for start in range(0, len(groups), COLUMNS)]
        wrap = int(Qt.TextFlag.TextWordWrap)
        for text, points, gap in (
            (self.tr("Recovery code of {name}").format(name=self._name), 16, 0.4),
            ("\n".join(lines), 20, 0.4),
            (self._advice(), 10, 0.0),
        ):
            font = theme.font()
            font.setPointSize(points)
            painter.setFont(font)
            used = painter.boundingRect(area, wrap, text)
            painter.drawText(area, wrap, text)
            area.setTop(used.bottom() + gap * printer.resolution())
        painter.end()

    def retranslate(self) -> None:
        self.title.setText(self.tr("Recovery code"))
        self.text.setText(self._advice())
        self.copy_button.setText(self.tr("Copy"))
        self.print_button.setText(self.tr("Print…"))
        self.box.setText(self.tr("I have kept it"))

    def _advice(self) -> str:
        return self.tr(
            "With this code the clinic file opens when the passphrase is lost; without both nobody can open it. Keep "
            "it apart from the computer. It is shown only now."
        )

    def _printer_chosen(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self.print_on(self._printer)
            self.done_note.setText(self.tr("Sent to the printer."))
