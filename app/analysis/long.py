"""A long table of pandas, a row a measurement, as courses: from a notebook to the forecaster without a clinic file.

courses = courses_from_long(frame, static=["age", "sex"])
forecast = LiquidForecaster().fit(courses).predict(courses[0], at=[30.0, 90.0])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.analysis import covariates
from app.analysis import kinds as kind_rules
from app.analysis.kinds import Kinds, Reader
from app.analysis.tables import ONE_DAY, Numbers, Places, Table, places, read
from app.domain.errors import KnownError
from models.course import Course, Event, Treatment, Variable


def courses_from_long(
    frame: pd.DataFrame,
    patient: str = "patient",
    time: str = "time",
    variable: str = "variable",
    value: str = "value",
    static: pd.DataFrame | Sequence[str] | None = None,
    treatments: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    kinds: Kinds | None = None,
) -> list[Course]:
    """One course a patient, in the order in which patients first come; variables likewise.

    frame: a row a measurement. ``time`` is days, or dates, which become days since the patient's first row (UTC where
        they have zones). Numbers are continuous, binary where they are only 0 and 1; truth values are binary; words are
        categorical, levels sorted or as a pandas Categorical orders them. NaN is not observed. Of several values of
        a variable at one time the mean is taken, of classes and counts the last. Columns ``unit`` and ``label``, as
        ``frames.values_frame`` writes them, are read where they are there.
    static: a frame with a row a patient (a column ``patient``, or the index), those of patients without measurement
        passed over; or names of columns of ``frame`` that are constant by patient. Words become one column a level:
        "sex=F".
    treatments: columns ``patient``, treatment (or name), start, end and, where there is one, dose (else 1). No end: it
        goes on, also into what is forecast.
    events: columns ``patient``, ``time``, event; no event: followed until then
    kinds: by variable its kind, or the whole ``Variable``: so a table met later is read as the one learnt from. Those
        given as a Variable come first, and are there also where nobody measured them.

    Raises KnownError naming column, row (its index) and patient for what cannot be read.
    """
    if not len(frame):
        raise KnownError("{table} is empty; it needs a row a measurement.", table="frame")
    table = Table.of(frame, "frame", patient)
    who, patients = table.named(patient)
    clock = _Clock.of(table, time, who, len(patients))
    what, measured = table.named(variable)
    variables, numbers = _variables(table, value, what, measured, kinds or {})
    what = places(measured, [v.name for v in variables])[what]
    times, values, ends = _grid(who, clock.since(clock.times, who), what, numbers, variables)
    facts = covariates.by_patient(table, who, static, patients)
    happened, followed = _events(events, patient, time, clock, patients)
    given = _treatments(treatments, patient, clock, patients)
    begins = np.append(0, ends[:-1]).tolist()
    return [
        Course(
            patient=name,
            times=times[begin:end],
            values=values[begin:end],
            variables=variables,
            static=facts[p],
            treatments=given[p],
            events=happened[p],
            followed=followed[p],
        )
        for p, (name, begin, end) in enumerate(zip(patients, begins, ends.tolist(), strict=True))
    ]


class _Clock:
    """Days of the patients' courses from the times of the tables.

    times: (n,) of the measurements, days or datetime64; origins: (patients,) the first of each, None where days
    """

    def __init__(self, times: NDArray[Any], origins: NDArray[Any] | None) -> None:
        self.times = times
        self.origins = origins

    @classmethod
    def of(cls, table: Table, time: str, who: Places, count: int) -> _Clock:
        times = table.moments(time)
        if times.dtype.kind == "f":
            return cls(times, None)
        origins = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(origins, who, times.astype(np.int64))
        return cls(times, origins.astype(times.dtype))

    def since(self, times: NDArray[Any], who: Places) -> Numbers:
        return times if self.origins is None or times.dtype.kind == "f" else (times - self.origins[who]) / ONE_DAY

    def read(self, table: Table, column: str, who: Places, *, needed: bool = True) -> Numbers:
        """Numbers are days of the course. Raises KnownError for dates where the measurements have none."""
        times = table.moments(column, needed=needed)
        if self.origins is None and times.dtype.kind != "f":
            raise KnownError(
                "{table}: the column {column} holds dates, but the times of frame are days. Give both in one way.",
                table=table.name,
                column=column,
            )
        return self.since(times, who)


def _variables(
    table: Table, column: str, what: Places, measured: tuple[str, ...], kinds: Kinds
) -> tuple[tuple[Variable, ...], Numbers]:
    """The variables of the courses, and every row's value as a number: (n,)."""
    kind_rules.check(kinds, measured)
    reader = Reader(table, column, read(table.column(column)))
    units, labels = (_noted(table, what, measured, note) for note in ("unit", "label"))
    rows = _grouped(what, len(measured))
    numbers = np.full(len(what), np.nan)
    found: dict[str, Variable] = {n: replace(k, name=n) for n, k in kinds.items() if isinstance(k, Variable)}
    for name, own in zip(measured, rows, strict=True):
        known = name in found
        found[name], numbers[own] = reader.variable(name, kinds.get(name), own)
        if not known:
            found[name] = replace(found[name], unit=units.get(name, ""), label=labels.get(name, ""))
    return tuple(found.values()), numbers


def _noted(table: Table, what: Places, measured: tuple[str, ...], column: str) -> dict[str, str]:
    """The unit or label of each variable. Raises KnownError for a variable in two units."""
    if not table.has(column):
        return {}
    which, words = table.named(column, needed=False)
    rows = np.flatnonzero(which >= 0)
    _, first = np.unique(what[rows] * len(words) + which[rows], return_index=True)
    found: dict[str, str] = {}
    for row in np.sort(rows[first]).tolist():
        name, word = measured[what[row]], words[which[row]]
        if found.setdefault(name, word) != word and column == "unit":
            raise KnownError(
                "{table}, row {row}, patient {patient}: {variable} is in {unit}, but in {other} before. Convert it to "
                "one unit.",
                **table.at(row),
                variable=name,
                unit=word,
                other=found[name],
            )
    return found


def _grid(
    who: Places, day: Numbers, what: Places, numbers: Numbers, variables: tuple[Variable, ...]
) -> tuple[Numbers, Numbers, Places]:
    """Rows of all patients one after the other: times (r,), values (r, V), and where each patient's end (patients,)."""
    order = np.lexsort((day, who))
    who, day, what, numbers = who[order], day[order], what[order], numbers[order]
    new = np.append(True, (np.diff(who) > 0) | (np.diff(day) > 0))
    row = np.cumsum(new) - 1
    times, width = day[new], len(variables)
    cell, seen = row * width + what, ~np.isnan(numbers)
    values = np.full(len(times) * width, np.nan)
    values[cell[seen]] = numbers[seen]  # of several the last
    averaged = np.array([v.kind in kind_rules.AVERAGED for v in variables])
    several = np.bincount(cell[seen], minlength=len(values)) > 1
    mean = seen & several[cell] & averaged[what]
    if mean.any():
        places, which = np.unique(cell[mean], return_inverse=True)
        values[places] = np.bincount(which, weights=numbers[mean]) / np.bincount(which)
    return times, values.reshape(-1, width), np.cumsum(np.bincount(who[new]))


def _events(
    events: pd.DataFrame | None, patient: str, time: str, clock: _Clock, patients: tuple[str, ...]
) -> tuple[list[tuple[Event, ...]], list[float | None]]:
    """Events and end of follow-up by patient."""
    if events is None or not len(events):
        return [()] * len(patients), [None] * len(patients)
    table = Table.of(events, "events", patient)
    who = _patients_of(table, patients)
    day = clock.read(table, time, who)
    cells = read(table.column("event"))
    coded = np.flatnonzero(~np.isnan(cells.number))
    if len(coded):
        raise KnownError(
            "{table}, row {row}, patient {patient}: the event is {value}. Name it in words, and leave it empty "
            "where the patient was only followed until then.",
            **table.at(coded[0]),
            value=table.shown("event", coded[0]),
        )
    censored = cells.word < 0
    followed = np.full(len(patients), -np.inf)
    np.maximum.at(followed, who[censored], day[censored])
    names = [cells.words[w] for w in cells.word[~censored].tolist()]
    found = [*map(Event, names, day[~censored].tolist())]
    ends = [None if f == -np.inf else f for f in followed.tolist()]
    return _by_patient(found, who[~censored], len(patients)), ends


def _treatments(
    treatments: pd.DataFrame | None, patient: str, clock: _Clock, patients: tuple[str, ...]
) -> list[tuple[Treatment, ...]]:
    if treatments is None or not len(treatments):
        return [()] * len(patients)
    table = Table.of(treatments, "treatments", patient)
    who = _patients_of(table, patients)
    which, names = table.named("treatment" if table.has("treatment") or not table.has("name") else "name")
    start = clock.read(table, "start", who)
    end = clock.read(table, "end", who, needed=False)
    wrong = np.flatnonzero(end <= start)
    if len(wrong):
        raise KnownError(
            "{table}, row {row}, patient {patient}: the treatment ends ({end}) before or as it starts ({start}). "
            "One of a single day ends the day after; without an end it lasts.",
            **table.at(wrong[0]),
            start=table.shown("start", wrong[0]),
            end=table.shown("end", wrong[0]),
        )
    end = np.where(np.isnan(end), np.inf, end)  # goes on, into what is forecast too
    dose = table.numbers("dose") if table.has("dose") else np.ones(len(who))
    dose = np.where(np.isnan(dose), 1.0, dose)
    found = [*map(Treatment, (names[w] for w in which.tolist()), start.tolist(), end.tolist(), dose.tolist())]
    return _by_patient(found, who, len(patients))


def _patients_of(table: Table, patients: tuple[str, ...]) -> Places:
    """Raises KnownError for one without measurements."""
    who, names = table.named(table.patient)
    who = places(names, patients)[who]
    if (who < 0).any():
        raise KnownError(
            "{table}, row {row}: patient {patient} has no measurement in frame.", **table.at(int(np.argmin(who)))
        )
    return who


def _grouped(of: Places, count: int) -> list[Places]:
    """The rows of each group, in their order."""
    return np.split(np.argsort(of, kind="stable"), np.cumsum(np.bincount(of, minlength=count))[:-1])


def _by_patient(found: list[Any], who: Places, count: int) -> list[tuple[Any, ...]]:
    return [tuple(found[k] for k in own.tolist()) for own in _grouped(who, count)]
