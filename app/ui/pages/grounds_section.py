"""What of this patient's record raises and lowers the forecast, in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui import theme
from app.ui.figures import figure_texts
from app.ui.insight import Effect, Grounds
from app.ui.insight_words import effect_word, signed
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking, number_text
from app.wording import chance_text, variable_label

TOLD = 2  # variables
PARTS = 2  # raising, and lowering
FIGURE, CHANCE = 0.05, 0.02  # smaller effects are not worth a word
_LINES = 4  # room kept for the words, so that nothing below moves when they come


class GroundsSection(Speaking, QWidget):
    """A sentence for each of the first variables of the forecast's table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grounds: Grounds | None = None
        self._names: Sequence[str] = ()
        self._reason = ""
        self.title = SafeLabel(bold=True)
        self.words = SafeLabel(size=theme.SMALL, wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        theme.follow(self.words, "setMinimumHeight", _LINES * (theme.SMALL + 5))
        self.note = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for label in (self.title, self.words, self.note):
            column.addWidget(label)
        self.retranslate()

    def wait(self) -> None:
        """A forecast is there, its grounds are not yet."""
        self._grounds, self._reason = None, ""
        self._fill()

    def fail(self, reason: str) -> None:
        self._grounds, self._reason = None, reason
        self._fill()

    def show_grounds(self, grounds: Grounds, names: Sequence[str]) -> None:
        """names: of the variables in the order of the table, of which the first are told of."""
        self._grounds, self._names, self._reason = grounds, names, ""
        self._fill()

    def retranslate(self) -> None:
        self.title.setText(self.tr("What raises and lowers it"))
        self.note.setText(self.tr("Each as if it alone were not known; explains the model, not cause and effect."))
        self._fill()

    def _fill(self) -> None:
        grounds = self._grounds
        if grounds is None:
            self.words.setText(self._reason or self.tr("Being worked out…"))
            self.words.set_tone("muted")
            return
        told = [name for name in self._names if name in grounds.influences][:TOLD]
        self.words.set_tone("text")
        self.words.setText("\n".join(self._sentence(grounds, name) for name in told))

    def _sentence(self, grounds: Grounds, name: str) -> str:
        variable, mean = grounds.variables[name], grounds.forecast[name]
        chance = variable.kind == "binary"
        figure = chance_text(min(max(mean, 0.0), 1.0)) if chance else figure_texts(mean, mean, mean)[0]
        least = CHANCE if chance else FIGURE
        strong = [one for one in grounds.influences[name] if abs(one.size) >= least]
        raising, lowering = ([one for one in strong if (one.size > 0) == up][:PARTS] for up in (True, False))
        parts = []
        if raising:
            parts.append(self.tr("raised by {parts}").format(parts=self._listed(grounds, raising, chance)))
        if lowering:
            parts.append(self.tr("lowered by {parts}").format(parts=self._listed(grounds, lowering, chance)))
        return self.tr("{variable} in {days} days, {figure}: {parts}").format(
            variable=variable_label(variable),
            days=number_text(grounds.ahead, 0),
            figure=figure,
            parts=self.tr("; ").join(parts) or self.tr("no single part of the record moves it much"),
        )

    def _listed(self, grounds: Grounds, effects: Sequence[Effect], chance: bool) -> str:
        each = [f"{effect_word(one, grounds.variables)} {signed(one.size, chance=chance)}" for one in effects]
        return self.tr(", ").join(each)
