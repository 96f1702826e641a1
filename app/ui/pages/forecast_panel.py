"""The right panel: the forecast as a table with its intervals, and what it rests on. Never a bare number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import i18n
from app.domain.records import Case
from app.ui import theme
from app.ui.figures import forecast_figures, percent_text
from app.ui.forecasting import Outlook
from app.ui.insight import Alike, Grounds
from app.ui.labels import SafeLabel
from app.ui.pages.grounds_section import GroundsSection
from app.ui.pages.risk_section import RiskSection
from app.ui.pages.similar_section import SimilarSection
from app.ui.pages.since_last import SinceLast
from app.ui.pages.state_section import StateSection
from app.ui.translation import Speaking, number_text
from app.wording import best_simple, variable_label
from models.forecast import Forecast

WIDTHS = {"zh": 296, "en": 344}  # English names of symptoms are long
ROOMY = 900  # a narrower page needs its width for the course
SHOWN = 8  # variables listed before "show all"


def panel_width(room: int = 10_000) -> int:
    """Pixels the panel takes at least of a page ``room`` wide, in the user's language."""
    width = WIDTHS[i18n.language()] if room >= theme.px(ROOMY) else min(WIDTHS.values())
    return theme.px(width)


def order(forecast: Forecast) -> list[int]:
    """Variables by what matters now: symptoms before signs, the highest last value first, unseen ones last."""
    groups = {"symptom": 0, "lab": 1}

    def key(index: int) -> tuple[int, int, float, int]:
        variable = forecast.variables[index]
        if not is_seen(forecast, variable.name):
            return (1, groups.get(variable.group, 2), 0.0, index)
        return (0, groups.get(variable.group, 2), -float(forecast.last_value[variable.name]), index)

    return sorted(range(len(forecast.variables)), key=key)


def is_seen(forecast: Forecast, name: str) -> bool:
    """Whether any visit of the patient recorded the variable."""
    return bool(np.isfinite(forecast.last_value.get(name, np.nan)))


class ForecastPanel(Speaking, QScrollArea):
    """Shows one Outlook, or why there is none and what to do about it."""

    training_wanted = Signal()
    refresh_wanted = Signal()
    model_chosen = Signal(str)
    patient_wanted = Signal(str)  # a similar course

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("forecast_panel")
        self.setFixedWidth(panel_width())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._outlook: Outlook | None = None
        self._case: Case | None = None
        self._card: dict[str, Any] = {}
        self._told: tuple[list[str], str, dict[str, Any]] | None = None  # what is known of models
        self._state = "no patient"
        self._reason = ""
        self._all = False
        body = QWidget()
        body.setObjectName("side")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(theme.GAP)
        self._build()
        self.setWidget(body)
        self.retranslate()

    def _build(self) -> None:
        self.title = SafeLabel(bold=True)
        self.plan = SafeLabel(tone="muted", elide=True)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title)
        head.addWidget(self.plan, 1)
        self._models = QComboBox()
        self._models.activated.connect(self._choose_model)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._table_box = QWidget()
        self._table_row = QVBoxLayout(self._table_box)
        self._table_row.setContentsMargins(0, 0, 0, 0)
        self._more = QPushButton()
        self._more.setProperty("flat", True)
        self._more.clicked.connect(self._toggle_all)
        self.message = SafeLabel(tone="muted", wrap=True)
        self._act = QPushButton()
        self._act.clicked.connect(self._do)
        self._basis_title = SafeLabel(bold=True)
        self._basis = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.verdict = SafeLabel(size=theme.SMALL, wrap=True)
        self.grounds, self.similar, self.since_last = GroundsSection(), SimilarSection(), SinceLast()
        self.state, self.risks = StateSection(), RiskSection()
        self.similar.wanted.connect(self.patient_wanted)
        self.disclaimer = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self._column.addLayout(head)
        for widget in (self._models, self._busy, self._table_box, self._more, self.risks, self.message, self._act):
            self._column.addWidget(widget)
        self._column.addSpacing(4)
        for widget in (self._basis_title, self._basis, self.verdict, *self._sections(), self.disclaimer):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    @property
    def basis(self) -> str:
        return self._basis.text()

    def show_models(self, names: list[str], current: str, card: dict[str, Any]) -> None:
        """Models to choose from; the choice is offered only where there is one. Told at every change of the clinic."""
        told = names, current, card
        if told == self._told:
            return
        self._told, self._card = told, card
        self._models.clear()
        self._models.addItems(names)
        self._models.setCurrentIndex(self._models.findText(current))
        self._fill()

    def show_state(self, state: str, reason: str = "", patient: str = "") -> None:
        """One of "no patient", "no model", "waiting", "failed" (with the reason in the user's words).

        patient: whose forecast is waited for; what is shown of the same one stays until it comes
        """
        self._state, self._reason = state, reason
        self.state.show_trajectory(None)
        self.since_last.wait()
        self.grounds.wait()
        self.similar.wait()
        if state == "waiting" and self._outlook is not None and self._outlook.patient == patient:
            self._busy.show()
            self._fill_message()
            return
        self._outlook = None
        self._fill()

    def show_outlook(self, outlook: Outlook, card: dict[str, Any], case: Case | None = None) -> None:
        """case: gives the day of the last visit in the patient's own terms."""
        self._outlook, self._card, self._case, self._state = outlook, card, case, "ready"
        self.state.show_trajectory(outlook.trajectory)
        self._fill()

    def show_grounds(self, grounds: Grounds) -> None:
        if self._outlook is not None:
            forecast = self._outlook.forecast
            self.state.show_grounds(grounds)
            self.grounds.show_grounds(grounds, [forecast.names[i] for i in order(forecast)])

    def show_similar(self, alike: Alike, cases: Mapping[str, Case]) -> None:
        """cases: of the neighbours, by number."""
        self.similar.show_similar(alike, cases)

    def show_unexplained(self, ask: str, reason: str) -> None:
        """ask: "grounds" or "alike", which could not be told."""
        (self.grounds if ask == "grounds" else self.similar).fail(reason)

    def _sections(self) -> tuple[QWidget, ...]:
        """What is told of a forecast beside its table and what it rests on, in the order of the panel."""
        return self.since_last, self.grounds, self.state, self.similar

    def retranslate(self) -> None:
        self.title.setText(self.tr("Forecast"))
        self._basis_title.setText(self.tr("What it rests on"))
        self.setAccessibleName(self.tr("Forecast"))
        self._models.setAccessibleName(self.tr("Model"))
        self.disclaimer.setText(self.tr("For reference only; it does not replace a physician's diagnosis."))
        self._fill()

    def _fill(self) -> None:
        ready = self._outlook is not None
        self.plan.setText(self.tr("if the formula is continued") if ready else "")
        self._models.setVisible(self._models.count() > 1)
        self._busy.setVisible(self._state == "waiting")
        self._fill_message()
        self._fill_table()
        if self._outlook is not None:
            self.risks.show_forecast(self._outlook.forecast, self._outlook.course_end)
        else:
            self.risks.show_forecast(None)
        for widget in (self._basis_title, self._basis, *self._sections(), self.disclaimer):
            widget.setVisible(ready)
        if self._outlook is not None and self._state == "ready":
            self.since_last.show_surprises(self._outlook.surprises, self._outlook.forecast.variables, self._case)
        lines, verdict, good = self._say_basis() if ready else ("", "", True)
        self._basis.setText(lines)
        self.verdict.setText(verdict)
        self.verdict.set_tone("green" if good else "red")
        self.verdict.setVisible(bool(verdict))

    def _fill_message(self) -> None:
        texts = {
            "no patient": ("", ""),
            "no model": (
                self.tr(
                    "There is no model yet. Train one on the cases of this clinic to see where this course may go."
                ),
                self.tr("Train a model"),
            ),
            "waiting": ("" if self._outlook else self.tr("Computing the forecast…"), ""),
            "failed": (self._reason, self.tr("Try again")),
            "ready": ("", ""),
        }
        text, button = texts[self._state]
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self._act.setText(button)
        self._act.setVisible(bool(button))

    def _fill_table(self) -> None:
        while (item := self._table_row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._more.hide()
        if self._outlook is None:
            self._table_box.hide()
            return
        forecast = self._outlook.forecast
        everything = order(forecast)
        seen = [i for i in everything if is_seen(forecast, forecast.variables[i].name)]
        first = (seen or everything)[:SHOWN]
        if len(everything) > len(first):
            self._more.setText(
                self.tr("Show fewer") if self._all else self.tr("Show all {count}").format(count=len(everything))
            )
            self._more.show()
        table = self._table(everything if self._all else first, len(seen))
        self._table_row.addWidget(table)
        table.show()  # at once, not with the next layout: the message it replaces is gone already
        self._table_box.show()

    def _table(self, shown: list[int], seen: int) -> QWidget:
        """shown: variables in order, the first ``seen`` of them recorded in this patient."""
        assert self._outlook is not None
        forecast = self._outlook.forecast
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        for column, day in enumerate(forecast.at - self._outlook.course_end):
            head = SafeLabel(self.tr("+{days} days").format(days=f"{day:g}"), tone="muted", size=theme.SMALL)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, 1 + 2 * column, 1, 2)
        for line, index in enumerate(shown):
            variable = forecast.variables[index]
            row = 3 * line + 2
            grid.addWidget(_rule(), row - 1, 0, 1, 1 + 2 * len(forecast.at))
            if line == seen:
                head = SafeLabel(self.tr("never recorded in this patient:"), tone="muted", size=theme.SMALL)
                head.setContentsMargins(0, 8, 0, 0)
                grid.addWidget(head, row, 0, 1, 1 + 2 * len(forecast.at))
            name = SafeLabel(variable_label(variable), tone="text" if line < seen else "muted", elide=True)
            name.setMinimumHeight(theme.px(26))
            grid.addWidget(name, row + 1, 0)
            for column, (figure, beside) in enumerate(forecast_figures(forecast, index)):
                grid.addWidget(_figure(figure, "text"), row + 1, 1 + 2 * column)
                grid.addWidget(_figure(beside, "muted"), row + 1, 2 + 2 * column)
        return box

    def _say_basis(self) -> tuple[str, str, bool]:
        assert self._outlook is not None
        training: dict[str, Any] = self._card.get("training", {})
        score: dict[str, Any] = self._card.get("score", {})
        lines = [self.tr("Model {name}").format(name=self._outlook.model)]
        if training.get("patients"):
            lines.append(
                self.tr("Learned from {patients} cases, {visits} visits, {days} days at most").format(
                    patients=number_text(training["patients"], 0),
                    visits=number_text(training.get("visits") or 0, 0),
                    days=number_text(training.get("span_days") or 0, 0),
                )
            )
        if any(v.kind == "binary" for v in self._outlook.forecast.variables):
            lines.append(self.tr("%: chance that the sign is there, where the visit speaks of it at all"))
        coverage = self._card.get("coverage90")
        if coverage is not None:
            lines.append(self.tr("90% interval held {share} of what came").format(share=percent_text(coverage)))
        model, last = score.get("model"), score.get("last_value")
        if model is None or not last:
            return "\n".join(lines), "", True
        simple = best_simple(score)
        if simple is not None:
            text = self.tr("Error {model}; repeating the last value {last}; best simple forecast ({name}) {error}")
            if not simple.beaten:
                text = self.tr(
                    "Error {model}, no better than the best simple forecast ({name}) {error}; last value {last}"
                )
            figures = {"model": model, "last": last, "error": simple.error}
            shown = {name: number_text(value, 3) for name, value in figures.items()}
            lines.append(text.format(name=simple.label, **shown))
        gain = 100 * (1 - model / last)
        held = number_text(score.get("patients") or 0, 0)
        if score.get("beats_last_value", gain > 0):
            text = self.tr("Error {gain}% lower than repeating the last value ({held} held-out cases)")
            return "\n".join(lines), text.format(gain=number_text(gain, 0), held=held), True
        text = self.tr("Does not beat repeating the last value: do not rely on it ({held} held-out cases)")
        return "\n".join(lines), text.format(held=held), False

    def _choose_model(self, index: int) -> None:
        self.model_chosen.emit(self._models.itemText(index))

    def _toggle_all(self) -> None:
        self._all = not self._all
        self._fill_table()

    def _do(self) -> None:
        if self._state == "no model":
            self.training_wanted.emit()
        else:
            self.refresh_wanted.emit()


def _figure(text: str, tone: str) -> SafeLabel:
    label = SafeLabel(text, tone=tone, size=theme.BASE if tone == "text" else theme.SMALL, bold=tone == "text")
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
