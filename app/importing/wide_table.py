"""Wide tables: one row a visit, as clinics keep them in a spreadsheet.

A row is refused as a whole where its patient or date cannot be read, or where the name contradicts the patient
number. Any other cell that cannot be read is left out and listed; the rest of its row is accepted.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.records import Diagnosis
from app.domain.units import UnitConvention, chinese_number
from app.i18n import t
from app.importing import facts, measures, values
from app.importing.concepts import syndrome_of
from app.importing.examination import Examiner
from app.importing.long_table import MAX_CLOCK_DAYS
from app.importing.mapping import Mapping, Variable, variable_for
from app.importing.measurements import MISSING, REMEMBERED, Read, is_key
from app.importing.observing import observe
from app.importing.people import People, Person, Place, RowError
from app.importing.placing import Entry
from app.importing.prescribing import Prescriber
from app.importing.report import ImportReport
from app.importing.roles import PULSE_PLACES, Role
from app.importing.tables import Cell, Row, Table, as_text

MAX_TEXT = 20_000  # characters of a free-text cell
_SEPARATED = re.compile(r"[、，,；;/+＋\n]+")
_FIRST_VISIT = ("初诊", "初", "首诊", "baseline")


@dataclass(slots=True)
class WideReader:
    """Reads tables of one mapping into ``people``."""

    mapping: Mapping
    people: People
    report: ImportReport
    convention: UnitConvention = UnitConvention.MODERN
    _columns: list[tuple[int, str, Role]] = field(default_factory=list)
    _at: dict[Role, tuple[int, str]] = field(default_factory=dict)
    _variables: dict[str, Variable] = field(default_factory=dict)
    _observed: list[tuple[int, str, Role]] = field(default_factory=list)  # of the columns, those measured
    _told: list[tuple[int, str, Role]] = field(default_factory=list)  # and the others
    _read: dict[tuple[int, Cell], Read] = field(default_factory=dict)  # (column, cell), each distinct cell once

    def read(self, table: Table) -> Iterator[int]:
        """Reads every row; yields after each the number of rows so far. ``finish`` must follow."""
        self.mapping.check(table)
        index = {header: at for at, header in enumerate(table.headers)}
        self._columns = [(index[h], h, role) for h, role in self.mapping.columns.items() if h in index]
        self._at = {role: (at, header) for at, header, role in reversed(self._columns)}
        for _at, header, role in self._columns:
            if role == Role.OBSERVATION:
                variable = self._variables[header] = self.mapping.variables.get(header) or variable_for(header, ())
                if variable.unit and not measures.is_unit(variable.unit):
                    self.report.unknown("unit", variable.unit, table.file, table.header_row, header)
        self._observed = [column for column in self._columns if column[2] == Role.OBSERVATION]
        self._told = [column for column in self._columns if column[2] not in (Role.OBSERVATION, Role.IGNORE)]
        self._read.clear()
        for header in table.headers:
            if self.mapping.columns.get(header, Role.IGNORE) == Role.IGNORE:
                self.report.normalise(header, "", t("column not imported"))
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
        """Nothing waits for the other files in a wide table."""

    def _cell(self, row: Row, role: Role) -> Cell:
        return row.cells[self._at[role][0]] if role in self._at else None

    def _row(self, row: Row, place: Place) -> None:
        if row.problem:
            raise RowError("", " | ".join(as_text(cell) for cell in row.cells[:20]), row.problem)
        patient_cell = self._cell(row, Role.PATIENT)
        person, why = self.people.find(patient_cell)
        if person is None:
            raise RowError(self._at[Role.PATIENT][1], patient_cell, why)
        self._check_name(person, row)
        row = self._without_endless(row, place)
        date, clock = self._date(row), self._clock(row)
        if self._is_copy(person, row, date, clock):
            self.report.normalise(person.code, person.code, t("the same row twice, kept once"))
            return
        entry = Entry(self.people.next_sequence(), date=date, clock=clock if date is None else None)
        self._order(entry, self._cell(row, Role.VISIT))
        previous = self.people.last_entry(person)
        self._facts(person, entry, row, place)
        self._observe(entry, row, place)
        self._examine(entry, row, place)
        self._conclude(entry, row, previous, place)
        self.people.add(person, entry)

    def _without_endless(self, row: Row, place: Place) -> Row:
        """The row less its cells of more text than a record holds, which are listed."""
        cells = row.cells
        for at, header, role in self._columns:
            cell = row.cells[at]
            if role != Role.IGNORE and isinstance(cell, str) and len(cell) > MAX_TEXT:
                self.report.refuse(place.file, place.row, header, cell, t("more than {n} characters", n=MAX_TEXT))
                cells = [*cells[:at], None, *cells[at + 1 :]]
        return Row(row.number, cells)

    def _check_name(self, person: Person, row: Row) -> None:
        cell = self._cell(row, Role.NAME)
        if values.is_missing(cell) or person.is_name(as_text(cell)):
            return
        told = person.told["name"]
        reason = t("another name under the same patient number, see {file}, row {row}", file=told.file, row=told.row)
        raise RowError(self._at[Role.NAME][1], cell, reason)

    def _date(self, row: Row) -> dt.date | None:
        cell = self._cell(row, Role.DATE)
        if values.is_missing(cell):
            return None
        parsed = values.date(cell, self.mapping.dates)
        if not isinstance(parsed.value, dt.date):
            raise RowError(self._at[Role.DATE][1], cell, parsed.reason)
        if (isinstance(cell, str) and cell.strip() != parsed.value.isoformat()) or parsed.rule:
            self.report.normalise(cell, parsed.value.isoformat(), parsed.rule or t("date"))
        return parsed.value

    def _clock(self, row: Row) -> float | None:
        cell = self._cell(row, Role.TIME)
        if values.is_missing(cell):
            return None
        parsed = values.number(cell)
        days = parsed.value * values.TIME_UNITS[self.mapping.time_unit] if isinstance(parsed.value, float) else None
        if days is None or abs(days) > MAX_CLOCK_DAYS:
            raise RowError(self._at[Role.TIME][1], cell, parsed.reason or t("more than two hundred years"))
        return days

    def _is_copy(self, person: Person, row: Row, date: dt.date | None, clock: float | None) -> bool:
        """The very same row again. Undated rows may well repeat: 二诊 as 初诊."""
        if date is None and clock is None:
            return False
        return self.people.is_copy(person, tuple([as_text(cell) for cell in row.cells]))

    @staticmethod
    def _order(entry: Entry, cell: Cell) -> None:
        text = as_text(cell)
        if not text:
            return
        entry.label = text
        word = text.removeprefix("第").removesuffix("次").removesuffix("诊")
        parsed = values.number(word).value
        if isinstance(parsed, float):
            entry.order = parsed
        elif text.casefold() in _FIRST_VISIT:
            entry.order = 1.0
        elif (counted := chinese_number(word)) is not None:
            entry.order = float(counted)

    def _facts(self, person: Person, entry: Entry, row: Row, place: Place) -> None:
        for at, header, role in self._told:
            cell = row.cells[at]
            if role == Role.AGE:
                parsed = values.age(cell)
                if isinstance(parsed.value, float):
                    entry.age = parsed.value
                elif not values.is_missing(cell):
                    self.report.refuse(place.file, place.row, header, cell, parsed.reason)
            elif role in facts.FACTS:
                facts.learn(person, role, cell, header, place, self.report, self.mapping.dates)
            elif role == Role.STATIC:
                facts.attribute(person, header, cell, place, self.report)
            elif role == Role.CHIEF and not values.is_missing(cell):
                person.learn("chief", as_text(cell), place)

    def _observe(self, entry: Entry, row: Row, place: Place) -> None:
        slots = array("q")
        for at, header, _role in self._observed:
            cell = row.cells[at]
            read = self._read.get((at, cell)) if (plain := is_key(cell)) else None
            if read is None:
                read = self._understood(header, cell)
                if plain and len(self._read) < REMEMBERED:
                    self._read[at, cell] = read
            if isinstance(read, str):
                self.report.refuse(place.file, place.row, header, cell, read)
            elif read[0] != MISSING:
                slots.append(read[0])
                if read[1] is not None:
                    self.report.normalise(*read[1])
        entry.measured = slots

    def _understood(self, header: str, cell: Cell) -> Read:
        if values.is_missing(cell):
            return MISSING, None
        try:
            observation, rule = observe(self._variables[header], cell, "")
        except ValueError as error:
            return str(error)
        normalised = (as_text(cell), f"{observation.number:g}", rule) if rule else None
        return self.people.measurements.keep(observation), normalised

    def _examine(self, entry: Entry, row: Row, place: Place) -> None:
        examiner = Examiner(self.report, place)
        for at, header, role in self._told:
            cell = row.cells[at]
            if values.is_missing(cell):
                continue
            if role in PULSE_PLACES:
                entry.pulses += examiner.pulse(as_text(cell), header, role)
            elif role == Role.TONGUE:
                entry.observations += examiner.tongue(as_text(cell), header)
            elif role == Role.TEXT:
                measured = map(self.people.measurements.observation, entry.measured)
                known = {observation.concept for observation in (*measured, *entry.observations)}
                found = examiner.free_text(as_text(cell))
                entry.observations += [observation for observation in found if observation.concept not in known]

    def _conclude(self, entry: Entry, row: Row, previous: Entry | None, place: Place) -> None:
        prescriber = Prescriber(self.report, place, self.convention)
        formula = doses = text = ""
        headers: dict[Role, str] = {}
        notes: list[str] = []
        for at, header, role in self._told:
            cell = row.cells[at]
            if values.is_missing(cell):
                continue
            written = as_text(cell)
            headers[role] = header
            if role in (Role.DISEASE, Role.WESTERN):
                kind = "disease" if role == Role.DISEASE else "western"
                entry.diagnoses += [Diagnosis(kind, part) for part in _parts(written)]
            elif role == Role.SYNDROME:
                entry.diagnoses += [self._syndrome(part, header, place) for part in _parts(written)]
            elif role == Role.FORMULA:
                formula = written
            elif role == Role.PRESCRIPTION:
                text = written
            elif role == Role.DOSES:
                doses = written
            elif role == Role.OUTCOME:
                entry.outcome = written
            elif role in (Role.TEXT, Role.NOTE):
                notes.append(f"{header}：{written}")
        entry.text = "\n".join(notes)
        made = prescriber.prescribe(text, formula, doses, headers, previous.prescriptions if previous else [])
        if made is not None:
            entry.prescriptions.append(made)

    def _syndrome(self, text: str, header: str, place: Place) -> Diagnosis:
        concept = syndrome_of(text)
        if concept is None:
            self.report.normalise(text, text, t("kept as text: not in the vocabulary"))
            self.report.unknown("syndrome", text, place.file, place.row, header)
            return Diagnosis("syndrome", text)
        if concept.zh != text:
            self.report.normalise(text, concept.zh, t("syndrome of the vocabulary"))
        return Diagnosis("syndrome", text, concept.code)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATED.split(text) if part.strip()]
