"""A comparison in the user's language: names of its rows, what a cell says, how it differs, the effect index.

The command line, the window and the clipboard all tell it in these words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app import i18n
from app.domain.comparison import By, Cell, Change, Effect, Fact, Herb, Kind, Row, Treatment, TwoCourses, Verdict
from app.domain.comparison.facts import DOSES, NAME
from app.domain.herbs import herbs
from app.domain.records import DateBasis, Diagnosis, PrescriptionItem, Visit
from app.domain.vocabulary import active
from app.i18n import t
from app.reporting import words
from app.wording import concept_label


def heading(kind: Kind) -> str:
    """Of the group a row stands in; the formula and its herbs are one group."""
    return {
        Kind.SCORE: t("Symptoms"),
        Kind.SIGN: t("Symptoms"),
        Kind.TONGUE: t("Tongue"),
        Kind.PULSE: t("Pulse"),
        Kind.ELEMENT: t("Diagnosis"),
        Kind.DIAGNOSIS: t("Diagnosis"),
        Kind.FORMULA: t("Formula and herbs"),
        Kind.HERB: t("Formula and herbs"),
        Kind.LAB: t("Measurements"),
    }[kind]


def row_label(row: Row) -> str:
    if row.kind is Kind.TONGUE:
        return _aspects().get(row.key, t("Other tongue signs"))
    if row.kind is Kind.PULSE:
        return _places().get(row.key, row.key)
    if row.kind is Kind.DIAGNOSIS:
        return _diagnoses().get(row.key, words.clean(row.key))
    if row.kind is Kind.FORMULA:
        return {NAME: t("Formula name"), DOSES: t("Doses")}.get(row.key, row.key)
    if row.kind is Kind.HERB:
        return herb_name(Herb(row.key, row.name))
    label = words.clean(concept_label(row.key))
    return label + words.bracketed(words.clean(row.unit, 20)) if row.unit else label


def herb_name(herb: Herb) -> str:
    known = herbs().get(herb.key)
    return known.zh if known and i18n.language() == "zh" else words.herb(PrescriptionItem(herb.name, herb.key))


def listed_herbs(some: Sequence[Herb]) -> str:
    return words.listed([herb_name(one) for one in some]) or t("none")


def herb_lines(two: TwoCourses, names: tuple[str, str]) -> list[str]:
    """What both were given, and what only the one or the other. names: of the two."""
    return [
        t("Herbs of both: {herbs}", herbs=listed_herbs(two.shared)),
        t("Only {patient}: {herbs}", patient=names[0], herbs=listed_herbs(two.only_first)),
        t("Only {patient}: {herbs}", patient=names[1], herbs=listed_herbs(two.only_second)),
    ]


def cell_text(row: Row, fact: Fact | None) -> str:
    """What the visit says. Not recorded is told apart from denied, and from a formula that goes without the herb."""
    if fact is None:
        return t("not recorded")
    if row.kind in (Kind.SCORE, Kind.SIGN, Kind.ELEMENT):
        if row.kind is not Kind.SIGN and fact.number is not None:
            return words.number(fact.number)
        said = [concept_label(term) if term in active().concepts else word for term, word in _pairs(fact)]
        return t("absent") if not fact.present else words.listed([words.clean(one) for one in said]) or t("present")
    if row.kind is Kind.HERB:
        if not fact.present:
            return t("not in it")
        dose = f"{words.number(fact.number)} g" if fact.number is not None else ""
        return " ".join(part for part in (dose, words.clean(fact.detail)) if part) or t("without a dose")
    if row.kind is Kind.PULSE:
        return _pulse(fact)
    if row.kind is Kind.TONGUE:
        return words.listed([_tongue(term, word) for term, word in _pairs(fact)])
    if row.kind is Kind.DIAGNOSIS:
        return words.listed([words.diagnosis(Diagnosis(row.key, word, term)) for term, word in _pairs(fact)])
    if fact.number is not None:
        return words.number(fact.number)
    return words.listed([words.clean(word) for word in fact.words])


def mark(row: Row, cell: Cell) -> str:
    """The change as a sign and, where it has one, its size; "" for the first visit and where nothing can be said."""
    size = "" if cell.step is None else " " + words.number(round(abs(cell.step), 6))
    if row.kind is Kind.HERB:
        grams = f"{size} g" if size else ""
        signs = {Change.UP: f"↑{grams}", Change.DOWN: f"↓{grams}", Change.APPEARED: t("+ added"),
                 Change.GONE: t("− removed"), Change.ALTERED: t("≠ changed")}  # fmt: skip
    else:
        signs = {Change.UP: f"↑{size}", Change.DOWN: f"↓{size}", Change.APPEARED: t("+ new"),
                 Change.GONE: t("− gone"), Change.ALTERED: t("≠ changed")}  # fmt: skip
    return {**signs, Change.SAME: "="}.get(cell.change, "")


def verdict(cell: Cell) -> str:
    return {Verdict.BETTER: t("better"), Verdict.WORSE: t("worse")}.get(cell.verdict, "")


def said(row: Row, cell: Cell, *, judged: bool = True) -> str:
    """A whole cell in one line. judged: False where better and worse mean nothing, as between two patients."""
    parts = (cell_text(row, cell.fact), mark(row, cell), verdict(cell) if judged else "")
    return " ".join(part for part in parts if part)


def visit_name(visit: Visit) -> str:
    """ "Visit 3 · 2024-03-29", or its day where the date is not known and the days are."""
    parts = [t("Visit {number}", number=visit.number), words.date_word(visit.date)]
    if visit.date is None and visit.basis is not DateBasis.ORDER:
        parts.append(words.day_word(visit.day))
    return " · ".join(part for part in parts if part)


def effect_title(effect: Effect | None, name_of: Callable[[str], str] = words.outcome) -> str:
    """ "83% 显效", or that there is no index. name_of: what the classes are called."""
    if effect is None or effect.index is None:
        return t("no effect index")
    return f"{effect.index:.0%} ".replace("-", "−") + name_of(effect.label)


def effect_basis(effect: Effect | None) -> str:
    """The sums the index rests on, over which symptoms, and which could not count."""
    if effect is None or not effect.shared:
        return t("No symptom is graded at both visits.")
    names = words.listed([concept_label(key) for key in effect.shared])
    out = t("Total {before} → {after} over {count} symptoms graded at both visits: {names}",
            before=words.number(effect.before), after=words.number(effect.after), count=len(effect.shared),
            names=names)  # fmt: skip
    if effect.left_out:
        missing = words.listed([concept_label(key) for key in effect.left_out])
        out += t("; not counted, as only one visit grades it: {names}", names=missing)
    return out


def treatment_name(treatment: Treatment, visits: Sequence[Visit]) -> str:
    """ "酸枣仁汤 · visits 1–4"."""
    numbers = [visits[place].number for place in treatment.given]
    name = words.clean(treatment.name, 40) or t("own formula")
    if len(numbers) == 1:
        return f"{name} · {t('Visit {number}', number=numbers[0])}"
    return f"{name} · {t('Visits {first} to {last}', first=numbers[0], last=numbers[-1])}"


def by_word(by: By) -> str:
    return {By.DAYS: t("days since the first visit"), By.VISITS: t("number of the visit")}[by]


def _pairs(fact: Fact) -> list[tuple[str, str]]:
    return list(zip(fact.terms, fact.words, strict=True)) if len(fact.words) == len(fact.terms) else []


def _tongue(term: str, word: str) -> str:
    if i18n.language() == "zh" and 0 < len(word) <= words.SHORT:
        return words.clean(word)
    return words.concept(term) if term in active().concepts else words.clean(word or term)


def _pulse(fact: Fact) -> str:
    from app.domain import pulse

    if not all(term in active().concepts for term in fact.terms):
        return words.listed([words.clean(word) for word in fact.words])
    if i18n.language() == "zh":
        return pulse.name(fact.terms)
    return " ".join(words.concept(term).lower() for term in fact.terms)


def _aspects() -> dict[str, str]:
    return {
        "body_colour": t("Tongue colour"),
        "body_shape": t("Tongue shape"),
        "body_motion": t("Tongue motion"),
        "coat_colour": t("Coating colour"),
        "coat_quality": t("Coating quality"),
        "sublingual": t("Sublingual veins"),
    }


def _places() -> dict[str, str]:
    return {
        "left.cun": t("Left cun"),
        "left.guan": t("Left guan"),
        "left.chi": t("Left chi"),
        "left.whole": t("Left hand"),
        "right.cun": t("Right cun"),
        "right.guan": t("Right guan"),
        "right.chi": t("Right chi"),
        "right.whole": t("Right hand"),
        "both.cun": t("Cun of both hands"),
        "both.guan": t("Guan of both hands"),
        "both.chi": t("Chi of both hands"),
        "both.whole": t("Pulse as a whole"),
    }


def _diagnoses() -> dict[str, str]:
    return {
        "disease": t("Disease"),
        "syndrome": t("Syndrome"),
        "element": t("Syndrome elements"),
        "western": t("Western diagnosis"),
    }
