"""One callout: what a part of the window is for, with a ring round that part. Nothing else is kept from working."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking

WIDTH, AWAY, EDGE = 320, 12, 8


class Ring(QWidget):
    """Round the part that is told of; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().color("accent"), theme.px(3)))
        inset = theme.px(2)
        radius = theme.px(theme.PANEL_RADIUS)
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), radius, radius)


class Callout(Speaking, QFrame):
    """onward, skipped: what was pressed. Arrows and Enter go on, Esc skips the rest."""

    onward = Signal()
    backward = Signal()
    skipped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("callout")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = SafeLabel(bold=True, wrap=True)
        self.text = SafeLabel(wrap=True)
        self.count = SafeLabel(tone="muted", size=theme.SMALL)
        self.next, self.skip = QPushButton(), QPushButton()
        self.next.setProperty("filled", True)
        self.skip.setProperty("flat", True)
        self.next.clicked.connect(self.onward)
        self.skip.clicked.connect(self.skipped)
        for button in (self.next, self.skip):
            button.installEventFilter(self)
        foot = QHBoxLayout()
        foot.addWidget(self.count, 1)
        foot.addWidget(self.skip)
        foot.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(theme.GAP)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(foot)
        self._last = False
        self.retranslate()
        self.hide()

    def say(self, title: str, text: str, count: str, *, last: bool) -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.count.setText(count)
        self._last = last
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.next.setAccessibleDescription(f"{title}. {text}")
        self.retranslate()

    def stand(self, target: QRect | None, room: QRect) -> None:
        """Beside ``target``, where there is room: below, at the right, at the left, above, else over it."""
        width = min(theme.px(WIDTH), room.width() - 2 * EDGE)
        layout = self.layout()
        assert layout is not None
        size = QSize(width, layout.totalHeightForWidth(width))
        self.resize(size)
        self.move(place(target, size, room.adjusted(EDGE, EDGE, -EDGE, -EDGE)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of its buttons: a button itself would take the arrows to go to its neighbour."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            signals = {Qt.Key.Key_Right: self.onward, Qt.Key.Key_Left: self.backward, Qt.Key.Key_Escape: self.skipped}
            signal = signals.get(Qt.Key(event.key()))
            if watched is self.next and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                signal = self.onward
            if watched is self.skip and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                signal = self.skipped
            if signal is not None:
                signal.emit()
                return True
        return super().eventFilter(watched, event)

    def retranslate(self) -> None:
        self.next.setText(self.tr("Done") if self._last else self.tr("Next"))
        self.skip.setText(self.tr("Skip"))
        self.skip.setVisible(not self._last)


def place(target: QRect | None, size: QSize, room: QRect) -> QPoint:
    """Top left corner of a box of ``size`` beside ``target``, inside ``room``; top centre without a target."""
    if target is None:
        return QPoint(room.center().x() - size.width() // 2, room.top() + theme.px(48))
    far = theme.px(AWAY)
    beside = (
        QPoint(target.left(), target.bottom() + far),
        QPoint(target.right() + far, target.top()),
        QPoint(target.left() - far - size.width(), target.top()),
        QPoint(target.left(), target.top() - far - size.height()),
    )
    for corner in beside:
        box = QRect(_inside(corner, size, room), size)
        if not box.intersects(target):
            return box.topLeft()
    middle = QPoint(target.center().x() - size.width() // 2, target.center().y() - size.height() // 2)
    return _inside(middle, size, room)


def _inside(corner: QPoint, size: QSize, room: QRect) -> QPoint:
    x = max(min(corner.x(), room.right() + 1 - size.width()), room.left())
    y = max(min(corner.y(), room.bottom() + 1 - size.height()), room.top())
    return QPoint(x, y)
