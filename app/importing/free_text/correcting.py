"""What a reviewer changes in a draft: findings dropped, recoded or added, boundaries moved, facts set right.

Boundaries come first, whatever the order given: a visit whose span changes is read anew, and its findings are then
corrected like all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from app.domain.errors import KnownError
from app.importing.free_text.coding import KINDS, Finding
from app.importing.free_text.draft import Draft, DraftCase, DraftVisit, draft_case, draft_visit
from app.importing.free_text.splitting import case_at, visit_at

_T = TypeVar("_T", DraftCase, DraftVisit)
ACTIONS = ("drop", "recode", "add", "cut", "join", "move", "fact")
FACTS = ("code", "name", "sex", "age", "chief")


@dataclass(frozen=True, slots=True)
class Correction:
    """One change. do:

    "drop", "recode"       the finding (start, end, kind, code); its new code is ``to``, with ``negated``
    "add"                  a finding (start, end, kind, code, negated, detail, change)
    "cut", "join", "move"  the boundary of a "case" or "visit" (kind) at start: made, taken away, taken to end
    "fact"                 of the case that begins at start: kind is the fact, ``to`` its value ("" for none)
    """

    do: str
    start: int
    end: int = 0
    kind: str = ""
    code: str = ""
    to: str = ""
    negated: bool = False
    detail: str = ""
    change: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Correction:
        known = {field.name for field in fields(Correction)}
        if not {"do", "start"} <= data.keys() <= known or data["do"] not in ACTIONS:
            raise KnownError("A correction is not understood: {what}. Read the file again.", what=str(data)[:120])
        return Correction(**data)


def apply(draft: Draft, corrections: Sequence[Correction]) -> Draft:
    """KnownError for a correction that names a finding, boundary or case that is not there."""
    corrected = _rebounded(draft, [one for one in corrections if one.do in ("cut", "join", "move")])
    for one in corrections:
        if one.do == "fact":
            corrected = _with_fact(corrected, one)
        elif one.do in ("drop", "recode", "add"):
            corrected = _with_finding(corrected, one)
    return corrected


def _missing(one: Correction) -> KnownError:
    return KnownError(
        "The correction {do} of {kind} at character {start} fits nothing in the document; review it again.",
        do=one.do,
        kind=one.kind or "-",
        start=one.start,
    )


def _rebounded(draft: Draft, corrections: Sequence[Correction]) -> Draft:
    if not corrections:
        return draft
    starts = {
        "case": {case.start for case in draft.cases},
        "visit": {visit.start for case in draft.cases for visit in case.visits},
    }
    for one in corrections:
        places = starts.get(one.kind)
        if places is None or (one.do == "cut") == (one.start in places):
            raise _missing(one)
        place = one.end if one.do == "move" else one.start
        if not 0 <= place < len(draft.text):
            raise _missing(one)
        places.discard(one.start)
        if one.do != "join":
            places.add(place)
    cases = sorted(starts["case"])
    if not cases:
        raise _missing(corrections[-1])
    ends = [*cases[1:], len(draft.text)]
    return replace(
        draft,
        cases=tuple(
            _case_between(draft, start, end, sorted(v for v in starts["visit"] if start <= v < end))
            for start, end in zip(cases, ends, strict=True)
        ),
    )


def _case_between(draft: Draft, start: int, end: int, visits: list[int]) -> DraftCase:
    """The case as it was where nothing of it changed; a visit as it was where its span did not change."""
    before = next((case for case in draft.cases if case.start == start), None)
    if before is not None and before.end == end and [visit.start for visit in before.visits] == visits:
        return before
    known = {(visit.start, visit.end): visit for case in draft.cases for visit in case.visits}
    if not visits:
        made = draft_case(draft.text, case_at(draft.text, start, end))
    else:
        ends = [*visits[1:], end]
        spans = [visit_at(draft.text, first, last) for first, last in zip(visits, ends, strict=True)]
        found = tuple(known.get((span.start, span.end)) or draft_visit(draft.text, span) for span in spans)
        made = before or draft_case(draft.text, replace(case_at(draft.text, start, end), visits=()))
        made = replace(made, visits=found)
    return replace(made, start=start, end=end, heading=(start, max(start, made.visits[0].start)))


def _with_fact(draft: Draft, one: Correction) -> Draft:
    if one.kind not in FACTS or one.start not in {case.start for case in draft.cases}:
        raise _missing(one)
    value: str | float | None = one.to.strip()
    if one.kind == "age":
        try:
            value = float(one.to) if one.to.strip() else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value <= 130:
            raise KnownError("An age is a number of years from 0 to 130, not {value}.", value=one.to[:20])
    if one.kind == "sex" and value not in ("F", "M", ""):
        raise _missing(one)
    cases = (replace(case, **{one.kind: value}) if case.start == one.start else case for case in draft.cases)
    return replace(draft, cases=tuple(cases))


def _with_finding(draft: Draft, one: Correction) -> Draft:
    place = next(
        (
            (c, v)
            for c, case in enumerate(draft.cases)
            for v, visit in enumerate(case.visits)
            if visit.text_start <= one.start < one.end <= visit.end
        ),
        None,
    )
    if place is None or one.kind not in KINDS:
        raise _missing(one)
    case = draft.cases[place[0]]
    visit = case.visits[place[1]]
    if one.do == "add" and any(_key(found) == (one.start, one.end, one.kind, one.code) for found in visit.findings):
        raise KnownError("That was found in these words already.")
    if one.do == "add":
        words = draft.text[one.start : one.end]
        added = Finding(one.start, one.end, one.kind, one.code, one.negated, words, one.detail, one.change)
        findings = _ordered([*visit.findings, added])
    else:
        key = (one.start, one.end, one.kind, one.code)
        if not any(_key(found) == key for found in visit.findings):
            raise _missing(one)
        findings = tuple(
            replace(found, code=one.to, negated=one.negated) if _key(found) == key else found
            for found in visit.findings
            if one.do == "recode" or _key(found) != key
        )
    visits = _replaced(case.visits, place[1], replace(visit, findings=findings))
    return replace(draft, cases=_replaced(draft.cases, place[0], replace(case, visits=visits)))


def _key(found: Finding) -> tuple[int, int, str, str]:
    return found.start, found.end, found.kind, found.code


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (one.start, one.end, one.kind, one.code)))


def _replaced(items: tuple[_T, ...], at: int, item: _T) -> tuple[_T, ...]:
    return (*items[:at], item, *items[at + 1 :])
