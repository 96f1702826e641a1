"""The palette on screen: a field and a list over the window's top, in its middle. It goes with Esc or the focus.

A child of the window and no popup: an input method works in it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.palette.entries import Found
from app.ui.palette.rows import HEIGHT, FoundDelegate, FoundModel
from app.ui.translation import Speaking

WIDTH, MOST_ROWS, TOP = 620, 11, 8

STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MOST_ROWS - 1,
    Qt.Key.Key_PageUp: 1 - MOST_ROWS,
}


class PaletteField(QLineEdit):
    """Arrows, pages and Enter are for the list; the focus stays here."""

    moved = Signal(int)
    taken = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in STEPS:
            self.moved.emit(STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tab goes to the next row: there is nothing else to go to."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self.moved.emit(step)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.left.emit()


class PalettePanel(Speaking, QFrame):
    """typed carries the query; chosen the Found that is to be done; left: closed without a choice."""

    typed = Signal(str)
    chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.field = PaletteField()
        self.field.textChanged.connect(self.typed)
        self.field.moved.connect(self._move)
        self.field.taken.connect(self._take)
        self.field.left.connect(self._leave)
        self.model = FoundModel(self)
        self.list = QListView()
        self.list.setObjectName("palette_list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(FoundDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._click)
        self.nothing = SafeLabel(tone="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing)
        parent.installEventFilter(self)
        self.retranslate()
        self.hide()

    def open(self) -> None:
        self.field.clear()
        self.place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def shut(self) -> None:
        """Nothing typed or found stays."""
        self.hide()
        self.field.clear()
        self.model.show_found([])

    def show_found(self, rows: list[Found]) -> None:
        self.model.show_found(rows)
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        if rows:
            self.list.setCurrentIndex(self.model.index(0))
            self.list.scrollToTop()
        self.place()

    def place(self) -> None:
        """Top centre of the window; as high as its rows need, as far as the window has room."""
        window = self.window()
        width = min(theme.px(WIDTH), window.width() - 2 * TOP)
        top = theme.px(TOP)
        layout = self.layout()
        assert layout is not None
        rest = layout.contentsMargins().top() * 2 + layout.spacing() + self.field.sizeHint().height() + 4
        rows = min(max(self.model.rowCount(), 1), MOST_ROWS)
        height = min(rest + rows * theme.px(HEIGHT), window.height() - 2 * top)
        self.setGeometry((window.width() - width) // 2, top, width, height)

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Commands and patients"))
        self.field.setPlaceholderText(self.tr("A command, a page or a patient: words, pinyin or initials"))
        self.field.setAccessibleName(self.tr("Find a command or a patient"))
        self.list.setAccessibleName(self.tr("What was found"))
        self.nothing.setText(self.tr("Nothing is called so. Try fewer letters, or initials."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def _move(self, by: int) -> None:
        rows = self.model.rowCount()
        if rows:
            row = self.list.currentIndex().row() + by
            if abs(by) == 1:  # one step goes round, a page stops at the end
                row %= rows
            self.list.setCurrentIndex(self.model.index(min(max(row, 0), rows - 1)))

    def _take(self) -> None:
        found = self.model.found(self.list.currentIndex().row())
        if found is not None:
            self.chosen.emit(found)

    def _click(self, index: QModelIndex) -> None:
        found = self.model.found(index.row())
        if found is not None:
            self.chosen.emit(found)

    def _leave(self) -> None:
        if self.isVisible():
            self.left.emit()
