"""Long tables read in the plainest way: every row on its own, nothing remembered, a case at a time from lists of rows.

What the fast reader does must not be told from this by its cases or its report.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from app.domain import herbs
from app.domain.records import Case, Observation, Prescription, PrescriptionItem, ValueKind
from app.i18n import t
from app.importing import facts, measures, people, roles, values
from app.importing.long_table import MAX_CLOCK_DAYS
from app.importing.mapping import MAX_NAME, Mapping, Variable, treatment_name, variable_for
from app.importing.observing import observe
from app.importing.people import People, Person, Place, RowError
from app.importing.placing import Entry
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.tables import Cell, Row, Table, as_text


@dataclass
class PlainReader:
    mapping: Mapping
    report: ImportReport
    people: People = field(init=False)
    entries: dict[str, dict[dt.date | float, Entry]] = field(default_factory=dict)
    untimed: list[tuple[Person, Variable, Cell, Place]] = field(default_factory=list)
    timed: set[str] = field(default_factory=set)
    variables: dict[str, Variable] = field(default_factory=dict)
    told: set[tuple[Cell, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.people = People(self.report)

    def cases(self, table: Table) -> list[Case]:
        index = {header: at for at, header in enumerate(table.headers)}
        self.table = table
        self.at = {role: index[header] for header, role in self.mapping.columns.items() if header in index}
        for row in table.rows():
            self.report.rows_read += 1
            place = Place(table.file, row.number)
            try:
                self._row(row, place)
                self.report.rows_accepted += 1
            except RowError as refused:
                self.report.rows_refused += 1
                self.report.refuse(place.file, place.row, refused.column, refused.value, refused.reason)
        self._untimed()
        return [
            people._case(person, list(self.entries[person.code].values()), self.report)
            for person in self.people._by_key.values()
            if person.code in self.entries
        ]

    def _cell(self, row: Row, role: Role) -> Cell:
        return row.cells[self.at[role]] if role in self.at else None

    def _error(self, role: Role, cell: Cell, reason: str) -> RowError:
        return RowError(self.table.headers[self.at[role]], cell, reason)

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
            template = "another name under the same patient number, see {file}, row {row}"
            raise self._error(Role.NAME, called, t(template, file=told.file, row=told.row))
        variable = self.variables.setdefault(name, self._variable(name))
        cell, unit = self._cell(row, Role.VALUE), as_text(self._cell(row, Role.UNIT))
        if unit and not measures.is_unit(unit):
            self._unknown("unit", unit, place, Role.UNIT)
        when = self._time(row)
        value = self._value(variable, cell, unit)
        if unit and not variable.unit and value is not None:
            self.variables[name] = variable.model_copy(update={"unit": unit})
        if when is None or self._is_fact(variable):
            self.untimed.append((person, variable, cell, place))
        elif value is None:
            self.timed.add(variable.name)
            self._entry(person, when)
            self.report.normalise(as_text(cell), "", t("no value recorded"))
        else:
            self.timed.add(variable.name)
            if variable.role == "treatment":
                self._treat(self._entry(person, when), variable, value)
                if herbs.match(variable.name).herb is None:
                    self._unknown("herb", variable.name, place, Role.VARIABLE)
            else:
                self._observe(self._entry(person, when), variable, value)
        self._facts(person, row, place)

    def _unknown(self, kind: str, term: str, place: Place, role: Role) -> None:
        self.report.unknown(kind, term, place.file, place.row, self.table.headers[self.at[role]])

    @staticmethod
    def _is_fact(variable: Variable) -> bool:
        return variable.role == "static" or roles.role_of(variable.name) in facts.FACTS

    def _variable(self, name: str) -> Variable:
        if name in self.mapping.variables:
            return self.mapping.variables[name]
        if treatment := treatment_name(name):
            return Variable(name=treatment, role="treatment", unit="g")
        return variable_for(name, ())

    def _entry(self, person: Person, when: dt.date | float) -> Entry:
        known = self.entries.setdefault(person.code, {})
        if when not in known:
            number = self.people.next_sequence()
            known[when] = Entry(number, date=when) if isinstance(when, dt.date) else Entry(number, clock=when)
        return known[when]

    def _time(self, row: Row) -> dt.date | float | None:
        date, clock = self._cell(row, Role.DATE), self._cell(row, Role.TIME)
        if not values.is_missing(date):
            parsed = values.date(date, self.mapping.dates)
            if not isinstance(parsed.value, dt.date):
                raise self._error(Role.DATE, date, parsed.reason)
            return parsed.value
        if not values.is_missing(clock):
            parsed = values.number(clock)
            if not isinstance(parsed.value, float):
                raise self._error(Role.TIME, clock, parsed.reason)
            days = parsed.value * values.TIME_UNITS[self.mapping.time_unit]
            if abs(days) > MAX_CLOCK_DAYS:
                raise self._error(Role.TIME, clock, t("more than two hundred years"))
            return days
        return None

    def _value(self, variable: Variable, cell: Cell, unit: str) -> Observation | None:
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

    def _observe(self, entry: Entry, variable: Variable, value: Observation) -> None:
        known = next((seen for seen in entry.observations if seen.concept == value.concept), None)
        if known is None:
            entry.observations.append(value)
        elif (known.number, known.text, known.unit) == (value.number, value.text, value.unit):
            self.report.normalise(variable.name, variable.name, t("the same measurement twice, kept once"))
        else:
            template = "another value of {name} at the same time was read before: {value}"
            raise self._error(Role.VALUE, value.raw, t(template, name=variable.name, value=known.raw))

    def _treat(self, entry: Entry, variable: Variable, value: Observation) -> None:
        found = herbs.match(variable.name)
        code = found.herb.code if found.herb else ""
        item = PrescriptionItem(
            variable.name, code, value.number, processing=found.processing, note="", raw_dose=value.raw
        )
        self.report.herb_items_total += 1
        self.report.herb_items_mapped += found.herb is not None
        before = entry.prescriptions[0].items if entry.prescriptions else ()
        entry.prescriptions[:1] = [Prescription((*before, item))]

    def _facts(self, person: Person, row: Row, place: Place) -> None:
        shared = [
            (header, role) for header, role in self.mapping.columns.items() if role in (Role.STATIC, *facts.FACTS)
        ]
        cells = [row.cells[self.table.headers.index(header)] for header, _role in shared]
        if (person.code, *cells) in self.told:
            return
        self.told.add((person.code, *cells))
        for cell, (header, role) in zip(cells, shared, strict=True):
            if role == Role.STATIC:
                facts.attribute(person, header, cell, place, self.report)
            else:
                facts.learn(person, role, cell, header, place, self.report, self.mapping.dates)

    def _untimed(self) -> None:
        column = self.mapping.column(Role.TIME) or self.mapping.column(Role.DATE) or ""
        for person, variable, cell, place in self.untimed:
            reason = ""
            if variable.role == "observation" and variable.name in self.timed:
                reason = t("no time")
            elif person.code not in self.entries:
                reason = t("the patient has no measurement with a time, so no visit")
            role = roles.role_of(variable.name)
            if reason:
                self.report.rows_accepted -= 1
                self.report.rows_refused += 1
                self.report.refuse(place.file, place.row, column, "", reason)
            elif role is not None and role in facts.FACTS:
                facts.learn(person, role, cell, variable.name, place, self.report, self.mapping.dates)
            else:
                facts.attribute(person, variable.name, cell, place, self.report)
