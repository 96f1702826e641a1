"""Patients that may be one person, for a human to decide: same or like-sounding names, birth dates that agree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein
from sqlalchemy import insert, select

from app.domain.errors import KnownError
from app.domain.pinyin import toneless
from app.domain.script import simplified
from app.store import audit
from app.store.desk import Service
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.tables import patient, unlike

ENOUGH = 60  # points from which two patients are proposed
CROWD = 40  # patients of one name among whom only those with a birth date are compared
_SAME_NAME, _SAME_SOUND = 50, 35
_SAME_BIRTH, _SLIP_OF_BIRTH, _SAME_AGE = 40, 25, 15
_LIKE_NUMBER, _SAME_CHIEF, _SAME_SEX = 10, 5, 5


@dataclass(frozen=True, slots=True)
class Pair:
    """first was entered before second. score: ENOUGH..110; reasons: what agrees ("name", "sound", "birth" ...)."""

    first: str
    first_name: str
    second: str
    second_name: str
    score: int
    reasons: tuple[str, ...]


class _Person(NamedTuple):
    """name_key: in simplified characters, so that 陈素雲 is 陈素云."""

    id: int
    code: str
    name: str
    name_key: str
    sex: str
    birth_date: dt.date | None
    age: float | None
    first_date: dt.date | None
    chief: str


class Likeness(Service):
    """Service of ``Clinic.likeness``."""

    @needs(Permission.PATIENTS_READ)
    def pairs(self, limit: int = 200) -> list[Pair]:
        """The likeliest first; pairs a person has called different people are left out."""
        p = patient.c
        columns = (p.id, p.code, p.name, p.name_key, p.sex, p.birth_date, p.age, p.first_date, p.chief)
        with self._desk.database.read() as connection:
            query = select(*columns).where(p.name_key != "").order_by(p.id)
            people = [_Person(*row[:3], simplified(row.name_key), *row[4:]) for row in connection.execute(query)]
            apart = {(row.first_id, row.second_id) for row in connection.execute(select(unlike))}
        found: dict[tuple[int, int], Pair] = {}
        for one, other in _candidates(people):
            key = (min(one.id, other.id), max(one.id, other.id))
            if key in found or key in apart:
                continue
            pair = _compare(*((one, other) if one.id < other.id else (other, one)))
            if pair is not None:
                found[key] = pair
        return sorted(found.values(), key=lambda pair: (-pair.score, pair.first, pair.second))[:limit]

    @needs(Permission.PATIENTS_WRITE)
    def tell_apart(self, code: str, other: str) -> None:
        """The two are different people: they are not proposed again."""
        with self._desk.database.write() as connection:
            one, two = patient_row(connection, code), patient_row(connection, other)
            if one.id == two.id:
                raise KnownError("{patient} is one patient already.", patient=one.code)
            first, second = sorted((one.id, two.id))
            known = select(unlike).where(unlike.c.first_id == first, unlike.c.second_id == second)
            if connection.execute(known).first() is None:
                connection.execute(insert(unlike), {"first_id": first, "second_id": second})
                detail = {"patient": one.code, "other": two.code}
                audit.write(connection, self.actor.name, [audit.Entry("apart", "patient", one.id, detail)])
        self._desk.changed.emit(Change(ChangeKind.PATIENT, (one.code, two.code)))


def _candidates(people: Iterable[_Person]) -> Iterator[tuple[_Person, _Person]]:
    """Pairs of one name, and of one sound with one birth date: not everyone with everyone."""
    by_name: dict[str, list[_Person]] = defaultdict(list)
    by_sound: dict[tuple[str, dt.date], list[_Person]] = defaultdict(list)
    for person in people:
        by_name[person.name_key].append(person)
        if person.birth_date is not None:
            by_sound[toneless(person.name_key), person.birth_date].append(person)
    for group in by_name.values():
        born = group if len(group) <= CROWD else [person for person in group if person.birth_date is not None]
        yield from combinations(born, 2)
    for group in by_sound.values():
        yield from combinations(group, 2)


def _compare(one: _Person, other: _Person) -> Pair | None:
    """None where something speaks against it, or too little for it."""
    if one.sex and other.sex and one.sex != other.sex:
        return None
    reasons: dict[str, int] = {}
    if one.name_key == other.name_key:
        reasons["name"] = _SAME_NAME
    else:
        reasons["sound"] = _SAME_SOUND
    if one.birth_date and other.birth_date:
        if one.birth_date == other.birth_date:
            reasons["birth"] = _SAME_BIRTH
        elif _slip(one.birth_date, other.birth_date):
            reasons["birth_slip"] = _SLIP_OF_BIRTH
        else:
            return None
    elif (gap := _age_gap(one, other)) is not None:
        if gap > 2:
            return None
        reasons["age"] = _SAME_AGE
    if one.sex and one.sex == other.sex:
        reasons["sex"] = _SAME_SEX
    if Levenshtein.distance(one.code, other.code) <= 1 or one.code.lstrip("0") == other.code.lstrip("0"):
        reasons["number"] = _LIKE_NUMBER
    if one.chief and one.chief == other.chief:
        reasons["chief"] = _SAME_CHIEF
    score = sum(reasons.values())
    return Pair(one.code, one.name, other.code, other.name, score, tuple(reasons)) if score >= ENOUGH else None


def _slip(one: dt.date, other: dt.date) -> bool:
    """One wrong digit, or day and month exchanged."""
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return True
    return sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True)) == 1


def _age_gap(one: _Person, other: _Person) -> float | None:
    """Years between what the two were born in, as far as age and first visit tell; None where they do not."""
    born, later = _born(one), _born(other)
    return None if born is None or later is None else abs(born - later)


def _born(person: _Person) -> float | None:
    if person.birth_date is not None:
        return person.birth_date.year + person.birth_date.month / 12
    if person.age is None or person.first_date is None:
        return None
    return person.first_date.year + person.first_date.month / 12 - person.age
