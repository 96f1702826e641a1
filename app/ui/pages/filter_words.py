"""A filter of patients in words: one for each thing it asks for."""

from __future__ import annotations

from dataclasses import replace

from app.domain.patient_filter import EVERYONE, TERMS, PatientFilter
from app.ui.translation import QT_TRANSLATE_NOOP, day_text, number_text, translate
from app.ui.words import person
from app.wording import concept_label

CONTEXT = "filters"
KINDS = {
    "diagnoses": QT_TRANSLATE_NOOP("filters", "Diagnosis"),
    "syndromes": QT_TRANSLATE_NOOP("filters", "Syndrome"),
    "formulas": QT_TRANSLATE_NOOP("filters", "Formula"),
    "herbs": QT_TRANSLATE_NOOP("filters", "Herb"),
    "tags": QT_TRANSLATE_NOOP("filters", "Tag"),
}
_FLAGS = {
    "pinned": QT_TRANSLATE_NOOP("filters", "pinned"),
    "worse": QT_TRANSLATE_NOOP("filters", "worse than at first"),
    "beyond": QT_TRANSLATE_NOOP("filters", "beyond expectation"),
    "at_risk": QT_TRANSLATE_NOOP("filters", "at risk"),
}
_SEEN = {
    "within": QT_TRANSLATE_NOOP("filters", "seen within {days} days"),
    "today": QT_TRANSLATE_NOOP("filters", "seen today"),
    "from": QT_TRANSLATE_NOOP("filters", "last visit from {date}"),
    "to": QT_TRANSLATE_NOOP("filters", "last visit to {date}"),
    "ages": QT_TRANSLATE_NOOP("filters", "age {low}–{high}"),
    "older": QT_TRANSLATE_NOOP("filters", "age {low} or more"),
    "younger": QT_TRANSLATE_NOOP("filters", "age {high} or less"),
}


def term(key: str) -> str:
    """A code in the user's language, or the words of the record."""
    return concept_label(key)


def words(asked: PatientFilter) -> list[tuple[str, str, str]]:
    """(field, term or "", words) of each thing asked for; the text of the search field aside."""
    found = [(kind, key, key if kind == "tags" else term(key)) for kind in TERMS for key in getattr(asked, kind)]
    if asked.seen_within is not None:
        name = "within" if asked.seen_within else "today"
        found.append(("seen_within", "", _said(name, days=number_text(asked.seen_within, 0))))
    if asked.seen_from is not None:
        found.append(("seen_from", "", _said("from", date=day_text(asked.seen_from))))
    if asked.seen_to is not None:
        found.append(("seen_to", "", _said("to", date=day_text(asked.seen_to))))
    if asked.sex:
        found.append(("sex", "", person(asked.sex, None)))
    ends = {"low": asked.age_from, "high": asked.age_to}
    given = {name: number_text(age, 0) for name, age in ends.items() if age is not None}
    if given:
        found.append(
            ("age", "", _said("ages" if len(given) == 2 else "older" if "low" in given else "younger", **given))
        )
    found += [(name, "", translate(CONTEXT, text)) for name, text in _FLAGS.items() if getattr(asked, name)]
    return found


def without(asked: PatientFilter, field: str, key: str) -> PatientFilter:
    """The filter that no longer asks for one of ``words``."""
    if field == "age":
        return replace(asked, age_from=None, age_to=None)
    if field in TERMS:
        return replace(asked, **{field: tuple(one for one in getattr(asked, field) if one != key)})
    return replace(asked, **{field: getattr(EVERYONE, field)})


def _said(name: str, **values: str) -> str:
    return translate(CONTEXT, _SEEN[name]).format(**values)
