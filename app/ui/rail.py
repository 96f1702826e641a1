"""The rail at the left: one button a page, the word under its icon, the page in view marked by colour and bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.action_table import ActionTable
from app.ui.commands import plain
from app.ui.translation import Speaking

WIDTH, BUTTON_HEIGHT, ICON, BAR = 64, 60, 22, 3
WORDED = 52  # a button lower than this shows no word


class RailButton(QAbstractButton):
    """Shows an action: its text under an icon, checked where the action is."""

    def __init__(self, action: QAction, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action, self._icon = action, icon
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setCheckable(action.isCheckable())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        action.toggled.connect(self.setChecked)
        theme.notifier.changed.connect(self._repaint)
        self._follow()

    def set_word(self, word: str) -> None:
        """A shorter word than the action's own."""
        self._word = word
        self.setAccessibleName(word)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(WIDTH), theme.px(BUTTON_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """In a low window only the icon stays."""
        return QSize(theme.px(WIDTH), theme.px(ICON + 10))

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        tone = "accent" if self.isChecked() or self.hasFocus() else ("text" if self.underMouse() else "muted")
        if self.isChecked():
            painter.fillRect(self.rect(), colors.color("selection"))
            painter.fillRect(QRect(0, 0, theme.px(BAR), self.height()), colors.color("accent"))
        elif self.underMouse():
            painter.fillRect(self.rect(), colors.color("sunk", 0.6))
        size, worded = theme.px(ICON), self.height() >= theme.px(WORDED)
        top = max((self.height() - theme.px(BUTTON_HEIGHT)) // 2, theme.px(2)) + theme.px(10 if worded else 0)
        if not worded:
            top = (self.height() - size) // 2
        picture = icons.pixmap(self._icon, getattr(colors, tone), size, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - size) // 2, top, picture)
        painter.setPen(colors.color(tone))
        if worded:
            painter.setFont(theme.font(theme.SMALL))
            word = QRect(0, top + size + theme.px(3), self.width(), theme.px(18))
            painter.drawText(word, int(Qt.AlignmentFlag.AlignCenter), self._word)
        if self.hasFocus():
            painter.setPen(QPen(colors.color("accent"), theme.px(2)))
            painter.drawRect(self.rect().adjusted(3, 3, -4, -4))

    def _follow(self) -> None:
        if not self._word:
            self.setAccessibleName(plain(self._action.text()))
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


# the commands that have a button, from top to bottom, and their icons
_BUTTONS = {
    "page_timeline": "timeline",
    "page_trajectory": "trajectory",
    "page_forecast": "forecast",
    "page_compare": "compare",
    "page_training": "training",
    "report": "report",
}


class Rail(Speaking, QWidget):
    """buttons: by the command behind each; none before ``fill``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.follow(self, "setFixedWidth", WIDTH + 1)
        self.buttons: dict[str, RailButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 1, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def fill(self, table: ActionTable) -> None:
        for name, icon in _BUTTONS.items():
            button = self.buttons[name] = RailButton(table[name], icon)
            self._column.insertWidget(self._column.count() - 1, button)
        self.retranslate()

    def retranslate(self) -> None:
        words = {
            "page_timeline": self.tr("Patients"),
            "page_trajectory": self.tr("Trajectory"),
            "page_forecast": self.tr("Forecast"),
            "page_compare": self.tr("Compare"),
            "page_training": self.tr("Training"),
            "report": self.tr("Report"),
        }
        for name, button in self.buttons.items():
            button.set_word(words[name])
