"""A document read, not yet taken in: its text, the spans of its cases and visits, and what was found in them.

Plain data: a draft goes to JSON and back unchanged, so that the window, the command line and the store can keep it
while somebody reviews it. Every place is a place in ``Draft.text``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.units import UnitConvention
from app.importing.free_text.coding import Finding, code_visit
from app.importing.free_text.presented import Facts
from app.importing.free_text.splitting import CaseSpan, Span, VisitSpan
from app.importing.report import ImportReport

if TYPE_CHECKING:
    from app.importing.free_text.correcting import Correction

VERSION = 1
MAX_CODED = 30_000  # characters of a visit; a longer one is a book whose visits nobody marked, and is left uncoded


@dataclass(frozen=True, slots=True)
class DraftVisit:
    """text[start:end] is the visit with its label, text[text_start:end] what it says. findings: ordered by place."""

    start: int
    end: int
    text_start: int
    label: Span | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DraftCase:
    """text[start:end]; heading: what stands before the first visit. sex: "F", "M" or ""; age: years.

    places: fact (code, name, sex, age, chief) -> where the text says it
    """

    start: int
    end: int
    heading: Span
    code: str
    name: str
    sex: str
    age: float | None
    chief: str
    places: dict[str, Span]
    visits: tuple[DraftVisit, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """near: a year near which dates of the cycle of sixty (乙酉) lie, None where nobody said."""

    file: str
    text: str
    convention: UnitConvention
    near: int | None
    cases: tuple[DraftCase, ...]

    def corrected(self, corrections: Sequence[Correction]) -> Draft:
        """The draft with the reviewer's corrections; KnownError for one that names what is not there."""
        from app.importing.free_text.correcting import apply

        return apply(self, corrections)

    def accept(self, corrections: Sequence[Correction] = (), report: ImportReport | None = None) -> list[Case]:
        """The cases as corrected. report: hears what was inferred on the way (days, formulas, units)."""
        from app.importing.free_text.accepting import cases_of

        return cases_of(self.corrected(corrections), report or ImportReport())

    def to_dict(self) -> dict[str, Any]:
        return {"version": VERSION} | asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Draft:
        """The inverse of ``to_dict``, also through JSON; KnownError where the data are of another version or broken."""
        if data.get("version") != VERSION:
            raise KnownError(
                "A draft of version {found} cannot be opened; this program knows version {known}. Read the file again.",
                found=data.get("version"),
                known=VERSION,
            )
        try:
            return Draft(
                file=data["file"],
                text=data["text"],
                convention=UnitConvention(data["convention"]),
                near=data["near"],
                cases=tuple(_case_from(case) for case in data["cases"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise KnownError(
                "The draft is damaged ({why}): read the file again.", why=f"{type(error).__name__}: {error}"[:120]
            ) from error


def draft_case(text: str, span: CaseSpan) -> DraftCase:
    """The case of a span, every visit coded."""
    facts: Facts = span.facts
    return DraftCase(
        start=span.start,
        end=span.end,
        heading=span.heading,
        code=facts.code,
        name=facts.name,
        sex=facts.sex,
        age=facts.age,
        chief=facts.chief,
        places=dict(facts.places),
        visits=tuple(draft_visit(text, visit) for visit in span.visits),
    )


def draft_visit(text: str, span: VisitSpan) -> DraftVisit:
    words = text[span.text_start : span.end]
    coded = code_visit(words) if len(words) <= MAX_CODED else []
    findings = tuple(one.moved(span.text_start) for one in coded)
    return DraftVisit(span.start, span.end, span.text_start, span.label, findings)


def _case_from(data: Mapping[str, Any]) -> DraftCase:
    places = {fact: _span(place) for fact, place in data["places"].items()}
    visits = tuple(_visit_from(visit) for visit in data["visits"])
    return replace(DraftCase(**data), heading=_span(data["heading"]), places=places, visits=visits)


def _visit_from(data: Mapping[str, Any]) -> DraftVisit:
    label = None if data["label"] is None else _span(data["label"])
    return replace(DraftVisit(**data), label=label, findings=tuple(Finding(**one) for one in data["findings"]))


def _span(place: Sequence[int]) -> Span:
    start, end = place
    return start, end
