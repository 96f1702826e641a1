"""The list itself: any length, moved through by keys, with what can be done to the patient under the cursor."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from app.ui.pages.patient_model import PatientModel
from app.ui.pages.patient_row import HEIGHT, PatientRowDelegate

TYPING_MS = 1000  # letters typed within belong to one word


class PatientList(QListView):
    """pin_wanted, tag_wanted: for the patient under the cursor. untag_wanted carries a tag of theirs. jump_wanted
    carries what was typed to go to, and whether it is the beginning of another word."""

    pin_wanted = Signal()
    tag_wanted = Signal()
    untag_wanted = Signal(str)
    jump_wanted = Signal(str, bool)

    def __init__(self, model: PatientModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("patients")
        self._patients = model
        self._typed, self._since = "", QElapsedTimer()
        self.setModel(model)
        self.setItemDelegate(PatientRowDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bare = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if bare and not self._typing and event.key() in (Qt.Key.Key_P, Qt.Key.Key_T):
            (self.pin_wanted if event.key() == Qt.Key.Key_P else self.tag_wanted).emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, text: str) -> None:
        """Qt's own would read the whole list."""
        if not text.strip():
            return
        self._typed = self._typed + text if self._typing else text
        begins = len(self._typed) == len(text)
        self._since.start()
        self.jump_wanted.emit(self._typed, begins)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        line = self._patients.line(index.row()) if index.isValid() else None
        if line is None:
            return
        self.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pin = menu.addAction(self.tr("Unpin") if line.pinned else self.tr("Pin to the top"))
        pin.triggered.connect(self.pin_wanted)
        menu.addAction(self.tr("Tag…")).triggered.connect(self.tag_wanted)
        for tag in line.tags:
            action = menu.addAction(self.tr("Take off the tag {tag}").format(tag=tag).replace("&", "&&"))
            action.setData(tag)
        menu.triggered.connect(self._untag)
        where = self.visualRect(index).center() if by_key else event.pos()
        menu.popup(self.viewport().mapToGlobal(where))

    def top(self) -> tuple[int, int]:
        """The row at the upper edge (-1: none), and by how many pixels it is beyond it."""
        index = self.indexAt(QPoint(4, 0))
        return index.row(), -self.visualRect(index).y() if index.isValid() else 0

    def put_top(self, row: int, beyond: int) -> None:
        """Scroll so that ``top`` would tell this."""
        self.doItemsLayout()
        self.verticalScrollBar().setValue(row * HEIGHT + beyond)

    @property
    def _typing(self) -> bool:
        return self._since.isValid() and self._since.elapsed() < TYPING_MS

    def _untag(self, action: QAction) -> None:
        if action.data():
            self.untag_wanted.emit(str(action.data()))
