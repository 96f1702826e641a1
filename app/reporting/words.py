"""How codes, scores and days read in a report of one language."""

from __future__ import annotations

import datetime as dt

from app.domain import pulse
from app.domain.ages import completed_years
from app.domain.herbs import herbs
from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Position,
    PrescriptionItem,
    PulseReading,
    Side,
    ValueKind,
    Visit,
)
from app.domain.vocabulary import active
from app.i18n import language, t

LONGEST = 160  # characters of one cell
SHORT = 16  # a finding as written is shown up to this length
NONE = "—"
POSITIONS = (Position.CUN, Position.GUAN, Position.CHI)


def clean(text: str, longest: int = LONGEST) -> str:
    """One line without control characters, shortened with an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def number(value: float) -> str:
    return f"{value:.4g}" if value != round(value) else f"{value:.0f}"


def listed(words: list[str]) -> str:
    """Words once each, with the language's own comma."""
    return ("、" if language() == "zh" else ", ").join(dict.fromkeys(w for w in words if w))


def bracketed(text: str) -> str:
    return f"（{text}）" if language() == "zh" else f" ({text})"


def concept(code: str) -> str:
    """A concept in the report's language; the source's own name where the vocabulary has none."""
    return clean(active().label(code, language())) if code in active().concepts else clean(code.removeprefix("x."))


def day_word(days: float) -> str:
    return t("day {day}", day=number(days))


def date_word(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


def observed(item: Observation) -> str:
    """The positive finding an observation states, "" for none; in Chinese as written, where that is short."""
    if item.negated:
        return ""
    if item.kind is ValueKind.TEXT:
        return clean(item.text)
    if language() == "zh" and 0 < len(item.raw) <= SHORT:
        return clean(item.raw)
    return concept(item.code if item.code in active().concepts else item.concept)


def tongue(visit: Visit) -> str:
    found = [observed(o) for o in visit.observations if o.concept.startswith("ton.")]
    if language() == "en":  # the row is labelled Tongue already
        found = [word.removesuffix(" tongue").lower() for word in found]
    return listed(found)


def symptoms(visit: Visit) -> str:
    """Symptoms that were found but not scored."""
    found = [o for o in visit.observations if o.concept.startswith("sym.") and o.kind is ValueKind.CODE]
    return listed([concept(o.concept) for o in found if not o.negated])


def pulse_terms(reading: PulseReading) -> str:
    if not reading.terms:
        return clean(reading.raw)
    if language() == "zh":
        return pulse.name(reading.terms)
    return " ".join(concept(code).lower() for code in reading.terms)


def pulse_side(visit: Visit, side: Side) -> str:
    """寸·关·尺 of one side; the whole side's name where positions were not told apart; "" where none was felt."""
    felt = {p.position: pulse_terms(p) for p in visit.pulses if p.side is side}
    three = [felt.get(place, "") for place in POSITIONS]
    if not any(three):
        return felt.get(Position.WHOLE, "")
    return ("·" if language() == "zh" else " / ").join(word or NONE for word in three)


def pulse_whole(visit: Visit) -> str:
    return " ".join(pulse_terms(p) for p in visit.pulses if p.side is Side.BOTH)


def diagnosis(item: Diagnosis) -> str:
    """As written in a Chinese report; in an English one by the vocabulary, where it knows the code or the words."""
    if language() == "zh" and item.text:
        return clean(item.text)
    if item.code in active().concepts:
        return concept(item.code)
    known = active().find(item.text, item.kind if item.kind in ("syndrome", "element") else None)
    return concept(known.code) if known else clean(item.text)


def diagnoses(visit: Visit, *kinds: str) -> str:
    return listed([diagnosis(d) for d in visit.diagnoses if d.kind in kinds])


def herb(item: PrescriptionItem) -> str:
    """The name as written in a Chinese report; pinyin of the canonical herb, as one word, in an English one."""
    known = herbs().get(item.herb)
    if language() == "zh" or known is None:
        return clean(item.raw_name)
    return clean("".join(known.pinyin.split()) or known.en)


def herb_note(note: str) -> str:
    known = {
        "先煎": t("decoct first"),
        "后下": t("add last"),
        "包煎": t("wrapped"),
        "烊化": t("melted in"),
        "冲服": t("taken dissolved"),
        "另煎": t("decocted apart"),
    }
    return known.get(note, clean(note))


def outcome(text: str) -> str:
    """疗效 classes have English names; other words stay as written."""
    known = {
        "痊愈": t("cured"),
        "显效": t("marked improvement"),
        "有效": t("effective"),
        "无效": t("no effect"),
    }
    return known.get(text, clean(text, 40))


def herb_dose(item: PrescriptionItem) -> str:
    note = bracketed(herb_note(item.note)) if item.note else ""
    dose = f" {number(item.grams)} g" if item.grams is not None else f" {clean(item.raw_dose)}".rstrip()
    return herb(item) + note + dose


def sex(code: str) -> str:
    return {"F": t("female"), "M": t("male")}.get(code, clean(code))


def age(case: Case, visit: Visit | None = None) -> str:
    """At a visit, by default the last one, where the birth date is known; else as recorded, "" where nothing is."""
    at = visit or (case.visits[-1] if case.visits else None)
    years = completed_years(case.patient.birth_date, at.date if at is not None else None)
    if years is None:
        years = case.patient.age
    return "" if years is None else t("{years} years", years=number(years))
