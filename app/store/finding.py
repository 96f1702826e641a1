"""Whom a ``PatientFilter`` asks for: their row ids in the order of the list, as SQL over the indices there are."""

from __future__ import annotations

import datetime as dt
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, or_, select, union

from app.domain.ages import completed_years
from app.domain.patient_filter import PatientFilter
from app.domain.records import ValueKind
from app.store.names import name_key, search_range
from app.store.search import found_between
from app.store.tables import (
    diagnosis,
    observation,
    operation,
    patient,
    pin,
    prescription,
    prescription_item,
    tag,
    visit,
)

DISEASES, SYNDROMES = ("disease", "western"), ("syndrome",)
STILL = 0.95  # of the last total; a first one that is no less counts as the same
REMEMBERED, FEW = 8, 3000  # answers kept; ids that are asked for by themselves
AT_RISK = 0.5  # chance of an event within the horizon from which a patient counts as at risk
BEYOND = 0.05  # a last visit that had no more chance to lie so far out counts as beyond expectation

Ranked = Callable[[], Mapping[str, tuple[float | None, float | None]]]
"""What a model found, by the patient's number: (chance of an event, chance of a last visit as far off as it was)."""


@dataclass(frozen=True, slots=True)
class Found:
    """ids: rows of ``patient`` in the order of the list, the person's pinned ones first; pinned: how many those are."""

    ids: Sequence[int]
    pinned: int

    def __len__(self) -> int:
        return len(self.ids)


NOBODY = Found((), 0)


class Memory:
    """Whom the records' own words found, until an operation changes a record: what takes a large clinic a second is
    asked again at every pin and every letter typed. For one clinic, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._found: OrderedDict[PatientFilter, frozenset[int]] = OrderedDict()

    def found(self, connection: Connection, asked: PatientFilter) -> frozenset[int] | None:
        """Rows of the patients whose visits say what is asked; None where nothing is asked of them."""
        content = PatientFilter(
            diagnoses=asked.diagnoses,
            syndromes=asked.syndromes,
            formulas=asked.formulas,
            herbs=asked.herbs,
            worse=asked.worse,
        )
        if not content.asks:
            return None
        version = int(connection.execute(select(func.coalesce(func.max(operation.c.id), 0))).scalar_one())
        with self._lock:
            known = self._found.get(content) if version == self._version else None
        if known is None:
            conditions = _said(connection, content)
            known = frozenset(connection.execute(select(patient.c.id).where(*conditions)).scalars())
            with self._lock:
                if version != self._version:
                    self._version, self._found = version, OrderedDict()
                self._found[content] = known
                while len(self._found) > REMEMBERED:
                    self._found.popitem(last=False)
        return known


def find(
    connection: Connection,
    asked: PatientFilter,
    who: str,
    memory: Memory,
    ranked: Ranked | None = None,
    *,
    pins_first: bool = True,
) -> Found:
    """who: whose pins count, see ``marks.owner``; ranked: None where no model has looked."""
    p = patient.c
    said = memory.found(connection, asked)
    aged = asked.age_from is not None or asked.age_to is not None
    judged = asked.beyond or asked.at_risk
    columns = [p.id, *((p.age, p.birth_date, p.first_date) if aged else ()), *((p.code,) if judged else ())]
    query = select(*columns).where(*_conditions(asked, who))
    if said is not None and len(said) <= FEW:
        query, said = query.where(p.id.in_(said)), None
    query = query.order_by(p.recent_date.desc(), p.recent_day.desc(), p.code_key.desc())
    rows = connection.execute(query)
    if aged or judged:
        numbers = ranked() if judged and ranked is not None else {}
        ids = array("q", (row[0] for row in rows if _is_aged(asked, row) and _is_judged(asked, row[-1], numbers)))
    else:
        ids = array("q", rows.scalars())
    if said is not None:
        ids = array("q", (key for key in ids if key in said))
    if not pins_first:
        return Found(ids, 0)
    mine = set(connection.execute(select(pin.c.patient_id).where(pin.c.who == who)).scalars())
    first = array("q", (key for key in ids if key in mine)) if mine else array("q")
    if first:
        ids = first + array("q", (key for key in ids if key not in mine))
    return Found(ids, len(first))


def _is_aged(asked: PatientFilter, row: Sequence[Any]) -> bool:
    if asked.age_from is None and asked.age_to is None:
        return True
    age = row[1] if row[1] is not None else completed_years(row[2], row[3])
    if age is None:
        return False
    low = asked.age_from if asked.age_from is not None else 0.0
    return low <= age and (asked.age_to is None or age < asked.age_to + 1)


def _is_judged(asked: PatientFilter, code: Any, numbers: Mapping[str, tuple[float | None, float | None]]) -> bool:
    if not (asked.beyond or asked.at_risk):
        return True
    risk, chance = numbers.get(code, (None, None))
    return not (asked.beyond and (chance is None or chance > BEYOND)) and not (
        asked.at_risk and (risk is None or risk < AT_RISK)
    )


def _conditions(asked: PatientFilter, who: str) -> list[ColumnElement[bool]]:
    """Of the patient's own row, pins and tags."""
    p = patient.c
    found: list[ColumnElement[bool]] = []
    bounds = search_range(asked.text)
    if bounds is not None:
        found.append(found_between(literal(bounds[0]), literal(bounds[1])))
    if asked.sex:
        found.append(p.sex == asked.sex)
    first = asked.seen_from
    if asked.seen_within is not None:
        since = dt.date.today() - dt.timedelta(days=asked.seen_within)
        first = max(first, since) if first is not None else since
    if first is not None:
        found.append(p.recent_date >= first)
    if asked.seen_to is not None:
        found.append(and_(p.recent_date <= asked.seen_to, p.recent_date > dt.date.min))
    if asked.pinned:
        found.append(p.id.in_(select(pin.c.patient_id).where(pin.c.who == who)))
    for name in asked.tags:
        tagged = select(tag.c.patient_id).where(tag.c.name_key == name_key(name), tag.c.removed.is_(False))
        found.append(p.id.in_(tagged))
    return found


def _said(connection: Connection, asked: PatientFilter) -> list[ColumnElement[bool]]:
    """Of what the visits say."""
    p = patient.c
    found: list[ColumnElement[bool]] = []
    for keys, kinds in ((asked.diagnoses, DISEASES), (asked.syndromes, SYNDROMES)):
        if keys:
            found.append(p.id.in_(union(*(_diagnosed(connection, key, kinds) for key in keys))))
    if asked.formulas:
        found.append(p.id.in_(_prescribed(asked.formulas)))
    found += [p.id.in_(_dosed(connection, herb)) for herb in asked.herbs]
    if asked.worse:
        found.append(_worse())
    return found


def _diagnosed(connection: Connection, key: str, kinds: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """A code walks along its index; words without one are looked for in every diagnosis."""
    d = diagnosis.c
    coded = connection.execute(select(d.id).where(d.code == key).limit(1)).first() is not None
    said = d.code == key if coded else d.text == key
    joined = diagnosis.join(visit, visit.c.id == d.visit_id)
    return select(visit.c.patient_id).select_from(joined).where(said, d.kind.in_(kinds))


def _prescribed(formulas: Sequence[str]) -> Select[*tuple[Any, ...]]:
    joined = prescription.join(visit, visit.c.id == prescription.c.visit_id)
    return select(visit.c.patient_id).select_from(joined).where(prescription.c.formula.in_(formulas))


def _dosed(connection: Connection, key: str) -> Select[*tuple[Any, ...]]:
    i = prescription_item.c
    coded = connection.execute(select(i.id).where(i.herb == key).limit(1)).first() is not None
    joined = prescription_item.join(prescription, prescription.c.id == i.prescription_id)
    joined = joined.join(visit, visit.c.id == prescription.c.visit_id)
    return select(visit.c.patient_id).select_from(joined).where(i.herb == key if coded else i.raw_name == key)


Said = Callable[[Any], ColumnElement[bool]]  # a condition on the columns of ``observation``, or of an alias of it


def _scored(o: Any) -> ColumnElement[bool]:
    return and_(o.kind == ValueKind.SCORE, o.number.is_not(None))


def _symptom(o: Any) -> ColumnElement[bool]:
    return o.concept.startswith("sym.", autoescape=True)


def _sum(o: Any) -> ColumnElement[Any]:
    return func.sum(o.number)


def _positive(o: Any) -> ColumnElement[Any]:
    positive = and_(_symptom(o), o.negated.is_(False), or_(o.number.is_(None), o.number > 0))
    return func.sum(case((positive, 1), else_=0))


def _worse() -> ColumnElement[bool]:
    """By the scores where the patient has any, else by the number of positive symptoms: as the list's small line, of
    which a change of less than a twentieth is none."""
    o, v = observation.alias(), visit.alias()
    joined = o.join(v, v.c.id == o.c.visit_id)
    has_scores = exists(
        select(o.c.id).select_from(joined).where(v.c.patient_id == patient.c.id, _scored(o.c)).correlate(patient)
    )
    by_score = STILL * _total(_scored, _sum, last=True) > _total(_scored, _sum, last=False)
    by_count = STILL * _total(_symptom, _positive, last=True) > _total(_symptom, _positive, last=False)
    return or_(by_score, and_(~has_scores, by_count))


def _total(said: Said, of: Callable[[Any], ColumnElement[Any]], *, last: bool) -> Any:
    """Of the first or last visit of the patient at which something was said."""
    v, there, o = visit.alias(), observation.alias(), observation.alias()
    ends = (v.c.day.desc(), v.c.number.desc()) if last else (v.c.day, v.c.number)
    speaks = exists(select(there.c.id).where(there.c.visit_id == v.c.id, said(there.c)).correlate(v))
    one = select(v.c.id).where(v.c.patient_id == patient.c.id, speaks).order_by(*ends).limit(1).correlate(patient)
    return select(of(o.c)).where(o.c.visit_id == one.scalar_subquery(), said(o.c)).correlate(patient).scalar_subquery()
