"""Long tables: one measurement a row (patient, time, variable, value, unit); rows of one time become one visit.

A row without a time is a fact of the patient if its variable never comes with one, else it is refused. Repeated
measurements with equal values are one; with different values the later row is refused. Treatments are variables of
that role in the mapping, or named "treatment:NAME", value and unit being the daily dose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain import herbs
from app.domain.records import Prescription, PrescriptionItem, ValueKind
from app.i18n import t
from app.importing import facts, measures, roles, values
from app.importing.mapping import MAX_NAME, Mapping, Variable, treatment_name, variable_for
from app.importing.measurements import MISSING, REMEMBERED, Read, is_key
from app.importing.observing import observe
from app.importing.people import People, Person, Place, RowError
from app.importing.placing import Entry
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.tables import Cell, Row, Table, as_text

MAX_CLOCK_DAYS = 200 * 366
_FACT = -2  # instead of a slot


@dataclass(slots=True)
class _Known:
    """A variable, and what its cells were read as. concept: number in ``Measurements``; fact: of the patient.

    read: (value, unit) -> slot, and what was changed on the way; or why it is refused
    """

    variable: Variable
    concept: int
    fact: bool
    read: dict[tuple[Cell, Cell], Read] = field(default_factory=dict)

    def takes(self, number: float, unit: str) -> bool:
        """Is a number that stands alone in its cell a value as it is? Then nothing of it has to be told."""
        variable = self.variable
        return (
            not self.fact
            and not variable.scale
            and variable.role == "observation"
            and variable.kind not in (ValueKind.TEXT, ValueKind.CODE)
            and (not unit or unit == variable.unit)
            and (variable.lower is None or number >= variable.lower)
            and (variable.upper is None or number <= variable.upper)
        )


@dataclass(slots=True)
class LongReader:
    """Reads tables of one mapping into ``people``. Each distinct cell is understood once and then remembered."""

    mapping: Mapping
    people: People
    report: ImportReport
    _file: str = ""
    _untimed: list[tuple[Person, Variable, Cell, str, int]] = field(default_factory=list)  # with file and row
    _timed: set[str] = field(default_factory=set)
    _variables: dict[str, _Known] = field(default_factory=dict)
    _names: dict[str, _Known] = field(default_factory=dict)  # by the cell as it stands
    _units: dict[str, str] = field(default_factory=dict)
    _odd_units: set[str] = field(default_factory=set)  # those no measure is known by
    _times: dict[tuple[Cell, Cell], dt.date | float | None] = field(default_factory=dict)
    _room: int = REMEMBERED  # for more values
    _at: dict[Role, int] = field(default_factory=dict)
    _needed: tuple[Any, ...] = ()  # places of patient, variable, value; of unit, date, time, name or None
    _headers: tuple[str, ...] = ()
    _extra: list[tuple[int, str, Role]] = field(default_factory=list)
    _told: dict[int, set[tuple[Cell, ...]]] = field(default_factory=dict)  # facts read, by id of the person
    _called: dict[int, Cell] = field(default_factory=dict)  # cell of the name found right, by id of the person

    def read(self, table: Table) -> Iterator[int]:
        """Reads every row; yields after each the number of rows so far. ``finish`` must follow."""
        self.mapping.check(table)
        index = {header: at for at, header in enumerate(table.headers)}
        self._file, self._headers = table.file, table.headers
        self._at = {role: index[header] for header, role in self.mapping.columns.items() if header in index}
        self._needed = (
            *(self._at[role] for role in (Role.PATIENT, Role.VARIABLE, Role.VALUE)),
            *(self._at.get(role) for role in (Role.UNIT, Role.DATE, Role.TIME, Role.NAME)),
        )
        shared = (Role.STATIC, *facts.FACTS)
        self._extra = [(index[h], h, role) for h, role in self.mapping.columns.items() if role in shared]
        report, takes = self.report, self._quick()
        for count, row in enumerate(table.rows(), start=1):
            report.rows_read += 1
            try:
                if row.problem or not takes(row.cells):
                    self._row(row)
                report.rows_accepted += 1
            except RowError as refused:
                report.rows_refused += 1
                report.refuse(table.file, row.number, refused.column, refused.value, refused.reason)
            yield count

    def finish(self) -> None:
        """Rows without a time: facts where the variable is never timed, refused where it is.

        To be called after all files are read: a patient's measurements may stand in another one.
        """
        column = self.mapping.column(Role.TIME) or self.mapping.column(Role.DATE) or ""
        for person, variable, cell, file, row in self._untimed:
            reason = ""
            if variable.role == "observation" and variable.name in self._timed:
                reason = t("no time")
            elif not person.has_visits:
                reason = t("the patient has no measurement with a time, so no visit")
            if reason:
                self.report.rows_accepted -= 1
                self.report.rows_refused += 1
                self.report.refuse(file, row, column, "", reason)
            else:
                self._fact(person, variable, cell, Place(file, row))
        self._untimed.clear()

    def _unknown(self, kind: str, term: str, number: int, role: Role) -> None:
        self.report.unknown(kind, term, self._file, number, self._headers[self._at[role]])

    def _error(self, role: Role, cell: Cell, reason: str) -> RowError:
        return RowError(self._headers[self._at[role]], cell, reason)

    def _quick(self) -> Callable[[Sequence[Cell]], bool]:
        """Takes a row of which every cell but the value is known from rows before, as most are; False where not.

        ``_row`` says what a row means; this does the same for that case alone, at a third of the time.
        """
        patient, name, value, unit_at, date_at, time_at, called_at = self._needed
        extra = [at for at, _header, _role in self._extra]
        people, names, times, called, told = self.people.plain, self._names, self._times, self._called, self._told
        units, odd, timed, measured = self._units, self._odd_units, self._timed, self.people.measurements
        nothing: frozenset[tuple[Cell, ...]] = frozenset()

        def takes(cells: Sequence[Cell]) -> bool:
            person, known, cell = people.get(cells[patient]), names.get(cells[name]), cells[value]
            if person is None or known is None:
                return False
            date, clock = None if date_at is None else cells[date_at], None if time_at is None else cells[time_at]
            variable, unit = known.variable, None if unit_at is None else cells[unit_at]
            if (
                (when := times.get((date, clock))) is None
                or date.__class__ is bool  # equal to a number, and no time
                or clock.__class__ is bool
                or not (unit is None or (unit.__class__ is str and unit in units))
                or unit in odd
                or known.fact
                or variable.role != "observation"
                or variable.name not in timed
                or (unit and unit != variable.unit)
                or (called_at is not None and called.get(id(person)) != cells[called_at])
                or (extra and tuple([cells[at] for at in extra]) not in told.get(id(person), nothing))
                or (visit := person.by_time.get(when)) is None
            ):
                return False
            slot = self._value(known, cell, unit)
            if slot is None:
                return False
            before = measured.put(visit, known.concept, slot)
            if before is not None:
                self._again(known, before, slot)
            return True

        return takes

    def _row(self, row: Row) -> None:
        number, cells, problem = row
        if problem:
            raise RowError("", " | ".join(as_text(cell) for cell in cells[:20]), problem)
        patient, name, value, *where = self._needed
        person, why = self.people.find(cells[patient])
        if person is None:
            raise self._error(Role.PATIENT, cells[patient], why)
        known = self._known(cells[name])
        unit_at, date_at, time_at, called_at = where
        if called_at is not None:
            self._check_name(person, cells[called_at])
        cell, unit_cell = cells[value], None if unit_at is None else cells[unit_at]
        known_unit = unit_cell is None or (unit_cell.__class__ is str and unit_cell in self._units)
        if (self._odd_units or not known_unit) and (unit := self._unit(unit_cell)) in self._odd_units:
            self._unknown("unit", unit, number, Role.UNIT)
        when = self._time(
            None if date_at is None else cells[date_at],
            None if time_at is None else cells[time_at],
        )
        slot = self._value(known, cell, unit_cell)
        variable = known.variable
        if unit_cell and not variable.unit and slot is not None and (unit := self._unit(unit_cell)):
            self._learn_unit(known, unit)
        if when is None or known.fact:
            self._untimed.append((person, variable, cell, self._file, number))
        else:
            self._timed.add(variable.name)
            if slot is None:
                self.people.visit_at(person, when)
                self.report.normalise(as_text(cell), "", t("no value recorded"))
            elif variable.role == "treatment":
                self._treat(self.people.entry_at(person, when), variable, slot)
                if herbs.match(variable.name).herb is None:
                    self._unknown("herb", variable.name, number, Role.VARIABLE)
            else:
                self._observe(person, when, known, slot)
        if self._extra:
            self._facts(person, cells, number)

    def _check_name(self, person: Person, cell: Cell) -> None:
        if values.is_missing(cell) or ("name" in person.facts and self._called.get(id(person)) == cell):
            return
        if not person.is_name(as_text(cell)):
            told = person.told["name"]
            reason = t(
                "another name under the same patient number, see {file}, row {row}", file=told.file, row=told.row
            )
            raise self._error(Role.NAME, cell, reason)
        if "name" in person.facts and isinstance(cell, str):
            self._called[id(person)] = cell

    def _known(self, cell: Cell) -> _Known:
        if isinstance(cell, str) and (known := self._names.get(cell)) is not None:
            return known
        name = as_text(cell)
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise self._error(Role.VARIABLE, name, t("no variable"))
        if (known := self._variables.get(name)) is None:
            variable = self._variable(name)
            is_fact = variable.role == "static" or roles.role_of(variable.name) in facts.FACTS
            known = _Known(variable, self.people.measurements.concept(variable.code), is_fact)
            self._variables[name] = known
        if isinstance(cell, str) and len(self._names) < REMEMBERED:
            self._names[cell] = known
        return known

    def _variable(self, name: str) -> Variable:
        if (variable := self.mapping.variables.get(name)) is not None:
            return variable
        if treatment := treatment_name(name):
            return Variable(name=treatment, role="treatment", unit="g")
        return variable_for(name, ())

    @staticmethod
    def _learn_unit(known: _Known, unit: str) -> None:
        """The first unit given is the variable's."""
        known.variable = known.variable.model_copy(update={"unit": unit})
        known.read.clear()

    def _unit(self, cell: Cell) -> str:
        if isinstance(cell, str) and (known := self._units.get(cell)) is not None:
            return known
        unit = as_text(cell)
        if unit and not measures.is_unit(unit):
            self._odd_units.add(unit)
        if isinstance(cell, str) and len(self._units) < REMEMBERED:
            self._units[cell] = unit
        return unit

    def _time(self, date: Cell, clock: Cell) -> dt.date | float | None:
        key = date, clock
        if (plain := is_key(date) and is_key(clock)) and key in self._times:
            return self._times[key]
        when = self._parsed_time(date, clock)
        if plain and len(self._times) < REMEMBERED:
            self._times[key] = when
        return when

    def _parsed_time(self, date: Cell, clock: Cell) -> dt.date | float | None:
        if Role.DATE in self._at and not values.is_missing(date):
            parsed = values.date(date, self.mapping.dates)
            if not isinstance(parsed.value, dt.date):
                raise self._error(Role.DATE, date, parsed.reason)
            return parsed.value
        if Role.TIME in self._at and not values.is_missing(clock):
            parsed = values.number(clock)
            if not isinstance(parsed.value, float):
                raise self._error(Role.TIME, clock, parsed.reason)
            days = parsed.value * values.TIME_UNITS[self.mapping.time_unit]
            if abs(days) > MAX_CLOCK_DAYS:
                raise self._error(Role.TIME, clock, t("more than two hundred years"))
            return days
        return None

    def _value(self, known: _Known, cell: Cell, unit_cell: Cell) -> int | None:
        """Slot of the value of a cell; None where nothing was recorded. Raises RowError with the reason."""
        key = cell, unit_cell
        plain = (cell.__class__ is str or is_key(cell)) and (unit_cell.__class__ is str or is_key(unit_cell))
        read = known.read.get(key) if plain else None
        if read is None:
            read = self._read_value(known, cell, self._unit(unit_cell))
            if plain and self._room > 0:
                self._room -= 1
                known.read[key] = read
        if isinstance(read, str):
            raise self._error(Role.VALUE, cell, read)
        slot, normalised = read
        if normalised is not None:
            self.report.normalise(*normalised)
        return None if slot == MISSING else slot

    def _read_value(self, known: _Known, cell: Cell, unit: str) -> Read:
        if (number := values.plain_number(cell)) is not None and known.takes(number, unit):
            variable = known.variable
            return self.people.measurements.keep_number(variable.code, variable.kind, variable.unit, number, cell), None
        if values.is_missing(cell):
            return MISSING, None
        if known.fact:
            return _FACT, None
        try:
            seen, rule = observe(known.variable, cell, unit)
        except ValueError as error:
            return str(error)
        shown = seen.number if seen.number is not None else seen.text
        normalised = f"{as_text(cell)} {unit}".strip(), f"{shown} {seen.unit}".strip(), rule
        return self.people.measurements.keep(seen), normalised if rule else None

    def _observe(self, person: Person, when: dt.date | float, known: _Known, slot: int) -> None:
        measured = self.people.measurements
        visit = self.people.visit_at(person, when)
        before = measured.put(visit, known.concept, slot)
        if before is not None:
            self._again(known, before, slot)

    def _again(self, known: _Known, before: int, slot: int) -> None:
        """One variable twice at one time: the same is kept once, RowError where it is another."""
        name, measured = known.variable.name, self.people.measurements
        if before != slot:
            first, value = measured.observation(before), measured.observation(slot)
            if (first.number, first.text, first.unit) != (value.number, value.text, value.unit):
                reason = t(
                    "another value of {name} at the same time was read before: {value}", name=name, value=first.raw
                )
                raise self._error(Role.VALUE, value.raw, reason)
        self.report.normalise(name, name, t("the same measurement twice, kept once"))

    def _treat(self, entry: Entry, variable: Variable, slot: int) -> None:
        """Adds a dose to the prescription of the visit. slot: of grams a day."""
        value = self.people.measurements.observation(slot)
        found = herbs.match(variable.name)
        item = PrescriptionItem(
            raw_name=variable.name,
            herb=found.herb.code if found.herb else "",
            grams=value.number,
            processing=found.processing,
            raw_dose=value.raw,
        )
        self.report.herb_items_total += 1
        self.report.herb_items_mapped += found.herb is not None
        before = entry.prescriptions[0].items if entry.prescriptions else ()
        entry.prescriptions[:1] = [Prescription((*before, item))]

    def _facts(self, person: Person, row: Sequence[Cell], number: int) -> None:
        """Columns that repeat a fact on every row are read once for each value they take."""
        cells = [row[at] for at, _header, _role in self._extra]
        told = self._told.setdefault(id(person), set())
        if (key := tuple(cells)) in told:
            return
        told.add(key)
        place = Place(self._file, number)
        for cell, (_at, header, role) in zip(cells, self._extra, strict=True):
            if role == Role.STATIC:
                facts.attribute(person, header, cell, place, self.report)
            else:
                facts.learn(person, role, cell, header, place, self.report, self.mapping.dates)

    def _fact(self, person: Person, variable: Variable, cell: Cell, place: Place) -> None:
        role = roles.role_of(variable.name)
        if role is not None and role in facts.FACTS:
            facts.learn(person, role, cell, variable.name, place, self.report, self.mapping.dates)
        else:
            facts.attribute(person, variable.name, cell, place, self.report)
