"""Six positions of the wrist, and one line that says what is felt at those that are chosen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.domain import pulse
from app.domain.records import Position, Side
from app.domain.visit_form import PLACES, WHOLE
from app.ui import theme
from app.ui.editor.term_line import TermLine
from app.ui.plots.ink import CENTRE, RIGHT, Ink
from app.ui.translation import Speaking

_LABEL = 52.0
_SEVERAL = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
Place = tuple[Side, Position]


class WristMap(Speaking, QWidget):
    """Both hands with cun, guan, chi. Click or arrows go to a position; Shift or Space chooses several."""

    chosen_changed = Signal()
    typed = Signal(str)  # a letter meant for the line

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words: dict[Place, str] = {}
        self.chosen: set[Place] = set()
        self.at: Place = PLACES[0]
        self.faulty: set[Place] = set()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()

    def sizeHint(self) -> QSize:
        line = round(self._ink().metrics(self._ink().base).height())
        return QSize(260, 3 * line + 58)

    def retranslate(self) -> None:
        self._sides = {Side.LEFT: self.tr("Left"), Side.RIGHT: self.tr("Right")}
        self._places = {Position.CUN: self.tr("cun"), Position.GUAN: self.tr("guan"), Position.CHI: self.tr("chi")}
        said = [f"{self.name(place)} {words}" for place, words in self.words.items() if words and place in PLACES]
        self.setAccessibleName(self.tr("Pulse at six positions") + ": " + (", ".join(said) or "–"))
        self.update()

    def name(self, place: Place) -> str:
        return f"{self._sides.get(place[0], '')}{self._places.get(place[1], '')}"

    def cell(self, place: Place) -> QRectF:
        line = self._ink().metrics(self._ink().base).height()
        height, top = line + 12, line + 16
        width = (self.width() - _LABEL - 12) / 3
        column = [Position.CUN, Position.GUAN, Position.CHI].index(place[1])
        row = 0 if place[0] is Side.LEFT else 1
        return QRectF(_LABEL + column * width, top + row * (height + 8), width - 8, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place in PLACES:
            if self.cell(place).contains(event.position()):
                several = bool(
                    event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
                )
                self.at = place
                self._choose(several=several)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        step = steps.get(Qt.Key(event.key()))
        index = PLACES.index(self.at)
        row, column = divmod(index, 3)
        if step is not None:
            row, column = min(max(row + step[0], 0), 1), min(max(column + step[1], 0), 2)
            self.at = PLACES[3 * row + column]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._choose(several=True)
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(several=event.key() == Qt.Key.Key_Space)
        elif event.text().isprintable() and event.text().strip():
            if not self.chosen:
                self._choose(several=False)
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def _choose(self, *, several: bool) -> None:
        if several:
            self.chosen ^= {self.at}
        else:
            self.chosen = set() if self.chosen == {self.at} else {self.at}
        self.update()
        self.chosen_changed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._ink()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink.box(painter, QRectF(self.rect()), ink.colour("sunk"), None, theme.PANEL_RADIUS)
        if self.hasFocus():
            ink.frame(painter, QRectF(self.rect()), ink.colour("accent"), theme.PANEL_RADIUS)
        for position, word in self._places.items():
            box = self.cell((Side.LEFT, position))
            ink.text(
                painter, QRectF(box.left(), 6, box.width(), box.top() - 8), word, ink.colour("muted"), align=CENTRE
            )
        for side, word in self._sides.items():
            box = self.cell((side, Position.CUN))
            ink.text(painter, QRectF(4, box.top(), _LABEL - 12, box.height()), word, ink.colour("muted"), align=RIGHT)
            self._paint_artery(painter, ink, side)
        for place in PLACES:
            self._paint_cell(painter, ink, place)

    def _paint_artery(self, painter: QPainter, ink: Ink, side: Side) -> None:
        """The line of the vessel behind the three places."""
        first, last = self.cell((side, Position.CUN)), self.cell((side, Position.CHI))
        path = QPainterPath(first.center())
        path.lineTo(last.center())
        painter.setPen(QPen(ink.colour("red", 0.35), 4))
        painter.drawPath(path)

    def _paint_cell(self, painter: QPainter, ink: Ink, place: Place) -> None:
        box = self.cell(place)
        chosen = place in self.chosen
        border = "red" if place in self.faulty else ("accent" if chosen else "line")
        ink.box(
            painter, box, ink.colour("selection" if chosen else "surface"), ink.colour(border), theme.CONTROL_RADIUS
        )
        if self.hasFocus() and place == self.at:
            ink.frame(painter, box, ink.colour("accent"), theme.CONTROL_RADIUS)
        words = self.words.get(place, "")
        tone = "red" if place in self.faulty else ("accent" if chosen else "text")
        colour = ink.colour(tone if words else "muted")
        ink.text(painter, box.adjusted(4, 0, -4, 0), words or "–", colour, font=ink.base, align=CENTRE)

    def _ink(self) -> Ink:
        return Ink(theme.current())

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


class PulseBoard(Speaking, QWidget):
    """What is typed goes to the chosen positions; with none chosen to all that were felt, else to the whole."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self._other: dict[Place, str] = {}
        self.map = WristMap()
        self.line = TermLine("pulse", words=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.map)
        self.line.textEdited.connect(self._typed)
        self.map.chosen_changed.connect(self._follow)
        self.map.typed.connect(self._type)
        self.retranslate()

    def show_pulses(self, pulses: Mapping[Place, str]) -> None:
        self.map.words = {place: pulses[place] for place in PLACES if place in pulses}
        self._whole = pulses.get(WHOLE, next((words for place, words in pulses.items() if place not in PLACES), ""))
        self._other = {place: words for place, words in pulses.items() if place not in (*PLACES, WHOLE)}
        self.map.chosen = set()
        self._judge()
        self._follow()

    def pulses(self) -> dict[Place, str]:
        found = {place: words for place, words in self.map.words.items() if words.strip()}
        if not found and self._whole.strip():
            for place in self._other or (WHOLE,):
                found[place] = self._whole.strip()
        return found

    def enter(self) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.selectAll()

    def retranslate(self) -> None:
        self.line.setAccessibleName(self.tr("Pulse in words"))
        self._follow()
        self.map.retranslate()

    def _type(self, text: str) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.setText(text)
        self.line.textEdited.emit(text)

    def _typed(self, text: str) -> None:
        targets = self.map.chosen or {place for place, words in self.map.words.items() if words.strip()}
        if targets:
            for place in targets:
                self.map.words[place] = text
        else:
            self._whole = text
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        """Words that are no pulse are marked where they stand."""
        self.map.faulty = {place for place, words in self.map.words.items() if pulse.parse(words)[1]}
        self.map.retranslate()

    def _follow(self) -> None:
        """The line shows the words of what is chosen."""
        chosen = self.map.chosen or {place for place, words in self.map.words.items() if words.strip()}
        words = {self.map.words.get(place, "") for place in chosen} if chosen else {self._whole}
        if not self.line.hasFocus() or self.line.text() not in words:
            self.line.setText(words.pop() if len(words) == 1 else "")
        names = [self.map.name(place) for place in PLACES if place in self.map.chosen]
        if names:
            self.line.setPlaceholderText(self.tr("Pulse at {places}").format(places=" ".join(names)))
        else:
            self.line.setPlaceholderText(self.tr("Pulse, such as 弦滑数; or choose positions below"))
