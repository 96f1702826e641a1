"""Which kind a variable of a long table is, and its cells as the numbers a course has for that kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from app.analysis.tables import Cells, Numbers, Places, Table
from app.domain.errors import KnownError
from models.course import Kind, Variable

Kinds = Mapping[str, Kind | Variable]
AVERAGED = ("continuous",)  # several at one time; of classes and counts, which have no half, the last


def check(kinds: Kinds, found: Sequence[str]) -> None:
    """Raises KnownError for a kind there is none of, or of a variable that was never measured.

    One given as a whole ``Variable`` may be unmeasured: it is what a trained model waits for.
    """
    for name, kind in kinds.items():
        if isinstance(kind, Variable):
            continue
        if kind not in get_args(Kind):
            known = ", ".join(get_args(Kind))
            raise KnownError(
                "kinds: {variable} cannot be {kind}; kinds are {known}.", variable=name, kind=kind, known=known
            )
        if name not in found:
            known = ", ".join(found)
            raise KnownError("kinds: no {variable} was measured; there are {known}.", variable=name, known=known)


@dataclass(frozen=True)
class Reader:
    """Reads the cells of the column ``column``, variable by variable."""

    table: Table
    column: str
    cells: Cells

    def variable(self, name: str, told: Kind | Variable | None, rows: Places) -> tuple[Variable, Numbers]:
        """The variable and its values in these rows (len(rows),), NaN where not observed. Raises KnownError."""
        variable = replace(told, name=name) if isinstance(told, Variable) else None
        kind = variable.kind if variable else told if isinstance(told, str) else self._found_out(name, rows)
        if kind == "categorical":
            return self._categorical(variable or Variable(name, kind="categorical"), rows)
        values = self._numbers(name, rows)
        if kind == "binary":
            self._refuse_where((values != 0) & (values != 1) & ~np.isnan(values), name, rows, "0 or 1 (binary)")
        elif kind == "count":
            self._refuse_where((values < 0) | (values % 1 > 0), name, rows, "0, 1, 2, .. (count)")
        return variable or _bounded(Variable(name, kind=kind), values), values

    def _found_out(self, name: str, rows: Places) -> Kind:
        """Raises KnownError for words among numbers."""
        number, truth = self.cells.number[rows], self.cells.truth[rows]
        words = self.cells.wordy[rows]
        numbers = number[~np.isnan(number) & ~truth]
        if words.any():
            if len(numbers):
                self._refuse_words(words, name, rows)
            return "categorical"
        seen = number[~np.isnan(number)]
        return "binary" if len(seen) and ((seen == 0) | (seen == 1)).all() else "continuous"

    def _numbers(self, name: str, rows: Places) -> Numbers:
        number = self.cells.number[rows]
        words = self.cells.wordy[rows]
        if words.any():
            self._refuse_words(words, name, rows)
        self._refuse_where(np.isinf(number), name, rows, "finite")
        return number

    def _categorical(self, variable: Variable, rows: Places) -> tuple[Variable, Numbers]:
        place, levels = self.cells.texts(rows)
        if variable.levels:
            known = {level.strip(): float(code) for code, level in enumerate(variable.levels)}
            of = np.array([known.get(level, -1.0) for level in levels])
            unknown = place >= 0
            unknown[unknown] = of[place[unknown]] < 0
            self._refuse_where(unknown, variable.name, rows, ", ".join(variable.levels))
        else:
            variable, of = replace(variable, levels=levels), np.arange(float(len(levels)))
        return variable, np.append(of, np.nan)[place]

    def _refuse_words(self, words: np.ndarray, name: str, rows: Places) -> None:
        place = int(rows[np.argmax(words)])
        raise KnownError(
            "{table}, row {row}, patient {patient}: {variable} is {value} in the column {column}, where numbers are "
            'wanted. Correct it, or call {variable} "categorical" in kinds.',
            **self.table.at(place),
            variable=name,
            value=self.table.shown(self.column, place),
            column=self.column,
        )

    def _refuse_where(self, wrong: np.ndarray, name: str, rows: Places, expected: str) -> None:
        if not wrong.any():
            return
        place = int(rows[np.argmax(wrong)])
        raise KnownError(
            "{table}, row {row}, patient {patient}: {variable} is {value} in the column {column}, not {expected}.",
            **self.table.at(place),
            variable=name,
            value=self.table.shown(self.column, place),
            column=self.column,
            expected=expected,
        )


def _bounded(variable: Variable, values: Numbers) -> Variable:
    """The range that forecasts keep to: scores their own, amounts that are never negative from 0."""
    seen = values[~np.isnan(values)]
    if variable.kind == "binary":
        return replace(variable, lower=0.0, upper=1.0)
    if not len(seen):
        return variable
    if variable.kind == "ordinal":
        return replace(variable, lower=float(seen.min()), upper=float(seen.max()))
    return replace(variable, lower=0.0) if seen.min() >= 0 else variable
