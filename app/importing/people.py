"""Patients as they come together from rows, in whatever order and from however many files the rows come."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.records import Case, Patient
from app.i18n import t
from app.importing import values
from app.importing.measurements import Measurements
from app.importing.placing import Entry, place
from app.importing.report import ImportReport
from app.importing.tables import Cell, as_text
from app.store.names import code_key, name_key

MAX_CODE = 100  # characters of a patient number
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the user's files, for the report."""

    file: str
    row: int


@dataclass(slots=True)
class RowError(Exception):
    """A row that cannot be taken in; reason is in the user's language."""

    column: str
    value: object
    reason: str


@dataclass(slots=True)
class Person:
    code: str
    facts: dict[str, object] = field(default_factory=dict)  # name, sex, birth_date, age, chief, note
    told: dict[str, Place] = field(default_factory=dict)  # where each fact was first read
    attributes: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)  # visits of which more is known than measurements
    by_time: dict[dt.date | float, int] = field(default_factory=dict)  # date or day -> number of its first visit
    last: int = 0  # number of the visit begun last

    @property
    def has_visits(self) -> bool:
        return bool(self.entries or self.by_time)

    def is_name(self, name: str) -> bool:
        """Is this the name already known, spaces and width aside? True where none is known yet."""
        known = str(self.facts.get("name", ""))
        return not known or not name or name_key(known) == name_key(name)

    def learn(self, fact: str, value: object, place: Place) -> Place | None:
        """Keeps the first value of a fact; returns where a different one was told before, None where all is well."""
        if fact not in self.facts:
            self.facts[fact], self.told[fact] = value, place
            return None
        return None if self.facts[fact] == value else self.told[fact]


class People:
    """Patients by their normalised number: 'P001', 'P001 ', 'Ｐ００１' and 'p001' are one.

    Visits are numbered through, in the order in which they are first read of. What long tables measure at them is
    kept in ``measurements`` by these numbers; a visit of which nothing else is known needs no ``Entry``.
    """

    def __init__(self, report: ImportReport) -> None:
        self._report = report
        self._by_key: dict[str, Person] = {}
        self._raw: dict[str, Person] = {}
        self.plain: dict[str, Person] = {}  # by cells that are the number as it stands
        self._entries: dict[int, Entry] = {}
        self._rows: set[int] = set()  # hashes of the rows read, to find copies
        self.measurements = Measurements()
        self.sequence = 0

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence

    def visit_at(self, person: Person, when: dt.date | float) -> int:
        """Number of the patient's visit of that date or day, begun where there is none yet."""
        if (number := person.by_time.get(when)) is None:
            number = person.by_time[when] = person.last = self.next_sequence()
        return number

    def entry_at(self, person: Person, when: dt.date | float) -> Entry:
        """As ``visit_at``, with room for more than measurements."""
        number = self.visit_at(person, when)
        if (entry := self._entries.get(number)) is None:
            entry = self._entries[number] = _bare(number, when)
            person.entries.append(entry)
        return entry

    def add(self, person: Person, entry: Entry) -> None:
        """A visit of its own, whatever else there is at its time."""
        person.entries.append(entry)
        self._entries[entry.sequence] = entry
        person.last = entry.sequence
        when = entry.date if entry.date is not None else entry.clock
        if when is not None:
            person.by_time.setdefault(when, entry.sequence)

    def last_entry(self, person: Person) -> Entry | None:
        """The patient's visit begun last; None where nothing but measurements is known of it, or there is none."""
        return self._entries.get(person.last)

    def is_copy(self, person: Person, row: tuple[str, ...]) -> bool:
        """Was the very same row of this patient asked for before?"""
        key = hash((person.code, row))
        if key in self._rows:
            return True
        self._rows.add(key)
        return False

    def find(self, cell: Cell) -> tuple[Person | None, str]:
        """The patient of a cell, or None and why there is none."""
        raw = cell if isinstance(cell, str) else as_text(cell)
        if (person := self._raw.get(raw)) is not None:
            if raw != person.code:
                self._report.normalise(raw, person.code, t("patient number"))
            return person, ""
        if values.is_missing(cell) or not isinstance(cell, str | int | float) or isinstance(cell, bool):
            return None, t("no patient number")
        code = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", raw)).strip()
        if len(code) > MAX_CODE or not code.isprintable():
            return None, t("a patient number has at most {n} characters and no control characters", n=MAX_CODE)
        key = code_key(code)
        person = self._by_key.get(key) or Person(code)
        if raw != person.code:
            self._report.normalise(raw, person.code, t("patient number"))
        elif cell is raw:
            self.plain[raw] = person
        self._by_key[key] = self._raw[raw] = person
        return person, ""

    def codes(self) -> list[str]:
        """Of every patient with at least one visit, in order of appearance."""
        return [person.code for person in self._by_key.values() if person.has_visits]

    def cases(self) -> Iterator[Case]:
        """Every patient with at least one visit, in order of appearance. Once: what a case is made of is let go."""
        for person in self._by_key.values():
            if person.has_visits:
                case = _case(person, self._all_entries(person), self._report)
                person.entries.clear()
                person.by_time.clear()
                yield case

    def _all_entries(self, person: Person) -> list[Entry]:
        found = list(person.entries)
        found += [_bare(number, when) for when, number in person.by_time.items() if number not in self._entries]
        for entry in found:
            entry.observations[:0] = map(self.measurements.observation, entry.measured)
            entry.observations += self.measurements.of(entry.sequence)
            self._entries.pop(entry.sequence, None)
        return found


def _bare(number: int, when: dt.date | float) -> Entry:
    return Entry(number, date=when) if isinstance(when, dt.date) else Entry(number, clock=when)


def _case(person: Person, entries: list[Entry], report: ImportReport) -> Case:
    visits = place(entries, report)
    facts = person.facts
    ages = [entry.age for entry in sorted(entries, key=_when) if entry.age is not None]
    age = ages[0] if ages else facts.get("age")
    birth = facts.get("birth_date")
    first = min((visit.date for visit in visits if visit.date is not None), default=None)
    if isinstance(birth, dt.date) and first is not None and birth > first:
        told = person.told["birth_date"]
        reason = t("born after the first visit on {date}; left out", date=first.isoformat())
        report.refuse(told.file, told.row, t("date of birth"), birth.isoformat(), reason)
        birth = None
    patient = Patient(
        code=person.code,
        name=str(facts.get("name", "")),
        sex=str(facts.get("sex", "")),
        birth_date=birth if isinstance(birth, dt.date) else None,
        age=age if isinstance(age, float) else None,
        chief=str(facts.get("chief", "")),
        note=str(facts.get("note", "")),
    )
    return Case(patient, tuple(visits), dict(person.attributes))


def _when(entry: Entry) -> tuple[dt.date, float, int]:
    return entry.date or dt.date.min, entry.clock or 0.0, entry.sequence
