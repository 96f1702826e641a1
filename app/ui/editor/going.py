"""Going about the form by keyboard: from field to field, from section to section, always in sight."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from app.ui.editor.form_body import FormBody

MARGIN = 40  # pixels in sight above and below the field the keyboard is in


class GoingAbout(QObject):
    """before, after: what Tab goes through above and below the form; the first below it ends the sections."""

    def __init__(
        self, body: FormBody, scroller: QScrollArea, before: list[QWidget], after: list[QWidget], owner: QWidget
    ) -> None:
        super().__init__(owner)
        self._body, self._scroller, self._owner = body, scroller, owner
        self._before, self._after = before, after
        body.scores.left.connect(self._leave_scores)
        body.symptom.onward.connect(body.pulse.enter)
        body.pulse.line.onward.connect(self._leave_pulse)
        body.labs.left.connect(self._leave_labs)
        body.formula.line.onward.connect(self._leave_formula)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._reveal)

    def order_tabs(self) -> None:
        """Tab goes down the form, whatever row was made last."""
        for before, after in pairwise([*self._before, *self._body.fields(), *self._after]):
            QWidget.setTabOrder(before, after)

    def next_section(self) -> None:
        self._go_section(1)

    def previous_section(self) -> None:
        self._go_section(-1)

    def reveal_focus(self) -> None:
        self._reveal(None, QApplication.focusWidget())

    def _sections(self) -> list[tuple[QWidget, Callable[[], None]]]:
        body, end = self._body, self._after[0]
        return [
            (body.scores, body.enter),
            (body.symptom, body.symptom.setFocus),
            (body.pulse, body.pulse.enter),
            (body.tongue, body.tongue.enter),
            (body.labs, body.labs.enter),
            (body.syndrome, body.syndrome.setFocus),
            (body.formula, body.formula.enter),
            (body.note, body.note.setFocus),
            (end, end.setFocus),
        ]

    def _go_section(self, by: int) -> None:
        sections = self._sections()
        focus = self._owner.focusWidget()
        at = next(
            (
                i
                for i, (one, _) in enumerate(sections)
                if focus is not None and (focus is one or one.isAncestorOf(focus))
            ),
            -1,
        )
        sections[min(max(at + by, 0), len(sections) - 1)][1]()

    def _reveal(self, _: QWidget | None, now: QWidget | None) -> None:
        """Wherever the keyboard goes, by whichever key: it is in sight, with what belongs to it where there is room."""
        if now is not None and self._body.isAncestorOf(now):
            section = next((one for one, _ in self._sections() if one.isAncestorOf(now)), now)
            for widget in (section, now):  # whole: Qt's own way would show where the cursor is
                top = widget.mapTo(self._body, QPoint(0, 0)).y()
                self._scroller.ensureVisible(0, top + widget.height(), 0, MARGIN)
                self._scroller.ensureVisible(0, top, 0, MARGIN)

    def _leave_scores(self, by: int) -> None:
        (self._body.symptom if by > 0 else self._after[-1]).setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_pulse(self) -> None:
        """To the values this patient is measured by, where there are any; nobody has to pass an empty section."""
        (self._body.labs if self._body.labs.rows else self._body.formula).enter()

    def _leave_labs(self, by: int) -> None:
        (self._body.formula if by > 0 else self._body.pulse).enter()

    def _leave_formula(self) -> None:
        reasons = self._body.formula.unanswered()
        if reasons:
            self._body.formula.enter_reason(reasons[0])
        else:
            self._after[0].setFocus(Qt.FocusReason.OtherFocusReason)
