"""The state in small beside the forecast, with the neuron that moved most in words."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.insight import Grounds, movement
from app.ui.insight_words import effect_word
from app.ui.labels import SafeLabel
from app.ui.plots.state_strip import StateStrip
from app.ui.plots.trajectory_panels import kind_name
from app.ui.translation import Speaking, number_text
from models.forecast import Trajectory

NAMED = 2  # inputs
_LINES = 2  # room kept for the words


class StateSection(Speaking, QWidget):
    """Keeps its height whether the words are there or not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trajectory: Trajectory | None = None
        self._grounds: Grounds | None = None
        self.title = SafeLabel(bold=True)
        self.size_label = SafeLabel(tone="muted", elide=True)
        self.strip = StateStrip()
        self.words = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        theme.follow(self.words, "setMinimumHeight", _LINES * (theme.SMALL + 5))
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title)
        head.addWidget(self.size_label, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.strip)
        column.addWidget(self.words)
        self.retranslate()

    def show_trajectory(self, trajectory: Trajectory | None) -> None:
        """What drives it is still to come."""
        self._trajectory, self._grounds = trajectory, None
        self.strip.show_trajectory(trajectory)
        self._fill()

    def show_grounds(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._fill()

    def retranslate(self) -> None:
        self.title.setText(self.tr("State"))
        self._fill()

    def _fill(self) -> None:
        count = len(self._trajectory.neurons) if self._trajectory is not None else 0
        self.size_label.setText(self.tr("%n neuron(s) along time", "", count) if count else "")
        self.words.setText(self._sentence())
        self.strip.setAccessibleName(f"{self.title.text()} {self.size_label.text()}")
        self.strip.setAccessibleDescription(self.words.text())

    def _sentence(self) -> str:
        trajectory, grounds = self._trajectory, self._grounds
        if trajectory is None or grounds is None or not trajectory.neurons:
            return ""
        moved = movement(trajectory)
        place = int(np.argmax(np.abs(moved)))
        neuron, tau = trajectory.neurons[place], grounds.tau[trajectory.neurons[place].name]
        inputs = [effect_word(one, grounds.variables) for one in grounds.drivers[neuron.name][:NAMED]]
        text = self.tr("{kind} neuron {name} (τ about {days} days) fell most; driven by {inputs}")
        if moved[place] > 0:
            text = self.tr("{kind} neuron {name} (τ about {days} days) rose most; driven by {inputs}")
        return text.format(
            kind=kind_name(neuron.kind),
            name=neuron.name,
            days=number_text(tau, 0 if tau >= 10 else 1),
            inputs=self.tr(", ").join(inputs),
        )
