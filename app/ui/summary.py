"""What the header says of a case: diagnosis, visits, days, and how far the symptoms have come (疗效指数)."""

from __future__ import annotations

from dataclasses import dataclass

from app import i18n
from app.domain.comparison.visits import effect_between, scored
from app.domain.records import Case, DateBasis
from app.wording import concept_label


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """diagnosis: disease and syndrome as last given, else the chief complaint.

    effect: share of the first total score that is gone (1 all, negative worse) over the symptoms the first and the last
    scored visit both grade, None where unknown
    """

    diagnosis: str
    visits: int
    days: float | None  # None where the days were only placed by the order of visits
    effect: float | None
    effect_class: str


def summarise(case: Case) -> CaseSummary:
    visits = case.visits
    days = visits[-1].day - visits[0].day if len(visits) > 1 else None
    if any(visit.basis is DateBasis.ORDER for visit in visits):
        days = None
    told = [visit for visit in visits if scored(visit)]
    effect = effect_between(told[0], told[-1]) if len(told) > 1 else None
    return CaseSummary(
        diagnosis=diagnosis(case),
        visits=len(visits),
        days=days,
        effect=effect.index if effect is not None else None,
        effect_class=effect.label if effect is not None else "",
    )


def diagnosis(case: Case) -> str:
    """Disease and syndrome of the last visit that gives any: in its own words, in English by the vocabulary."""
    for visit in reversed(case.visits):
        given = [d for kind in ("disease", "syndrome") for d in visit.diagnoses if d.kind == kind and d.text]
        words = [concept_label(d.code) if d.code and i18n.language() == "en" else d.text for d in given]
        if words:
            return " ".join(dict.fromkeys(words))
    return case.patient.chief
