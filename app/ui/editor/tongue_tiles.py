"""The tongue by picture tiles: colour, shape and coating, each a small drawing with its word."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from app import i18n
from app.domain.concept import Concept
from app.domain.vocabulary import active
from app.ui import theme
from app.ui.flow import FlowLayout
from app.ui.labels import SafeLabel
from app.ui.plots.ink import CENTRE, Ink
from app.ui.translation import Speaking

FIRST = (
    "ton.body_pink", "ton.body_pale", "ton.body_red", "ton.body_crimson", "ton.body_purple", "ton.body_dusky",
    "ton.body_swollen", "ton.body_thin", "ton.tooth_marks", "ton.cracks", "ton.stasis_spots",
    "ton.coat_white", "ton.coat_yellow", "ton.coat_grey", "ton.coat_thin", "ton.coat_thick", "ton.coat_moist",
    "ton.coat_dry", "ton.coat_greasy", "ton.coat_peeled", "ton.coat_scanty", "ton.coat_none",
)  # fmt: skip
# what the eye sees; a drawing, the same on paper and in the dark
_BODY = {
    "ton.body_pink": "#E3A1A0", "ton.body_pale": "#EBCFC9", "ton.body_red": "#D0584F", "ton.body_crimson": "#A8323B",
    "ton.body_purple": "#8E5C84", "ton.body_blue": "#7C8AA3", "ton.body_dusky": "#9A6468",
}  # fmt: skip
_COAT = {
    "ton.coat_white": "#F7F5F0",
    "ton.coat_yellow": "#DDBB5A",
    "ton.coat_grey": "#9C978F",
    "ton.coat_black": "#4A4540",
}
_PLAIN = "#E3A1A0"
_SIZE = 30


class Tile(QAbstractButton):
    """One sign. Checked where the tongue shows it."""

    def __init__(self, concept: Concept, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.concept = concept
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.notifier.changed.connect(self._repaint)

    def word(self) -> str:
        if i18n.language() == "en":
            return self.concept.en.removesuffix(" on the tongue").removesuffix(" tongue").removesuffix(" coating")
        return self.concept.zh.removeprefix("舌").removesuffix("舌") or self.concept.zh

    def sizeHint(self) -> QSize:
        ink = Ink(theme.current())
        width = max(_SIZE + 14.0, ink.width(self.word(), ink.small) + 12)
        return QSize(round(width), _SIZE + round(ink.metrics(ink.small).height()) + 10)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = Ink(theme.current())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        on = self.isChecked()
        border = "accent" if on or self.underMouse() else "line"
        ink.box(painter, box, ink.colour("selection" if on else "surface"), ink.colour(border), theme.CONTROL_RADIUS)
        if self.hasFocus() or on:
            painter.setPen(QPen(ink.colour("text" if self.hasFocus() else "accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS)
        draw_tongue(painter, QRectF(box.center().x() - _SIZE / 2, 4, _SIZE, _SIZE), self.concept.code)
        words = QRectF(2, _SIZE + 4, box.width() - 4, box.height() - _SIZE - 6)
        ink.text(painter, words, self.word(), ink.colour("accent" if on else "text"), align=CENTRE, elide=False)

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


class TongueTiles(Speaking, QWidget):
    """Colour, shape and coating in lines; of one group (the body's colour, the coating's) one at most."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[str, Tile] = {}
        self._titles: list[tuple[SafeLabel, str]] = []
        self._lines: dict[str, FlowLayout] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for name in ("body", "coat"):
            title = SafeLabel(tone="muted", size=theme.SMALL)
            self._titles.append((title, name))
            column.addWidget(title)
            holder = QWidget()
            self._lines[name] = FlowLayout(holder, gap=4)
            column.addWidget(holder)
        for code in FIRST:
            self._add(code)
        self.retranslate()

    def show_signs(self, codes: Iterable[str]) -> None:
        """Signs beyond the usual ones get a tile too."""
        wanted = set(codes)
        for code in wanted - self._tiles.keys():
            self._add(code)
        for code, tile in self._tiles.items():
            tile.setChecked(code in wanted)

    def add(self, code: str) -> None:
        """A sign that was searched for: its tile, checked."""
        if code not in self._tiles:
            self._add(code)
        self._tiles[code].setChecked(True)
        self._choose(self._tiles[code])

    def tiles(self) -> list[Tile]:
        return list(self._tiles.values())

    def signs(self) -> tuple[str, ...]:
        return tuple(code for code, tile in self._tiles.items() if tile.isChecked())

    def enter(self) -> None:
        next(iter(self._tiles.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        words = {"body": self.tr("Tongue body"), "coat": self.tr("Coating")}
        for title, name in self._titles:
            title.setText(words[name])
        for tile in self._tiles.values():
            label = tile.concept.en if i18n.language() == "en" else tile.concept.zh
            tile.setAccessibleName(label)
            tile.updateGeometry()
            tile.update()

    def _add(self, code: str) -> None:
        concept = active().concepts.get(code)
        if concept is None:
            concept = Concept(code, code, code, "", "tongue")
        tile = Tile(concept)
        tile.setAccessibleName(concept.en if i18n.language() == "en" else concept.zh)
        tile.clicked.connect(self._clicked)
        self._tiles[code] = tile
        self._lines["coat" if concept.extra.get("category", "").startswith("coat") else "body"].addWidget(tile)

    def _clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, Tile):
            self._choose(tile)

    def _choose(self, tile: Tile) -> None:
        group = tile.concept.extra.get("group", "")
        if tile.isChecked() and group:
            for other in self._tiles.values():
                if other is not tile and other.concept.extra.get("group") == group:
                    other.setChecked(False)
        self.changed.emit()


def draw_tongue(painter: QPainter, box: QRectF, code: str) -> None:
    """A tongue that shows one sign. box: square; code: of the vocabulary, a plain tongue where it has no drawing."""
    painter.save()
    wide = {"ton.body_swollen": 0.96, "ton.tooth_marks": 0.92, "ton.body_thin": 0.52}.get(code, 0.74)
    shape = _outline(box, wide, toothed=code in ("ton.tooth_marks",))
    body = QColor(_BODY.get(code, _PLAIN))
    painter.setPen(QPen(body.darker(135), 1))
    painter.setBrush(body)
    painter.drawPath(shape)
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.setPen(Qt.PenStyle.NoPen)
    if code.startswith("ton.coat"):
        _coat(painter, box, code)
    elif code in ("ton.cracks",):
        painter.setPen(QPen(body.darker(150), 1.2))
        for dx, top, end in ((0.0, 0.25, 0.85), (-0.18, 0.4, 0.7), (0.18, 0.35, 0.75)):
            x = box.center().x() + dx * box.width()
            painter.drawLine(QPointF(x, box.top() + top * box.height()), QPointF(x + 1, box.top() + end * box.height()))
    elif code in ("ton.stasis_spots", "ton.prickles"):
        painter.setBrush(QColor("#6E2F52" if code == "ton.stasis_spots" else "#B3262C"))
        for dx, dy in ((-0.2, 0.4), (0.18, 0.5), (-0.12, 0.7), (0.2, 0.72), (0.0, 0.55)):
            painter.drawEllipse(QPointF(box.center().x() + dx * box.width(), box.top() + dy * box.height()), 1.6, 1.6)
    painter.restore()


def _outline(box: QRectF, wide: float, *, toothed: bool) -> QPainterPath:
    half, middle = box.width() * wide / 2, box.center().x()
    top, bottom = box.top() + 1, box.bottom() - 1
    path = QPainterPath(QPointF(middle - half, top + 2))
    path.quadTo(QPointF(middle, top - 2), QPointF(middle + half, top + 2))
    if toothed:
        step = (bottom - top) * 0.6 / 4
        for i in range(4):
            y = top + 2 + i * step
            path.quadTo(QPointF(middle + half - 3, y + step / 2), QPointF(middle + half, y + step))
    path.cubicTo(QPointF(middle + half, bottom - 6), QPointF(middle + half * 0.6, bottom), QPointF(middle, bottom))
    turn = bottom - 12
    path.cubicTo(QPointF(middle - half * 0.6, bottom), QPointF(middle - half, bottom - 6), QPointF(middle - half, turn))
    if toothed:
        step = (turn - top - 2) / 4
        for i in range(4):
            y = turn - i * step
            path.quadTo(QPointF(middle - half + 3, y - step / 2), QPointF(middle - half, y - step))
    path.closeSubpath()
    return path


def _coat(painter: QPainter, box: QRectF, code: str) -> None:
    """The coating lies on the middle; how much of it there is, and of what kind, is the sign."""
    colour = QColor(_COAT.get(code, "#F7F5F0"))
    colour.setAlphaF({"ton.coat_thin": 0.55, "ton.coat_thick": 1.0}.get(code, 0.85))
    coat = box.adjusted(box.width() * 0.2, 1, -box.width() * 0.2, -box.height() * 0.22)
    if code in ("ton.coat_none", "ton.coat_scanty"):
        if code == "ton.coat_scanty":
            painter.setBrush(colour)
            painter.drawEllipse(coat.adjusted(4, 1, -4, -12))
        return
    painter.setBrush(colour)
    painter.drawEllipse(coat)
    dark = colour.darker(125)
    if code in ("ton.coat_greasy", "ton.coat_curdy", "ton.coat_turbid"):
        painter.setBrush(dark)
        for dx, dy in ((-0.12, 0.3), (0.1, 0.25), (0.0, 0.45), (-0.1, 0.6), (0.12, 0.55)):
            painter.drawEllipse(QPointF(box.center().x() + dx * box.width(), box.top() + dy * box.height()), 1.8, 1.4)
    elif code in ("ton.coat_dry", "ton.coat_rough"):
        painter.setPen(QPen(dark, 1))
        for dy in (0.25, 0.42, 0.6):
            y = box.top() + dy * box.height()
            painter.drawLine(QPointF(box.center().x() - 5, y), QPointF(box.center().x() + 5, y + 2))
    elif code in ("ton.coat_moist", "ton.coat_slippery"):
        painter.setBrush(QColor(255, 255, 255, 230))
        painter.drawEllipse(QPointF(box.center().x() - 3, box.top() + box.height() * 0.35), 2.2, 3.4)
    elif code == "ton.coat_peeled":
        painter.setBrush(QColor(_PLAIN))
        painter.drawEllipse(QPointF(box.center().x() + 3, box.top() + box.height() * 0.45), 4, 3.4)
        painter.drawEllipse(QPointF(box.center().x() - 4, box.top() + box.height() * 0.6), 2.4, 2)
