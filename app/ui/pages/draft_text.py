"""The original of one case: what was found stands out by its kind, and a click chooses it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.labels import SafeText

if TYPE_CHECKING:
    from app.importing.free_text.coding import Finding
    from app.importing.free_text.draft import DraftCase

TONES = {
    "symptom": "red",
    "tongue": "gold",
    "pulse": "accent",
    "herb": "green",
    "syndrome": "blue",
    "disease": "blue",
    "western": "blue",
    "method": "metal",
    "outcome": "metal",
}
FAINT, STRONG = 0.16, 0.45


class DraftText(SafeText):
    """All places are places in the document, not in what is shown of it. touched: where the person clicked."""

    touched = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._begin, self._length = 0, 0
        self._shown = ""  # Qt gives back a no-break space as a space
        self._wide: list[int] = []  # places of characters that Qt counts twice
        self._findings: Sequence[Finding] = ()
        self._labels: Sequence[tuple[int, int]] = ()
        self._chosen: Finding | None = None
        self._quiet = False
        self.cursorPositionChanged.connect(self._tell)
        theme.notifier.changed.connect(self._paint)

    def show_case(self, text: str, case: DraftCase) -> None:
        """text: of the whole document."""
        shown = text[case.start : case.end]
        self._findings = [found for visit in case.visits for found in visit.findings]
        self._labels = [visit.label for visit in case.visits if visit.label is not None]
        self._chosen = None
        self._quiet = True  # the cursor moves with the text, and nobody clicked
        if shown != self._shown or case.start != self._begin:
            self._begin, self._length, self._shown = case.start, len(shown), shown
            self._wide = [at for at, character in enumerate(shown) if ord(character) > 0xFFFF]
            self.setPlainText(shown)
        self._quiet = False
        self._paint()

    def choose(self, found: Finding | None, *, go_there: bool = True) -> None:
        """Make it stand out."""
        self._chosen = found
        if found is not None and go_there:
            cursor = self._between(found.start, found.start)
            self._quiet = True
            self.setTextCursor(cursor)
            self._quiet = False
            self.ensureCursorVisible()
        self._paint()

    def place(self) -> int:
        """Where the cursor is."""
        return self._place(self.textCursor().position())

    def selected(self) -> tuple[int, int]:
        """The words marked by the person; empty where the two are equal."""
        cursor = self.textCursor()
        return self._place(cursor.selectionStart()), self._place(cursor.selectionEnd())

    def forget(self) -> None:
        self._findings, self._labels, self._chosen, self._shown = (), (), None, ""
        self.setPlainText("")
        self.mark([])

    def _tell(self) -> None:
        if not self._quiet and not self.textCursor().hasSelection():
            self.touched.emit(self.place())

    def _paint(self, *_: object) -> None:
        marks = [self._mark(start, end, "muted", 0.0, bold=True) for start, end in self._labels]
        for found in self._findings:
            strength = STRONG if found is self._chosen else FAINT
            marks.append(self._mark(found.start, found.end, TONES[found.kind], strength, denied=found.negated))
        self.mark(marks)

    def _mark(
        self, start: int, end: int, tone: str, strength: float, *, bold: bool = False, denied: bool = False
    ) -> tuple[QTextCursor, QTextCharFormat]:
        look = QTextCharFormat()
        if strength:
            look.setBackground(theme.current().color(tone, strength))
        if bold:
            look.setFontWeight(QFont.Weight.Bold)
        if denied:  # not by colour alone
            look.setFontStrikeOut(True)
        return self._between(start, end), look

    def _between(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(start))
        cursor.setPosition(self._position(end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _position(self, place: int) -> int:
        within = min(max(0, place - self._begin), self._length)
        return within + bisect_left(self._wide, within)

    def _place(self, position: int) -> int:
        within = position
        while within and within + bisect_left(self._wide, within) > position:
            within -= 1
        return self._begin + within
