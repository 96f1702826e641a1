"""A table that a researcher brings, read column by column; what cannot be read is refused by row and patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.domain.errors import KnownError

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

_TRUTH = {"true": 1.0, "false": 0.0}
_BLANK = ("", "nan")
_DATES = ("datetime", "datetime64", "date")
ONE_DAY = np.timedelta64(1, "D")


def as_text(value: object) -> str:
    """A name or a level as text; 3.0 is "3": a column of whole numbers with gaps becomes one of floats."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


@dataclass(frozen=True)
class Cells:
    """A column of n cells, each a number, a word, a number written as a word, or nothing.

    number: (n,), NaN where it is none; truth values are 1 and 0
    word: (n,) place among ``words``, -1 where the cell is not text
    truth: (n,) whether it is a truth value
    order: of a pandas Categorical its categories, else empty
    """

    number: Numbers
    word: Places
    truth: NDArray[np.bool_]
    words: tuple[str, ...]
    order: tuple[str, ...] = ()

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.number) | (self.word >= 0)

    @property
    def wordy(self) -> NDArray[np.bool_]:
        """Where there are words that are no numbers."""
        return np.isnan(self.number) & (self.word >= 0)

    def texts(self, rows: Places) -> tuple[Places, tuple[str, ...]]:
        """The cells as levels: (len(rows),) the place of each, -1 where there is none, and the levels in order.

        Only levels that are there: as the Categorical has them, else numbers by size, else by text.
        """
        own = self.word[rows]
        bare = (own < 0) & ~np.isnan(self.number[rows])
        numbers, of_number = np.unique(self.number[rows][bare], return_inverse=True)
        used, of_word = np.unique(own[own >= 0], return_inverse=True)
        found = [as_text(n) for n in numbers.tolist()] + [self.words[w] for w in used.tolist()]
        rank = {text: place for place, text in enumerate(self.order)}
        size = dict(zip(found, numbers.tolist(), strict=False))
        levels = sorted(set(found), key=lambda text: (rank.get(text, 0), size.get(text, np.inf), text))
        of = places(found, levels)
        place = np.full(len(rows), -1)
        place[bare] = of[: len(numbers)][of_number]
        place[own >= 0] = of[len(numbers) :][of_word]
        return place, tuple(levels)


def read(column: pd.Series) -> Cells:
    """Texts are stripped; empty ones and "nan" are nothing."""
    order: tuple[str, ...] = ()
    if isinstance(column.dtype, pd.CategoricalDtype):
        order = tuple(dict.fromkeys(as_text(c) for c in column.cat.categories))
        column = column.astype(object)
    if pd.api.types.is_numeric_dtype(column):
        number = column.to_numpy(dtype=np.float64, na_value=np.nan)
        truth = np.full(len(number), pd.api.types.is_bool_dtype(column)) & ~np.isnan(number)
        return Cells(number, np.full(len(number), -1), truth, (), order)
    return _read_objects(column.to_numpy(dtype=object), order)


def _read_objects(cells: NDArray[np.object_], order: tuple[str, ...]) -> Cells:
    known = ~pd.isna(cells)
    numeric = known & _are(cells, (Real, Decimal, np.bool_))
    truth = known & _are(cells, (bool, np.bool_))
    number = np.full(len(cells), np.nan)
    number[numeric] = cells[numeric].astype(np.float64)
    word = np.full(len(cells), -1)
    written = np.flatnonzero(known & ~numeric)
    codes, found = pd.factorize(np.array([*map(str, cells[written])], dtype=object))
    texts = pd.Series(found, dtype=object).str.strip()
    lowered = texts.str.lower()
    value = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    is_truth = lowered.isin(list(_TRUTH)).to_numpy(dtype=bool)
    value[is_truth] = lowered[is_truth].map(_TRUTH).to_numpy(dtype=np.float64)
    place, words = pd.factorize(texts.mask(lowered.isin(_BLANK), None).to_numpy(dtype=object))
    number[written], truth[written], word[written] = value[codes], is_truth[codes], place[codes]
    return Cells(number, word, truth, tuple(words), order)


def _are(cells: NDArray[np.object_], kinds: tuple[type, ...]) -> NDArray[np.bool_]:
    return np.fromiter(map(isinstance, cells, repeat(kinds)), dtype=bool, count=len(cells))


@dataclass(frozen=True)
class Table:
    """A frame, the name by which errors call it, and its column of patients."""

    frame: pd.DataFrame
    name: str
    patient: str

    @classmethod
    def of(cls, frame: pd.DataFrame, name: str, patient: str, *, by_index: bool = False) -> Table:
        """by_index: without a column of patients an index of any name is taken for it, if it is more than numbering.

        Raises KnownError where there are no patients.
        """
        if patient not in frame.columns:
            if patient in frame.index.names:
                frame = frame.reset_index()
            elif by_index and not isinstance(frame.index, pd.RangeIndex | pd.MultiIndex):
                frame = frame.rename_axis(index=patient).reset_index()
        table = cls(frame, name, patient)
        table.column(patient)
        return table

    def column(self, column: str) -> pd.Series:
        """Raises KnownError where it is missing, or there twice."""
        count = list(self.frame.columns).count(column)
        if count == 0:
            known = ", ".join(map(str, self.frame.columns))
            raise KnownError(
                "{table} has no column {column}; it has {known}.", table=self.name, column=column, known=known
            )
        if count > 1:
            raise KnownError("{table} has two columns {column}. Rename one of them.", table=self.name, column=column)
        return self.frame[column]

    def has(self, column: str) -> bool:
        return column in self.frame.columns

    def at(self, place: int | np.integer) -> dict[str, Any]:
        """What an error tells of where a row is: the table, the row's name in the index, the patient."""
        place = int(place)
        patient = as_text(self.frame[self.patient].iloc[place])
        return {"table": self.name, "row": self.frame.index[place], "patient": patient}

    def shown(self, column: str, place: int | np.integer) -> str:
        return str(self.frame[column].iloc[int(place)])

    def named(self, column: str, *, needed: bool = True) -> tuple[Places, tuple[str, ...]]:
        """The names in a column as first seen, and which each row has: (n,), -1 where none.

        Raises KnownError where a row has none and one is needed.
        """
        codes, found = pd.factorize(self.column(column))
        again, names = pd.factorize(np.array([as_text(f) or None for f in found], dtype=object))
        codes = np.append(again, -1)[codes]
        if needed and (codes < 0).any():
            row = self.frame.index[int(np.argmin(codes))]
            raise KnownError(
                "{table}, row {row}: the column {column} is empty. Every row needs one.",
                table=self.name,
                row=row,
                column=column,
            )
        return codes, tuple(names)

    def numbers(self, column: str) -> Numbers:
        """Finite or NaN: (n,). Raises KnownError for a text."""
        cells = read(self.column(column))
        wrong = np.flatnonzero(cells.wordy | np.isinf(cells.number))
        if len(wrong):
            raise KnownError(
                "{table}, row {row}, patient {patient}: {column} is {value}; a finite number is needed.",
                **self.at(wrong[0]),
                column=column,
                value=self.shown(column, wrong[0]),
            )
        return cells.number

    def moments(self, column: str, *, needed: bool = True) -> NDArray[Any]:
        """Days as numbers (n,), or dates as datetime64 in UTC. Raises KnownError for anything else, and for a gap."""
        times = self.column(column)
        if isinstance(times.dtype, np.dtype) and times.dtype.kind == "m":
            found: NDArray[Any] = times.to_numpy() / ONE_DAY
        elif has_dates(times):
            found = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[us]")
        else:
            found = self._days(column)
        missing = np.flatnonzero(np.isnan(found) if found.dtype.kind == "f" else np.isnat(found))
        if needed and len(missing):
            raise KnownError(
                "{table}, row {row}, patient {patient}: there is no {column}.", **self.at(missing[0]), column=column
            )
        return found

    def _days(self, column: str) -> Numbers:
        cells = read(self.column(column))
        wrong = np.flatnonzero(cells.wordy | np.isinf(cells.number) | cells.truth)
        if len(wrong):
            raise KnownError(
                "{table}, row {row}, patient {patient}: {column} is {value}, neither a number of days nor a date. "
                "Texts become dates by pandas.to_datetime.",
                **self.at(wrong[0]),
                column=column,
                value=self.shown(column, wrong[0]),
            )
        return cells.number


def has_dates(times: pd.Series) -> bool:
    """Whether a column holds dates and nothing else, of pandas or of Python."""
    if pd.api.types.is_datetime64_any_dtype(times):
        return True
    return times.dtype == object and pd.api.types.infer_dtype(times, skipna=True) in _DATES


def places(names: Sequence[str], among: Sequence[str]) -> Places:
    """Where each name is among others, -1 where it is not."""
    known = {name: place for place, name in enumerate(among)}
    return np.array([known.get(name, -1) for name in names], dtype=np.int64)
