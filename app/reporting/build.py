"""A case, its forecast and the model's card become a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from app.domain import scores
from app.domain.records import Case, DateBasis, Prescription, Side, ValueKind, Visit
from app.i18n import language as spoken
from app.i18n import speaking, t
from app.reporting import words
from app.reporting.forecast_block import forecast_block
from app.reporting.model import Cell, Column, CourseTable, Effect, Formula, Picture, Report, Row

if TYPE_CHECKING:
    from models.course import Course
    from models.forecast import Forecast

COLUMNS = 6  # visits side by side on A4 portrait
MOST_VISITS = 12  # of a longer course: the first, and the most recent ones
_Scores = dict[str, float]


def build_report(
    case: Case,
    *,
    course: Course | None = None,
    forecast: Forecast | None = None,
    card: Mapping[str, Any] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    clinic_name: str = "",
    language: str = "zh",
    deidentify: bool = False,
    printed: dt.date | None = None,
) -> Report:
    """The report of one case.

    course: gives the scales of the scores where it is at hand; card: the model card behind ``forecast``
    pictures: PNG bytes by key, "timeline" and "forecast" have titles of their own; shown in the order given
    deidentify: surname only; printed: date on the page, today by default
    Raises KnownError for an unknown language.
    """
    with speaking(language):
        tables = _tables(case, course)
        shown = sum(len(table.columns) for table in tables)
        return Report(
            language=language,
            title=t("Course report"),
            clinic=words.clean(clinic_name),
            code=words.clean(case.patient.code),
            printed=t("Printed {date}", date=(printed or dt.date.today()).isoformat()),
            patient=_patient(case, deidentify),
            headings={
                "course": t("Course table"),
                "prescription": t("Latest prescription"),
                "effect": t("Effect of treatment"),
                "forecast": t("Forecast"),
                "basis": t("What the forecast rests on"),
            },
            tables=tables,
            table_note=_table_note(len(case.visits), shown, scored=bool(_score_concepts(case))),
            prescription=_latest_prescription(case),
            effect=_effect(case),
            pictures=tuple(Picture(key, _picture_title(key), png) for key, png in (pictures or {}).items()),
            forecast=forecast_block(case, forecast, card or {}) if forecast is not None else None,
            disclaimer=t("For reference only; it does not replace the physician's diagnosis."),
            signature=(t("Physician's signature"), t("Date")),
            page=t("Page {page} of {pages}"),
        )


def _picture_title(key: str) -> str:
    known = {"timeline": t("Timeline"), "forecast": t("Forecast chart"), "trajectory": t("State trajectory")}
    return known.get(key, words.clean(key))


def _patient(case: Case, deidentify: bool) -> tuple[tuple[str, str], ...]:
    patient, visits = case.patient, case.visits
    name = words.clean(patient.name)
    if deidentify and name:
        name = name[0] + ("某" if spoken() == "zh" else "*")
    last = visits[-1] if visits else None
    span = words.number(last.day - visits[0].day) if last else "0"
    days = [words.date_word(v.date) for v in (visits[:1] + visits[-1:])]
    period = t("{visits} visits over {days} days", visits=len(visits), days=span)
    if any(v.basis is DateBasis.ORDER for v in visits):
        period = t("{visits} visits, not all dated", visits=len(visits))
    latest = next((w for v in reversed(visits) if (w := words.diagnoses(v, "syndrome"))), "")
    disease = next((w for v in reversed(visits) if (w := words.diagnoses(v, "disease", "western"))), "")
    rows = (
        (t("Name"), name),
        (t("Sex"), words.sex(patient.sex)),
        (t("Age"), words.age(case)),
        (t("Record no."), words.clean(patient.code)),
        (t("Duration"), period),
        (t("Period"), " – ".join(dict.fromkeys(days)) if all(days) else ""),
        (t("Complaint"), words.clean(patient.chief)),
        (t("Disease"), disease),
        (t("Syndrome"), latest),
    )
    return tuple((label, value or words.NONE) for label, value in rows)


def _scores(visit: Visit) -> _Scores:
    """Scores by concept. A negative one (no scale has any) is left to the importer's report."""
    some = (o for o in visit.observations if o.kind is ValueKind.SCORE)
    return {o.concept: o.number for o in some if o.number is not None and o.number >= 0}


def _score_concepts(case: Case) -> list[str]:
    """Scored concepts in the order they first appear."""
    return list(dict.fromkeys(c for v in case.visits for c in _scores(v)))


def shown_visits(count: int) -> list[int]:
    """Indices of the visits a report shows: all of a short course, else the first and the most recent."""
    if count <= MOST_VISITS:
        return list(range(count))
    return [0, *range(count - MOST_VISITS + 1, count)]


def _chunks(indices: list[int]) -> list[list[int]]:
    """Split evenly into tables of at most COLUMNS visits."""
    tables = max(1, -(-len(indices) // COLUMNS))
    width = -(-len(indices) // tables)
    return [indices[i : i + width] for i in range(0, len(indices), width)]


def _table_note(visits: int, shown: int, *, scored: bool) -> str:
    notes = []
    if shown < visits:
        notes.append(t("Of {visits} visits the first and the last {last} are shown.", visits=visits, last=shown - 1))
    if scored:
        notes.append(t("↑ worse, ↓ better than the score recorded before."))
        notes.append(t("* total with a neighbouring score in place of a missing one."))
    return ("" if spoken() == "zh" else " ").join(notes)


def _tables(case: Case, course: Course | None) -> tuple[CourseTable, ...]:
    visits = case.visits
    if not visits:
        return ()
    groups = _chunks(shown_visits(len(visits)))
    rows = _rows(case, course)
    out = []
    for group in groups:
        columns = tuple(
            Column(
                t("Visit {number}", number=visits[i].number),
                words.date_word(visits[i].date),
                "" if visits[i].basis is DateBasis.ORDER else words.day_word(visits[i].day),
            )
            for i in group
        )
        title = _table_title([visits[i].number for i in group]) if len(groups) > 1 else ""
        some = [(row, tuple(row.cells[i] for i in group)) for row in rows]
        kept = tuple(Row(row.label, cells, row.kind) for row, cells in some if any(c.text for c in cells))
        out.append(CourseTable(title, columns, kept, len(groups[0])))
    return tuple(out)


def _table_title(numbers: list[int]) -> str:
    first, second, last = numbers[0], numbers[min(1, len(numbers) - 1)], numbers[-1]
    if len(numbers) == 1:
        return t("Visit {number}", number=first)
    if second != first + 1 and len(numbers) > 2:
        return t("Visit {number}, visits {first} to {last}", number=first, first=second, last=last)
    return t("Visits {first} to {last}", first=first, last=last)


def _rows(case: Case, course: Course | None) -> list[Row]:
    """Every row over every visit; a table takes its columns from them."""
    visits = case.visits
    rows = [_score_row(concept, case, course) for concept in _score_concepts(case)]
    if rows:
        rows.append(_total_row(case))
    rows += _number_rows(case)
    rows += [
        _text(t("Symptoms"), [words.symptoms(v) for v in visits]),
        _text(t("Tongue"), [words.tongue(v) for v in visits]),
        _text(t("Pulse"), [words.pulse_whole(v) for v in visits]),
        _text(t("Left pulse cun / guan / chi"), [words.pulse_side(v, Side.LEFT) for v in visits]),
        _text(t("Right pulse cun / guan / chi"), [words.pulse_side(v, Side.RIGHT) for v in visits]),
        _text(t("Syndrome"), [words.diagnoses(v, "syndrome") for v in visits]),
        _text(t("Formula"), [_formula(v) for v in visits]),
        _text(t("Added and removed"), ["", *(_changes(a, b) for a, b in pairwise(visits))]),
        _text(t("Doses"), [_doses(v) for v in visits]),
        _text(t("Outcome"), [words.outcome(v.outcome) for v in visits]),
    ]
    return rows


def _text(label: str, cells: Sequence[str]) -> Row:
    return Row(label, tuple(Cell(text) for text in cells))


def _number_rows(case: Case) -> list[Row]:
    """Measured quantities, such as laboratory values, in the order they first appear; no arrow says what is worse."""
    found = [
        {
            (o.concept, o.unit): words.number(o.number)
            for o in v.observations
            if o.kind is ValueKind.NUMBER and o.number is not None
        }
        for v in case.visits
    ]
    rows = []
    for concept, unit in dict.fromkeys(key for visit in found for key in visit):
        label = words.concept(concept) + (f" ({words.clean(unit, 20)})" if unit else "")
        rows.append(_text(label, [visit.get((concept, unit), "") for visit in found]))
    return rows


def _score_row(concept: str, case: Case, course: Course | None) -> Row:
    cells: list[Cell] = []
    before: float | None = None
    for visit in case.visits:
        value = _scores(visit).get(concept)
        if value is None:
            cells.append(Cell(""))
            continue
        trend = "" if before is None or value == before else "up" if value > before else "down"
        cells.append(Cell(words.number(value), trend))
        before = value
    label = words.concept(concept)
    known = {v.name: v for v in course.variables}.get(concept) if course is not None else None
    if known is not None and known.upper is not None:
        label += f" (0–{words.number(known.upper)})"
    return Row(label, tuple(cells), "score")


def _totals(case: Case) -> list[tuple[float, bool]]:
    """Sum of scores at each visit, and whether one was missing: then the nearest record before (or after) stands in."""
    held = {}
    for visit in reversed(case.visits):
        held |= _scores(visit)  # ends as every concept's first record
    concepts, out = _score_concepts(case), []
    for visit in case.visits:
        now = _scores(visit)
        held |= now
        out.append((sum(held.values()), len(now) < len(concepts)))
    return out


def _total_row(case: Case) -> Row:
    totals = _totals(case)
    cells = [Cell(words.number(totals[0][0]) + ("*" if totals[0][1] else ""))]
    for (a, _), (b, missing) in pairwise(totals):
        trend = "up" if b > a else "down" if b < a else ""
        cells.append(Cell(words.number(b) + ("*" if missing else ""), trend))
    return Row(t("Total score"), tuple(cells), "total")


def _formula(visit: Visit) -> str:
    return " + ".join(words.clean(p.formula, 40) or t("own formula") for p in visit.prescriptions)


def _doses(visit: Visit) -> str:
    return " + ".join(t("{count} doses", count=words.number(p.days)) for p in visit.prescriptions if p.days)


def _herbs(visit: Visit) -> dict[str, str]:
    return {(i.herb or i.raw_name): words.herb(i) for p in visit.prescriptions for i in p.items}


def _changes(before: Visit, now: Visit) -> str:
    """+added −removed against the visit before, where both have a prescription."""
    old, new = _herbs(before), _herbs(now)
    if not old or not new:
        return ""
    mark = "、" if spoken() == "zh" else ", "
    added = mark.join(name for key, name in new.items() if key not in old)
    removed = mark.join(name for key, name in old.items() if key not in new)
    said = [t("add {herbs}", herbs=added)] if added else []
    said += [t("remove {herbs}", herbs=removed)] if removed else []
    joined = "；".join(said) if spoken() == "zh" else "; ".join(said)
    return words.clean(joined, 800)  # no herb may fall to an ellipsis


def _latest_prescription(case: Case) -> tuple[Formula, ...]:
    visit = next((v for v in reversed(case.visits) if v.prescriptions), None)
    if visit is None:
        return ()
    return tuple(
        Formula(_prescription_head(visit, item), tuple(words.herb_dose(i) for i in item.items))
        for item in visit.prescriptions
    )


def _prescription_head(visit: Visit, item: Prescription) -> str:
    parts = [words.clean(item.formula, 60) or t("own formula")]
    if item.days:
        parts.append(t("{count} doses", count=words.number(item.days)))
    parts += [t("Visit {number}", number=visit.number), words.date_word(visit.date)]
    return ("，" if spoken() == "zh" else ", ").join(p for p in parts if p)


def _effect(case: Case) -> Effect | None:
    """Index of every symptom and of the total: first recorded score against the last recorded one."""
    first: _Scores = {}
    last: _Scores = {}
    for visit in case.visits:
        now = _scores(visit)
        first = now | first
        last |= now
    before, after = sum(first.values()), sum(last.values())
    if len(case.visits) < 2 or before <= 0:
        return None
    index = scores.effect_index(before, after)
    if index is None:
        return None
    name = scores.effect_class(index)
    mark = t("Total score {before} to {after}, effect index {index}", before=words.number(before),
             after=words.number(after), index=f"{index:.1%}")  # fmt: skip
    rows = []
    for concept in _score_concepts(case):
        if first[concept] == last[concept] == 0:
            continue
        share = scores.effect_index(first[concept], last[concept]) if first[concept] > 0 else None
        shown = f"{share:.0%}" if share is not None else words.NONE
        rows.append((words.concept(concept), words.number(first[concept]), words.number(last[concept]), shown))
    return Effect(
        summary=mark,
        effect_class=words.outcome(name),
        rows=tuple(rows),
        heads=(t("Symptom"), t("First score"), t("Last score"), t("Effect index")),
        note=t("Index (before − after) / before: 95 % cured, 70 % marked, 30 % effective, less: no effect."),
    )
