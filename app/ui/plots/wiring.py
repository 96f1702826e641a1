"""The wiring: inputs and neurons by layer, synapses as wide as they are strong, dashed where they inhibit."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from app.ui.insight import Synapse, Wiring
from app.ui.insight_words import node_word
from app.ui.plots.card import Card
from app.ui.plots.ink import RIGHT
from app.ui.plots.magnified import at
from app.ui.theme import Theme
from models.course import Variable

_LABELS = 96.0  # column of the inputs' names
_WIDEST, _THINNEST = 4.0, 0.7
_NEAR = 9.0  # pixels from a node that still mean it
_NAMED = 13.0  # rows at least this far apart carry every neuron's name


class WiringView(Card):
    """A click on a neuron chooses it; the chosen one's synapses stand out."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent, colours=colours)
        self._wiring: Wiring | None = None
        self._variables: Mapping[str, Variable] = {}
        self._chosen = ""

    def show_wiring(self, wiring: Wiring | None, variables: Mapping[str, Variable]) -> None:
        """variables: by name, for the words of the inputs."""
        self._wiring, self._variables = wiring, variables
        self.update()

    def choose(self, name: str) -> None:
        self._chosen = name
        self.update()

    def heading(self) -> tuple[str, str]:
        return self.tr("Wiring"), self.tr("wide: strong; red dashes: inhibits")

    def sizeHint(self) -> QSize:
        return self.sized(340, 260)

    def places(self) -> list[QPointF]:
        """Where each node is drawn: inputs first, then layer by layer from left to right."""
        if self._wiring is None:
            return []
        box = self.inside().adjusted(_LABELS, 4, -22, -4)
        layers = sorted({node.layer for node in self._wiring.nodes})
        count = {layer: sum(node.layer == layer for node in self._wiring.nodes) for layer in layers}
        done = dict.fromkeys(layers, 0)
        out = []
        for node in self._wiring.nodes:
            share = layers.index(node.layer) / max(len(layers) - 1, 1)
            down = (done[node.layer] + 0.5) / count[node.layer]
            done[node.layer] += 1
            out.append(QPointF(box.left() + share * box.width(), box.top() + down * box.height()))
        return out

    def paint_inside(self, painter: QPainter, box: QRectF) -> None:
        wiring, places = self._wiring, self.places()
        if wiring is None:
            return
        ink, names = self.ink, [node.name for node in wiring.nodes]
        neurons = [i for i, node in enumerate(wiring.nodes) if node.what == "neuron"]
        chosen = next((i for i in neurons if names[i] == self._chosen), None)
        for synapse in reversed(wiring.synapses):  # the strongest on top
            if synapse.source != synapse.target:
                self._paint_synapse(painter, synapse, places, chosen)
        gaps = [b.y() - a.y() for a, b in pairwise(places) if a.x() == b.x()]
        roomy = min(gaps, default=box.height()) >= _NAMED
        for i, (node, place) in enumerate(zip(wiring.nodes, places, strict=True)):
            painter.setPen(QPen(ink.colour("accent" if i == chosen else "text"), 2.0 if i == chosen else 1.2))
            painter.setBrush(ink.colour("accent") if i == chosen else ink.colour("surface"))
            painter.drawEllipse(place, 4.5, 4.5)
            if node.layer == 0:
                rect = QRectF(box.left() - 6, place.y() - 8, place.x() - 9 - box.left() + 6, 16)
                words = node_word(node, self._variables)
                ink.text(painter, rect, words, ink.colour("muted"), font=ink.tiny, align=RIGHT)
            elif roomy or i == chosen:
                rect = QRectF(place.x() + 7, place.y() - 8, 26, 16)
                tone = ink.colour("text" if i == chosen else "muted")
                ink.text(painter, rect, node.name, tone, font=ink.tiny, elide=False)

    def _paint_synapse(self, painter: QPainter, synapse: Synapse, places: list[QPointF], chosen: int | None) -> None:
        mine = chosen in (synapse.source, synapse.target)
        strength = 0.2 + 0.65 * synapse.share
        alpha = strength if chosen is None else max(strength, 0.6) if mine else 0.08
        pen = QPen(self.ink.colour("red" if synapse.sign < 0 else "accent", alpha))
        pen.setWidthF(_THINNEST + (_WIDEST - _THINNEST) * synapse.share)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if synapse.sign < 0:
            pen.setDashPattern([3.0, 2.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        start, end = places[synapse.source], places[synapse.target]
        if start.x() != end.x():
            painter.drawLine(start, end)
            return
        path = QPainterPath(start)  # within a layer: a bow beside the column
        path.quadTo(QPointF(start.x() + 18 + abs(end.y() - start.y()) / 6, (start.y() + end.y()) / 2), end)
        painter.drawPath(path)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._wiring is None or self.missing:
            return
        for node, place in zip(self._wiring.nodes, self.places(), strict=True):
            away = at(event, self.ink.zoom) - place
            if node.what == "neuron" and abs(away.x()) + abs(away.y()) <= _NEAR:
                self.picked.emit(node.name)
                return
