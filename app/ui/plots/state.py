"""The state page's plot: neurons and time constants, the path on a plane, the wiring, and what drives one neuron."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from app import i18n
from app.domain.records import Case
from app.ui import theme
from app.ui.insight import Alike, Grounds, movement
from app.ui.labels import SafeLabel
from app.ui.plots.axis import TimeAxis
from app.ui.plots.drivers import HEIGHT, DriversView
from app.ui.plots.path import PathView
from app.ui.plots.trajectory import TrajectoryView
from app.ui.plots.wiring import WiringView
from app.ui.theme import Theme
from app.ui.translation import Speaking
from models.forecast import Trajectory

FRAME_MS, FRAMES = 50, 160  # of a course played from its first day to its last
LEAST = QSize(760, 780)


class StateView(Speaking, QWidget):
    """Every panel has its place. A neuron chosen in one is chosen in all, and a day pointed at is the day of all.

    Keys: up and down choose a neuron, left and right go from visit to visit, space plays, escape lets go.
    """

    pointed = Signal(float)  # the day under the cursor

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._trajectory: Trajectory | None = None
        self._day: float | None = None
        self.trajectory = TrajectoryView(colours=colours)
        self.path, self.wiring = PathView(colours=colours), WiringView(colours=colours)
        self.drivers = DriversView(colours=colours)
        self.play_button = QPushButton()
        self.play_button.clicked.connect(self.play)
        self.day_label = SafeLabel(tone="muted")
        self.hint = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._next_frame)
        self.trajectory.pointed.connect(self._point)
        self.trajectory.picked.connect(self.choose)
        self.wiring.picked.connect(self.choose)
        self._arrange()
        self.setFocusProxy(self.trajectory)
        self.clear()
        self.retranslate()

    def _arrange(self) -> None:
        self.controls = QWidget()
        top = QHBoxLayout(self.controls)
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.play_button)
        top.addWidget(self.day_label)
        top.addStretch(1)
        top.addWidget(self.hint)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.GAP)
        grid.addWidget(self.controls, 0, 0, 1, 2)
        grid.addWidget(self.trajectory, 1, 0, 2, 1)
        grid.addWidget(self.path, 1, 1)
        grid.addWidget(self.wiring, 2, 1)
        grid.addWidget(self.drivers, 3, 0, 1, 2)
        for row, stretch in ((1, 5), (2, 4), (3, 0)):
            grid.setRowStretch(row, stretch)
        grid.setColumnStretch(0, 65)
        grid.setColumnStretch(1, 35)
        theme.follow(self.drivers, "setFixedHeight", HEIGHT)
        theme.follow(self, "setMinimumWidth", LEAST.width())
        theme.follow(self, "setMinimumHeight", LEAST.height())

    def show_trajectory(self, trajectory: Trajectory, case: Case | None) -> None:
        """A new forecast: what stands behind it is still to come. The neuron chosen stays, at first the one that moved
        most."""
        self._stop()
        self._trajectory, self._case, self._day = trajectory, case, None
        chosen = self.trajectory.chosen
        self.trajectory.show_trajectory(trajectory, case)
        self.drivers.show_trajectory(trajectory)
        if chosen not in trajectory.names:
            chosen = trajectory.names[int(np.argmax(np.abs(movement(trajectory))))] if trajectory.names else ""
        self.choose(chosen)
        self._forget(self.tr("Being worked out…"), self.tr("Being compared…"))
        self._show_day()

    def show_grounds(self, grounds: Grounds) -> None:
        self.drivers.say("")
        self.drivers.show_grounds(grounds)
        self.wiring.say("" if grounds.wiring is not None else self.tr("This kind of network has no wiring to show."))
        self.wiring.show_wiring(grounds.wiring, grounds.variables)

    def show_alike(self, alike: Alike) -> None:
        drawn = alike.own is not None and len(alike.own.points) > 0
        self.path.say("" if drawn else self.tr("There are too few courses to draw a plane of their states."))
        self.path.show_alike(alike)

    def show_unexplained(self, ask: str, reason: str) -> None:
        """ask: "grounds" or "alike", which could not be told."""
        for panel in (self.drivers, self.wiring) if ask == "grounds" else (self.path,):
            panel.say(reason)

    def clear(self) -> None:
        self._stop()
        self._trajectory = self._case = self._day = None
        self.trajectory.clear()
        self.drivers.show_trajectory(None)
        self._forget("", "")
        self._show_day()

    def _forget(self, working: str, comparing: str) -> None:
        self.drivers.say(working)
        self.drivers.show_grounds(None)
        self.wiring.say(working)
        self.wiring.show_wiring(None, {})
        self.path.say(comparing)
        self.path.show_alike(None)

    def choose(self, name: str) -> None:
        """Choose a neuron in all panels; "" none. Raises KeyError for an unknown name."""
        self.trajectory.choose(name)
        self.wiring.choose(name)
        self.drivers.choose(name)

    def point_at(self, day: float) -> None:
        """The day of all panels, as pointed at elsewhere."""
        if self._trajectory is None or day == self._day:
            return
        times = self._trajectory.times
        self._day = min(max(float(day), float(times[0])), float(times[-1]))
        self.trajectory.point_at(self._day)
        self.path.point_at(self._day)
        self._show_day()

    def _point(self, day: float) -> None:
        if day != self._day:
            self.point_at(day)
            self.pointed.emit(day)

    @property
    def day(self) -> float | None:
        return self._day

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def play(self) -> None:
        """From the day under the cursor to the last visit, or from the first day; again: stop."""
        if self.playing or self._trajectory is None:
            self._stop()
            return
        if self._day is None or self._day >= self._trajectory.observed_until:
            self._point(float(self._trajectory.times[0]))
        self._timer.start()
        self._show_day()

    def _next_frame(self) -> None:
        assert self._trajectory is not None
        first, last = float(self._trajectory.times[0]), self._trajectory.observed_until
        day = min((first if self._day is None else self._day) + max(last - first, 1e-6) / FRAMES, last)
        self._point(day)
        if day >= last:
            self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._show_day()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: (self._step_neuron, -1), Qt.Key.Key_Down: (self._step_neuron, 1)}
        steps |= {Qt.Key.Key_Left: (self._step_visit, -1), Qt.Key.Key_Right: (self._step_visit, 1)}
        if self._trajectory is None:
            super().keyPressEvent(event)
        elif event.key() in steps:
            step, way = steps[Qt.Key(event.key())]
            step(way)
        elif event.key() == Qt.Key.Key_Space:
            self.play()
        elif event.key() == Qt.Key.Key_Escape and self.trajectory.chosen:
            self.choose("")
        else:
            super().keyPressEvent(event)

    def _step_neuron(self, way: int) -> None:
        names = self.trajectory.names
        now = names.index(self.trajectory.chosen) if self.trajectory.chosen else (-1 if way > 0 else len(names))
        self.choose(names[min(max(now + way, 0), len(names) - 1)])

    def _step_visit(self, way: int) -> None:
        days = [visit.day for visit in self._case.visits] if self._case is not None else []
        if not days:
            return
        here = self._day if self._day is not None else (days[0] - 1 if way > 0 else days[-1] + 1)
        beyond = [day for day in days if (day > here if way > 0 else day < here)]
        self._point((min(beyond) if way > 0 else max(beyond)) if beyond else here)

    def _show_day(self) -> None:
        self.play_button.setText(self.tr("Stop") if self.playing else self.tr("Play"))
        self.play_button.setEnabled(self._trajectory is not None)
        axis = TimeAxis(self._case.visits if self._case is not None else (), i18n.language())
        self.day_label.setText("" if self._day is None else axis.place(self._day))

    def retranslate(self) -> None:
        self.play_button.setAccessibleName(self.tr("Play the course along time"))
        self.hint.setText(self.tr("Space plays · ↑ ↓ neuron · ← → visit"))
        self.setAccessibleName(self.tr("State of the network"))
        self.path.setAccessibleName(" ".join(self.path.heading()))
        self.wiring.setAccessibleName(" ".join(self.wiring.heading()))
        self._show_day()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._trajectory is not None:
            self.drivers.choose(self.trajectory.chosen)
