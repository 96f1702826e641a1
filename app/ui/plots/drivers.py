"""What drives the chosen neuron: bars with their signs, and in words how fast it is and what it follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.ui.insight import Effect, Grounds, movement
from app.ui.insight_words import effect_word, signed
from app.ui.plots.card import Card
from app.ui.plots.ink import RIGHT
from app.ui.plots.trajectory_panels import kind_name
from app.ui.theme import Theme
from app.ui.translation import number_text
from models.forecast import Trajectory

SHOWN = 6  # bars
NAMED = 2  # that a neuron follows, each way, in words
_SLOW, _FAST = 2 / 3, 1 / 3  # share of the other neurons that are faster
SMALL = 0.005  # an effect drawn as +0.00
_ROW, _LABELS = 26.0, 150.0
HEIGHT = 232


class DriversView(Card):
    """Of one neuron at a time; without a choice it says how to make one."""

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent, colours=colours)
        self._grounds: Grounds | None = None
        self._trajectory: Trajectory | None = None
        self._chosen = ""

    def show_trajectory(self, trajectory: Trajectory | None) -> None:
        self._trajectory = trajectory
        self._tell()

    def show_grounds(self, grounds: Grounds | None) -> None:
        self._grounds = grounds
        self._tell()

    def choose(self, name: str) -> None:
        self._chosen = name
        self._tell()

    def effects(self) -> Sequence[Effect]:
        """The bars, the strongest first."""
        found = self._grounds.drivers.get(self._chosen, ()) if self._grounds is not None else ()
        return [one for one in found if abs(one.size) >= SMALL][:SHOWN]

    def sentences(self) -> list[str]:
        """How fast the neuron is, how it moved, and what it follows."""
        grounds, trajectory = self._grounds, self._trajectory
        if grounds is None or self._chosen not in grounds.tau:
            return []
        told = [self._pace(grounds)]
        if trajectory is not None and self._chosen in trajectory.names:
            told.append(self._movement(trajectory))
        told.append(self._following(grounds))
        return told

    def caption(self) -> str:
        return self.tr(
            "Each bar: the state after the last visit with the figure one standard deviation higher, the sign there "
            "instead of absent, or the herb given instead of not. This explains the model, not cause and effect."
        )

    def heading(self) -> tuple[str, str]:
        grounds, name = self._grounds, self._chosen
        if grounds is None or name not in grounds.tau:
            return self.tr("What drives a neuron"), ""
        kinds = {neuron.name: kind_name(neuron.kind) for neuron in self._trajectory.neurons} if self._trajectory else {}
        title = self.tr("Neuron {name}").format(name=name)
        pace = self.tr("{pace}, median τ {days} days").format(pace=self._pace_word(grounds), days=self._tau(grounds))
        return title, " · ".join(part for part in (kinds.get(name, ""), pace) if part)

    def sizeHint(self) -> QSize:
        return self.sized(900, HEIGHT)

    def paint_inside(self, painter: QPainter, box: QRectF) -> None:
        if self._grounds is None or self._chosen not in self._grounds.tau:
            words = self.tr("Choose a neuron: click its row or its node, or press the up and down keys.")
            self.paragraph(painter, box, words, "muted")
            return
        half = box.width() * 0.54
        self._paint_bars(painter, QRectF(box.left(), box.top() + 4, half, box.height()), self._grounds.variables)
        words = QRectF(box.left() + half + 24, box.top() + 6, box.width() - half - 24, box.height())
        for sentence in self.sentences():
            words.setTop(self.paragraph(painter, words, sentence) + 8)
        self.paragraph(painter, words, self.caption(), "muted")

    def _paint_bars(self, painter: QPainter, box: QRectF, variables: Mapping[str, object]) -> None:
        ink, effects = self.ink, self.effects()
        if not effects:
            self.paragraph(painter, box, self.tr("Nothing recorded of this patient moves it noticeably."), "muted")
            return
        assert self._grounds is not None
        labels = min(_LABELS, box.width() * 0.36)
        middle = box.left() + labels + 10 + (box.width() - labels - 10) / 2
        reach = (box.width() - labels - 10) / 2 - 48
        peak = max(abs(one.size) for one in effects)
        ink.vertical(painter, middle, box.top(), box.top() + _ROW * len(effects), ink.colour("line"))
        for row, one in enumerate(effects):
            y = box.top() + row * _ROW
            words = effect_word(one, self._grounds.variables)
            ink.text(painter, QRectF(box.left(), y + 3, labels, 18), words, ink.colour("text"), align=RIGHT)
            length = max(reach * abs(one.size) / peak, 1.0)
            left = middle if one.size > 0 else middle - length
            ink.box(painter, QRectF(left, y + 5, length, 14), ink.colour("accent" if one.size > 0 else "red", 0.85))
            figure, width = signed(one.size), 44.0
            rect = QRectF(left + length + 5, y + 3, width, 18)
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            if one.size < 0:
                rect, align = QRectF(left - 5 - width, y + 3, width, 18), RIGHT
            ink.text(painter, rect, figure, ink.colour("muted"), align=align, elide=False)

    def _tau(self, grounds: Grounds) -> str:
        tau = grounds.tau[self._chosen]
        return number_text(tau, 0 if tau >= 10 else 1)

    def _rank(self, grounds: Grounds) -> float:
        """Share of the other neurons that are faster."""
        others = [tau for name, tau in grounds.tau.items() if name != self._chosen]
        return float(np.mean([tau < grounds.tau[self._chosen] for tau in others])) if others else 0.5

    def _pace_word(self, grounds: Grounds) -> str:
        rank = self._rank(grounds)
        return self.tr("slow") if rank >= _SLOW else self.tr("fast") if rank <= _FAST else self.tr("middling")

    def _pace(self, grounds: Grounds) -> str:
        rank, text = self._rank(grounds), self.tr("{name} forgets at a middling pace, in about {days} days.")
        if rank >= _SLOW:
            text = self.tr("{name} is slow: what it takes in stays for about {days} days.")
        elif rank <= _FAST:
            text = self.tr("{name} is fast: after about {days} days little of what it took in is left.")
        return text.format(name=self._chosen, days=self._tau(grounds))

    def _movement(self, trajectory: Trajectory) -> str:
        place = trajectory.names.index(self._chosen)
        first, moved = float(trajectory.state[0, place]), float(movement(trajectory)[place])
        text = self.tr("It has risen over the course, from {first} to {last}.")
        if moved < 0:
            text = self.tr("It has fallen over the course, from {first} to {last}.")
        return text.format(first=number_text(first, 2), last=number_text(first + moved, 2))

    def _following(self, grounds: Grounds) -> str:
        rising, falling = ([one for one in self.effects() if (one.size > 0) == up][:NAMED] for up in (True, False))
        parts = []
        for effects, text in (
            (rising, self.tr("it rises with {parts}")),
            (falling, self.tr("it falls with {parts}")),
        ):
            if effects:
                words = self.tr(", ").join(effect_word(one, grounds.variables) for one in effects)
                parts.append(text.format(parts=words))
        return self.tr("Here {parts}.").format(parts=self.tr("; ").join(parts)) if parts else ""

    def _tell(self) -> None:
        self.setAccessibleName(" ".join(self.heading()).strip())
        self.setAccessibleDescription(" ".join([*self.sentences(), self.caption()]))
        self.update()
