"""Fields of patients and visits in words, for the table of what was changed."""

from __future__ import annotations

from typing import Any

from app.ui.translation import QT_TRANSLATE_NOOP, figure_text, translate
from app.wording import concept_label

CONTEXT = "fields"
FIELDS = {
    "code": QT_TRANSLATE_NOOP("fields", "number of the patient"),
    "name": QT_TRANSLATE_NOOP("fields", "name"),
    "sex": QT_TRANSLATE_NOOP("fields", "sex"),
    "birth_date": QT_TRANSLATE_NOOP("fields", "birth date"),
    "age": QT_TRANSLATE_NOOP("fields", "age"),
    "chief": QT_TRANSLATE_NOOP("fields", "chief complaint"),
    "note": QT_TRANSLATE_NOOP("fields", "note"),
    "attributes": QT_TRANSLATE_NOOP("fields", "further data"),
    "number": QT_TRANSLATE_NOOP("fields", "number of the visit"),
    "kind": QT_TRANSLATE_NOOP("fields", "first or follow-up"),
    "day": QT_TRANSLATE_NOOP("fields", "day"),
    "basis": QT_TRANSLATE_NOOP("fields", "how the day is known"),
    "date": QT_TRANSLATE_NOOP("fields", "date"),
    "label": QT_TRANSLATE_NOOP("fields", "heading"),
    "text": QT_TRANSLATE_NOOP("fields", "text"),
    "observations": QT_TRANSLATE_NOOP("fields", "findings"),
    "pulses": QT_TRANSLATE_NOOP("fields", "pulse"),
    "diagnoses": QT_TRANSLATE_NOOP("fields", "diagnosis"),
    "prescriptions": QT_TRANSLATE_NOOP("fields", "formula"),
    "outcome": QT_TRANSLATE_NOOP("fields", "outcome"),
}
VALUES = {
    ("kind", "first"): QT_TRANSLATE_NOOP("fields", "first visit"),
    ("kind", "follow_up"): QT_TRANSLATE_NOOP("fields", "follow-up visit"),
    ("basis", "exact"): QT_TRANSLATE_NOOP("fields", "by its date"),
    ("basis", "relative"): QT_TRANSLATE_NOOP("fields", "by the days between visits"),
    ("basis", "order"): QT_TRANSLATE_NOOP("fields", "by the order of visits only"),
    ("sex", "F"): QT_TRANSLATE_NOOP("words", "F"),
    ("sex", "M"): QT_TRANSLATE_NOOP("words", "M"),
}
PLACES = {
    "left": QT_TRANSLATE_NOOP("fields", "left"),
    "right": QT_TRANSLATE_NOOP("fields", "right"),
    "both": "",
    "cun": QT_TRANSLATE_NOOP("fields", "cun"),
    "guan": QT_TRANSLATE_NOOP("fields", "guan"),
    "chi": QT_TRANSLATE_NOOP("fields", "chi"),
    "whole": "",
}
NOTHING = "–"


def field_word(name: str) -> str:
    return translate(CONTEXT, FIELDS[name]) if name in FIELDS else name


def pair_text(name: str, old: Any, new: Any) -> tuple[str, str]:
    """Old and new value in words; of lists only what the other one lacks."""
    if isinstance(old, list) and isinstance(new, list):
        return _list(name, [one for one in old if one not in new]), _list(name, [one for one in new if one not in old])
    return value_text(name, old), value_text(name, new)


def value_text(name: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if (name, value if isinstance(value, str) else None) in VALUES:
        context = "words" if name == "sex" else CONTEXT
        return translate(context, VALUES[name, value])
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return figure_text(value)
    if isinstance(value, list):
        return _list(name, value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {said}" for key, said in value.items())
    return str(value)


def _list(name: str, values: list[Any]) -> str:
    tell = {"observations": _finding, "pulses": _pulse, "diagnoses": _diagnosis, "prescriptions": _formula}.get(name)
    return "; ".join(tell(one) if tell is not None else str(one) for one in values) or NOTHING


def _finding(one: dict[str, Any]) -> str:
    label = concept_label(one["concept"])
    if one["negated"]:
        return translate(CONTEXT, QT_TRANSLATE_NOOP("fields", "no {sign}")).format(sign=label)
    if one["kind"] in ("number", "score") and one["number"] is not None:
        return f"{label} {value_text('', one['number'])} {one['unit']}".rstrip()
    return f"{label} {one['text']}".rstrip() if one["kind"] == "text" else label


def _pulse(one: dict[str, Any]) -> str:
    place = "".join(translate(CONTEXT, PLACES[key]) for key in (one["side"], one["position"]) if PLACES.get(key))
    return " ".join(part for part in (place, one["raw"] or " ".join(map(concept_label, one["terms"]))) if part)


def _diagnosis(one: dict[str, Any]) -> str:
    return one["text"] or concept_label(one["code"])


def _formula(one: dict[str, Any]) -> str:
    herbs = " ".join(
        item["raw_name"] + ("" if item["grams"] is None else f" {value_text('', item['grams'])} g")
        for item in one["items"]
    )
    return f"{one['formula']}: {herbs}" if one["formula"] else herbs
