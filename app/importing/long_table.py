"""Long tables: one measurement a row (patient, time, variable, value, unit); rows of one time become one visit.

A row without a time is a fact of the patient if its variable never comes with one, else it is refused. Repeated
measurements with equal values are one; with different values the later row is refused. Treatments are variables of
that role in the mapping, or named "treatment:NAME", value and unit being the daily dose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain import herbs
from app.domain.records import Observation, Prescription, PrescriptionItem, ValueKind
from app.i18n import t
from app.importing import facts, measures, roles, values
from app.importing.mapping import MAX_NAME, Mapping, Variable, treatment_name, variable_for
from app.importing.people import People, Person, Place, RowError
from app.importing.placing import Entry
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.tables import Cell, Row, Table, as_text

MAX_CLOCK_DAYS = 200 * 366
MAX_TEXT = 10_000  # characters of a text value
_GRAMS = {"g": 1.0, "克": 1.0, "mg": 1e-3, "毫克": 1e-3, "kg": 1e3, "": 1.0}


@dataclass(slots=True)
class LongReader:
    """Reads tables of one mapping into ``people``."""

    mapping: Mapping
    people: People
    report: ImportReport
    _untimed: list[tuple[Person, Variable, Cell, Place]] = field(default_factory=list)
    _timed: set[str] = field(default_factory=set)
    _variables: dict[str, Variable] = field(default_factory=dict)
    _at: dict[Role, int] = field(default_factory=dict)
    _headers: tuple[str, ...] = ()
    _extra: list[tuple[int, str, Role]] = field(default_factory=list)
    _told: dict[int, set[tuple[Cell, ...]]] = field(default_factory=dict)  # facts read, by id of the person

    def read(self, table: Table) -> Iterator[int]:
        """Reads every row; yields after each the number of rows so far. ``finish`` must follow."""
        self.mapping.check(table)
        index = {header: at for at, header in enumerate(table.headers)}
        self._headers = table.headers
        self._at = {role: index[header] for header, role in self.mapping.columns.items() if header in index}
        shared = (Role.STATIC, *facts.FACTS)
        self._extra = [(index[h], h, role) for h, role in self.mapping.columns.items() if role in shared]
        for count, row in enumerate(table.rows(), start=1):
            self.report.rows_read += 1
            place = Place(table.file, row.number)
            try:
                self._row(row, place)
                self.report.rows_accepted += 1
            except RowError as refused:
                self.report.rows_refused += 1
                self.report.refuse(place.file, place.row, refused.column, refused.value, refused.reason)
            yield count

    def finish(self) -> None:
        """Rows without a time: facts where the variable is never timed, refused where it is.

        To be called after all files are read: a patient's measurements may stand in another one.
        """
        column = self.mapping.column(Role.TIME) or self.mapping.column(Role.DATE) or ""
        for person, variable, cell, place in self._untimed:
            reason = ""
            if variable.role == "observation" and variable.name in self._timed:
                reason = t("no time")
            elif not person.entries:
                reason = t("the patient has no measurement with a time, so no visit")
            if reason:
                self.report.rows_accepted -= 1
                self.report.rows_refused += 1
                self.report.refuse(place.file, place.row, column, "", reason)
            else:
                self._fact(person, variable, cell, place)
        self._untimed.clear()

    def _cell(self, row: Row, role: Role) -> Cell:
        return row.cells[self._at[role]] if role in self._at else None

    def _unknown(self, kind: str, term: str, place: Place, role: Role) -> None:
        self.report.unknown(kind, term, place.file, place.row, self._headers[self._at[role]])

    def _error(self, role: Role, cell: Cell, reason: str) -> RowError:
        return RowError(self._headers[self._at[role]], cell, reason)

    def _row(self, row: Row, place: Place) -> None:
        if row.problem:
            raise RowError("", " | ".join(as_text(cell) for cell in row.cells[:20]), row.problem)
        person, why = self.people.find(self._cell(row, Role.PATIENT))
        if person is None:
            raise self._error(Role.PATIENT, self._cell(row, Role.PATIENT), why)
        name = as_text(self._cell(row, Role.VARIABLE))
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise self._error(Role.VARIABLE, name, t("no variable"))
        called = self._cell(row, Role.NAME)
        if not values.is_missing(called) and not person.is_name(as_text(called)):
            told = person.told["name"]
            reason = t(
                "another name under the same patient number, see {file}, row {row}", file=told.file, row=told.row
            )
            raise self._error(Role.NAME, called, reason)
        variable = self._variable(name)
        cell, unit = self._cell(row, Role.VALUE), as_text(self._cell(row, Role.UNIT))
        if unit and not measures.is_unit(unit):
            self._unknown("unit", unit, place, Role.UNIT)
        when = self._time(row)
        value = self._value(variable, cell, unit)
        if unit and not variable.unit and value is not None:  # the first unit given is the variable's
            self._variables[name] = variable.model_copy(update={"unit": unit})
        if when is None or self._is_fact(variable):
            self._untimed.append((person, variable, cell, place))
        elif value is None:
            self._timed.add(variable.name)
            person.entry_at(when, self.people.next_sequence())
            self.report.normalise(as_text(cell), "", t("no value recorded"))
        else:
            self._timed.add(variable.name)
            entry = person.by_time.get(when)
            if variable.role == "treatment":
                self._treat(entry or person.entry_at(when, self.people.next_sequence()), variable, value)
                if not herbs.match(variable.name).herb:
                    self._unknown("herb", variable.name, place, Role.VARIABLE)
            else:
                self._observe(person, entry, when, variable, value)
        self._facts(person, row, place)

    @staticmethod
    def _is_fact(variable: Variable) -> bool:
        return variable.role == "static" or roles.role_of(variable.name) in facts.FACTS

    def _variable(self, name: str) -> Variable:
        if (variable := self._variables.get(name)) is None:
            variable = self.mapping.variables.get(name)
            if variable is None:
                if treatment := treatment_name(name):
                    variable = Variable(name=treatment, role="treatment", unit="g")
                else:
                    variable = variable_for(name, ())
            self._variables[name] = variable
        return variable

    def _time(self, row: Row) -> dt.date | float | None:
        date, clock = self._cell(row, Role.DATE), self._cell(row, Role.TIME)
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

    def _value(self, variable: Variable, cell: Cell, unit: str) -> Observation | None:
        """The observation of a cell; None where nothing was recorded. Raises RowError with the reason."""
        if values.is_missing(cell):
            return None
        if self._is_fact(variable):
            return Observation(variable.code, ValueKind.TEXT, text=as_text(cell), raw=as_text(cell))
        try:
            observation, rule = observe(variable, cell, unit)
        except ValueError as error:
            raise self._error(Role.VALUE, cell, str(error)) from error
        if rule:
            shown = observation.number if observation.number is not None else observation.text
            self.report.normalise(f"{as_text(cell)} {unit}".strip(), f"{shown} {observation.unit}".strip(), rule)
        return observation

    def _observe(
        self, person: Person, entry: Entry | None, when: dt.date | float, variable: Variable, value: Observation
    ) -> None:
        known = entry.seen.get(value.concept) if entry is not None else None
        if known is not None:
            if (known.number, known.text, known.unit) != (value.number, value.text, value.unit):
                reason = t(
                    "another value of {name} at the same time was read before: {value}",
                    name=variable.name,
                    value=known.raw,
                )
                raise self._error(Role.VALUE, value.raw, reason)
            self.report.normalise(variable.name, variable.name, t("the same measurement twice, kept once"))
            return
        entry = entry or person.entry_at(when, self.people.next_sequence())
        entry.seen[value.concept] = value
        entry.observations.append(value)

    def _treat(self, entry: Entry, variable: Variable, value: Observation) -> None:
        """Adds a dose to the prescription of the visit. value: grams a day."""
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

    def _facts(self, person: Person, row: Row, place: Place) -> None:
        """Columns that repeat a fact on every row are read once for each value they take."""
        if not self._extra:
            return
        cells = [row.cells[at] for at, _header, _role in self._extra]
        told = self._told.setdefault(id(person), set())
        if (key := tuple(cells)) in told:
            return
        told.add(key)
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


def observe(variable: Variable, cell: Cell, unit: str) -> tuple[Observation, str]:
    """One cell as an observation of a variable, and the rule by which it was changed ("" where it was not).

    unit: as given beside the value; "" where it may stand in the cell. Raises ValueError with a reason for the user.
    """
    raw = as_text(cell)
    if len(raw) > MAX_TEXT:
        raise ValueError(t("more than {n} characters", n=MAX_TEXT))
    if variable.kind == ValueKind.TEXT:
        return Observation(variable.code, ValueKind.TEXT, text=raw, unit=variable.unit, raw=raw), ""
    if variable.kind == ValueKind.CODE:
        return Observation(variable.code, ValueKind.CODE, code=raw, raw=raw), ""
    if not unit:
        cell, unit = measures.split(cell)  # 61.5kg
    parsed = values.score(cell, variable.scale) if variable.scale else values.number(cell)
    if not isinstance(parsed.value, int | float):
        raise ValueError(parsed.reason)
    value, rule = float(parsed.value), parsed.rule
    target = "g" if variable.role == "treatment" else variable.unit
    if unit and target and unit != target:
        converted = _grams(value, unit) if variable.role == "treatment" else values.convert(value, unit, target)
        if converted is None:
            raise ValueError(t("unit {unit} cannot be converted exactly to {target}", unit=unit, target=target))
        rule = t("unit {unit} as {target}", unit=unit, target=target) if converted != value or not rule else rule
        value = converted
    if (variable.lower is not None and value < variable.lower) or (
        variable.upper is not None and value > variable.upper
    ):
        low, high = variable.lower, variable.upper
        raise ValueError(
            t(
                "outside {low} to {high}",
                low="-∞" if low is None else f"{low:g}",
                high="∞" if high is None else f"{high:g}",
            )
        )
    return Observation(variable.code, variable.kind, number=value, unit=target or unit, raw=raw), rule


def _grams(value: float, unit: str) -> float | None:
    factor = _GRAMS.get(unit.casefold())
    return None if factor is None else value * factor
