"""The effect index in large, with its class and the sums it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from app import comparison_words as words
from app.domain.comparison import Effect
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.words import effect_word

LARGE = 24


class EffectBlock(QFrame):
    """title: whose index it is, or between which visits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.large = SafeLabel(size=LARGE, bold=True)
        self.basis = SafeLabel(tone="muted", wrap=True)
        self.more = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self.title)
        left.addWidget(self.large)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.basis)
        right.addWidget(self.more)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(12, 8, 12, 8)
        self._parts.addLayout(left)
        self._parts.addLayout(right, 1)
        self.stack(False)

    def stack(self, stacked: bool) -> None:
        """The sums below the index, where two blocks share the width."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._parts.setDirection(down if stacked else across)
        self._parts.setSpacing(2 if stacked else theme.WIDE_GAP)

    def tell(self, title: str, effect: Effect | None, more: Sequence[str] = ()) -> None:
        """more: the indices of visits in between."""
        self.title.setText(title)
        self.large.setText(words.effect_title(effect, effect_word))
        index = effect.index if effect is not None else None
        self.large.set_tone("muted" if index is None else "red" if index < 0 else "green" if index > 0 else "text")
        self.basis.setText(words.effect_basis(effect))
        self.more.setText(" · ".join(more))
        self.more.setVisible(bool(more))
        self.setAccessibleName(". ".join(part for part in (title, self.large.text(), self.basis.text()) if part))
