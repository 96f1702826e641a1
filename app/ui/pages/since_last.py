"""What came at the last visit beside the forecast made before it: the values that lay outside, in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import i18n
from app.domain.records import Case
from app.ui import theme
from app.ui.figures import figure_texts
from app.ui.labels import SafeLabel
from app.ui.plots.axis import TimeAxis
from app.ui.translation import Speaking
from app.wording import chance_text, interval_text, variable_label
from models.course import Variable
from models.surprise import Surprise

TOLD = 3  # sentences at most; the rest is counted


class SinceLast(Speaking, QWidget):
    """Sentences in red for values outside their 90 % interval, one quiet line for the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: Sequence[Surprise] = ()
        self._variables: dict[str, Variable] = {}
        self._case: Case | None = None
        self.title = SafeLabel(bold=True)
        self.outside = SafeLabel(tone="red", size=theme.SMALL, wrap=True)
        self.inside = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for label in (self.title, self.outside, self.inside):
            column.addWidget(label)
        self.retranslate()

    def wait(self) -> None:
        """Another patient's forecast is on its way."""
        self._told, self._case = (), None
        self.outside.setText("")
        self.inside.setText(self.tr("Being compared…"))

    def show_surprises(self, told: Sequence[Surprise], variables: Sequence[Variable], case: Case | None) -> None:
        """told: the least expected first; case: gives the day in the patient's own terms."""
        self._told, self._case = told, case
        self._variables = {variable.name: variable for variable in variables}
        self._fill()

    def retranslate(self) -> None:
        self.title.setText(self.tr("Since the last forecast"))
        self._fill()

    def _fill(self) -> None:
        beyond = [one for one in self._told if one.outside]
        within = len(self._told) - len(beyond)
        sentences = [self._sentence(one) for one in beyond[:TOLD]]
        if len(beyond) > TOLD:
            sentences.append(self.tr("%n more value(s) beyond expectation", "", len(beyond) - TOLD))
        self.outside.setText("\n".join(sentences))
        self.outside.setVisible(bool(sentences))
        if not self._told:
            self.inside.setText(self.tr("Nothing was forecast before the first visit; the next one will tell."))
        elif beyond:
            self.inside.setText(self.tr("%n other value(s) as expected", "", within))
        else:
            text = self.tr("%n value(s), all inside the 90% interval of the forecast before", "", within)
            self.inside.setText(f"{self._when()} {text}".strip())
        self.inside.setVisible(bool(within) or not self._told)

    def _when(self) -> str:
        if self._case is None or not self._case.visits:
            return ""
        return TimeAxis(self._case.visits, i18n.language()).visit_label(self._case.visits[-1])

    def _sentence(self, one: Surprise) -> str:
        variable = self._variables[one.name]
        place = f"{self._when()} {variable_label(variable)}".strip()
        chance = chance_text((1.0 - one.beyond) / 2)
        if variable.kind == "binary":
            text = self.tr("{what}: present, which had a chance of {chance}")
            if not one.value:
                text = self.tr("{what}: absent, which had a chance of {chance}")
            return text.format(what=place, chance=chance)
        if variable.kind == "categorical":
            level = variable.levels[int(one.value)] if one.value < len(variable.levels) else f"{one.value:g}"
            return self.tr("{what}: {level}, which had a chance of {chance}").format(
                what=place, level=level, chance=chance
            )
        digits = _digits(one)
        value, _ = figure_texts(one.value, one.low, one.high, 0 if one.value == round(one.value) else digits)
        figure = f"{value} {variable.unit}" if variable.unit else value
        if variable.group == "symptom" and variable.kind == "ordinal":
            figure = self.tr("scored {value}").format(value=value)
        low, high = (figure_texts(end, one.low, one.high, digits)[0] for end in (one.low, one.high))
        text = self.tr("{what} {figure}, above the expected {interval} (chance of so much {chance})")
        if not one.higher:
            text = self.tr("{what} {figure}, below the expected {interval} (chance of so little {chance})")
        return text.format(what=place, figure=figure, interval=interval_text(low, high), chance=chance)


def _digits(one: Surprise) -> int:
    """Decimals that tell the value from the end of the interval it lies beyond."""
    end = one.high if one.higher else one.low
    return 1 if round(one.value, 1) != round(end, 1) else 2
