"""A new passphrase, typed twice, with a hint how hard it is to guess. Also shown where one is set anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.strength import Strength, strength
from app.ui.translation import Speaking

MIN_LENGTH = 8  # as the store demands; a test compares them
_TONES = {Strength.POOR: "red", Strength.FAIR: "gold", Strength.GOOD: "green", Strength.STRONG: "green"}


class Meter(QWidget):
    """Four short strokes, filled as far as the strength goes; the words beside it say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level: Strength | None = None
        theme.follow(self, "setFixedHeight", 4)
        theme.notifier.changed.connect(self._repaint)

    def show_level(self, level: Strength | None) -> None:
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors, gap = theme.current(), 4
        width = (self.width() - gap * (len(Strength) - 1)) / len(Strength)
        for step in Strength:
            filled = self._level is not None and step <= self._level
            tone = _TONES[self._level] if filled and self._level is not None else "line"
            painter.fillRect(round(step * (width + gap)), 0, round(width), self.height(), colors.color(tone))

    def _repaint(self, *_: object) -> None:
        self.update()


class PassphraseFields(Speaking, QWidget):
    """changed: what was typed; ask ``ready`` then."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.again = QLineEdit(), QLineEdit()
        self._words = [SafeLabel(tone="muted") for _ in range(2)]
        form = QFormLayout()
        form.setVerticalSpacing(theme.GAP)
        form.setHorizontalSpacing(12)
        for word, field in zip(self._words, (self.first, self.again), strict=True):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.textChanged.connect(self._tell)
            word.setBuddy(field)
            form.addRow(word, field)
        self.meter = Meter()
        self.hint = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.shown = QCheckBox()
        self.shown.toggled.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addLayout(form)
        column.addWidget(self.meter)
        column.addWidget(self.hint)
        column.addWidget(self.shown)
        self.retranslate()

    @property
    def ready(self) -> bool:
        """Long enough, and twice the same."""
        text = self.first.text()
        return len(text) >= MIN_LENGTH and text == self.again.text()

    def passphrase(self) -> str:
        return self.first.text()

    def align(self, words: Sequence[QWidget]) -> None:
        """Words above these fields in the same form: all get the width of the widest, so the fields stand in line."""
        every = (*words, *self._words)
        width = max(word.sizeHint().width() for word in every)
        for word in every:
            word.setMinimumWidth(width)

    def clear(self) -> None:
        self.first.clear()
        self.again.clear()

    def retranslate(self) -> None:
        self._words[0].setText(self.tr("Passphrase"))
        self._words[1].setText(self.tr("Once more"))
        self.shown.setText(self.tr("Show what is typed"))
        self._tell()

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.first.setEchoMode(mode)
        self.again.setEchoMode(mode)

    def _tell(self, *_: object) -> None:
        text, again = self.first.text(), self.again.text()
        level = strength(text) if text else None
        tone = "muted"
        if level is None:
            words = self.tr("Several words that do not belong together are easy to keep and hard to guess.")
        elif len(text) < MIN_LENGTH:
            words = self.tr("Too short: at least {n} characters.").format(n=MIN_LENGTH)
            level, tone = Strength.POOR, "red"
        elif again and again != text:
            words, tone = self.tr("The two are not the same."), "red"
        else:
            words = {
                Strength.POOR: self.tr("Weak: guessed soon. Make it longer, or less usual."),
                Strength.FAIR: self.tr("Fair: keeps the curious out. A few more words would make it good."),
                Strength.GOOD: self.tr("Good: years of guessing."),
                Strength.STRONG: self.tr("Strong."),
            }[level]
            tone = _TONES[level]
        self.meter.show_level(level)
        self.hint.set_tone(tone)
        self.hint.setText(words)
        self.changed.emit()
