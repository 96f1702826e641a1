"""Two versions of one visit told apart in words: what the record says now, and what somebody is about to save."""

from __future__ import annotations

from dataclasses import dataclass

from app.comparison_words import cell_text, row_label
from app.domain.comparison import compare_visits
from app.domain.records import Visit
from app.i18n import t
from app.reporting import words


@dataclass(frozen=True, slots=True)
class Difference:
    """theirs: as the record has it now; ours: as it is about to be saved."""

    name: str
    theirs: str
    ours: str


def differences(theirs: Visit, ours: Visit) -> list[Difference]:
    """Field by field: when, the findings and the formula, then outcome and note. [] where they say the same."""
    found = [
        Difference(row_label(row), cell_text(row, row.before), cell_text(row, row.after))
        for row in compare_visits(theirs, ours)
        if row.differs
    ]
    when = (t("Date"), _when(theirs), _when(ours))
    ends = (
        (t("Outcome"), words.outcome(theirs.outcome), words.outcome(ours.outcome)),
        (t("Note"), words.clean(theirs.text), words.clean(ours.text)),
    )
    first = [Difference(*when)] if when[1] != when[2] else []
    nothing = t("not recorded")
    rest = [Difference(name, a or nothing, b or nothing) for name, a, b in ends if a != b]
    return [*first, *found, *rest]


def _when(visit: Visit) -> str:
    return words.date_word(visit.date) or words.day_word(visit.day)
