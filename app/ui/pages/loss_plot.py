"""Loss by epoch while networks learn: training solid, validation dashed, the best epoch of each marked."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.translation import Speaking


class LossPlot(Speaking, pg.PlotWidget):
    """A small plot that grows by ``add``; no mouse interaction, so that it never gets lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it
        self._bests: list[tuple[float, float]] = []  # of each network so far: loss, epoch
        self._epochs: list[float] = []
        self._train: list[float] = []
        self._validation: list[float] = []
        self._legend = self.addLegend(offset=(-8, 4))
        self._train_line = pg.PlotDataItem()
        self._validation_line = pg.PlotDataItem()
        self._best = pg.ScatterPlotItem(size=9)
        for item in (self._train_line, self._validation_line, self._best):
            self.addItem(item)
        theme.follow(self, "setMinimumHeight", 200)
        theme.notifier.changed.connect(self._dress)
        self.retranslate()

    def start(self) -> None:
        """Empty the plot for a new run."""
        self._bests.clear()
        self._epochs.clear()
        self._train.clear()
        self._validation.clear()
        self._draw()

    def add(self, epoch: float, train: float | None, validation: float | None) -> None:
        """One more epoch; None or NaN leaves a gap. An epoch that is not after the last begins another network."""
        if self._epochs and epoch <= self._epochs[-1]:
            for values in (self._epochs, self._train, self._validation):
                values.append(math.nan)
            self._bests.append((math.inf, math.nan))
        if not self._bests:
            self._bests.append((math.inf, math.nan))
        if validation is not None and math.isfinite(validation):
            self._bests[-1] = min(self._bests[-1], (float(validation), float(epoch)))
        self._epochs.append(float(epoch))
        self._train.append(math.nan if train is None else float(train))
        self._validation.append(math.nan if validation is None else float(validation))
        self._draw()

    def __len__(self) -> int:
        return sum(map(math.isfinite, self._epochs))

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Loss by epoch"))
        self._dress()

    def _draw(self) -> None:
        self._train_line.setData(self._epochs, self._train, connect="finite")
        self._validation_line.setData(self._epochs, self._validation, connect="finite")
        known = [(loss, epoch) for loss, epoch in self._bests if math.isfinite(loss)]
        self._best.setData([epoch for _, epoch in known], [loss for loss, _ in known])

    def _dress(self, *_: object) -> None:
        colors = theme.current()
        self.setBackground(colors.surface)
        self._train_line.setPen(pg.mkPen(colors.muted, width=1.5))
        self._validation_line.setPen(pg.mkPen(colors.accent, width=2, style=Qt.PenStyle.DashLine))
        self._best.setPen(pg.mkPen(colors.surface))
        self._best.setBrush(pg.mkBrush(colors.accent))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(colors.line))
            axis.setTextPen(pg.mkPen(colors.muted))
            axis.setTickFont(theme.font(theme.SMALL))
        self.getAxis("left").setWidth(theme.px(48))
        self.setLabel("bottom", self.tr("Epoch"), **{"color": colors.muted, "font-size": f"{theme.px(theme.BASE)}px"})
        self.setLabel("left", self.tr("Loss"), **{"color": colors.muted, "font-size": f"{theme.px(theme.BASE)}px"})
        self.showGrid(x=False, y=True, alpha=0.12)
        self._legend.setLabelTextSize(f"{theme.px(theme.SMALL)}px")
        self._legend.clear()
        self._legend.setLabelTextColor(colors.text)
        self._legend.addItem(self._train_line, self.tr("training"))
        self._legend.addItem(self._validation_line, self.tr("validation"))
