"""What is known of patients from the start, as the named numbers a course carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from app.analysis.tables import Cells, Numbers, Places, Table, has_dates, places, read
from app.domain.errors import KnownError


def by_patient(
    measurements: Table, who: Places, static: pd.DataFrame | Sequence[str] | None, patients: tuple[str, ...]
) -> list[dict[str, float]]:
    """Named numbers of each patient, from a frame with a row a patient or from columns of the measurements.

    who: (n,) whose each row of the measurements is. Words become a column a level, 0 and 1: "sex=F". NaN: unknown.
    Raises KnownError for two rows of a patient, two values in a patient's rows, words among numbers, and a frame of
    other patients altogether.
    """
    if static is None:
        return [{} for _ in patients]
    table, names = measurements, [static] if isinstance(static, str) else [*map(str, static)]
    if isinstance(static, pd.DataFrame):
        table = Table.of(static, "static", measurements.patient, by_index=True)
        names = [str(c) for c in table.frame.columns if c != table.patient]
        table = replace(table, frame=table.frame.set_axis([str(c) for c in table.frame.columns], axis=1))
        who = _one_row_each(table, patients)
    columns: dict[str, Numbers] = {}
    for name in names:
        if has_dates(table.column(name)):
            raise KnownError(
                "{table}: the column {column} holds dates; a static covariate is a number, a truth value or a word.",
                table=table.name,
                column=name,
            )
        cells = read(table.column(name))
        columns |= _covariates(name, cells, _constant(table, name, cells, who, len(patients)))
    if not columns:
        return [{} for _ in patients]
    return [dict(zip(columns, row, strict=True)) for row in np.stack([*columns.values()], axis=1).tolist()]


def _one_row_each(table: Table, patients: tuple[str, ...]) -> Places:
    """Whose each row of the static frame is, -1 for those without measurement."""
    who, names = table.named(table.patient)
    first = np.zeros(len(who), dtype=bool)
    first[np.unique(who, return_index=True)[1]] = True
    if not first.all():
        raise KnownError(
            "{table}, row {row}: patient {patient} has a row already; there must be one a patient.",
            **table.at(int(np.argmin(first))),
        )
    known = places(names, patients)
    if (known < 0).all():
        raise KnownError(
            "{table} tells of none of the patients measured; it has {found}, they are {known}.",
            table=table.name,
            found=", ".join(names[:3]),
            known=", ".join(patients[:3]),
        )
    return known[who]


def _constant(table: Table, column: str, cells: Cells, who: Places, count: int) -> Places:
    """Of each patient a row that tells the covariate, -1 where none does: (count,)."""
    has_numbers = (~np.isnan(cells.number) & ~cells.truth).any()
    wrong = np.flatnonzero(cells.wordy & has_numbers | np.isinf(cells.number))
    if len(wrong):
        raise KnownError(
            "{table}, row {row}, patient {patient}: {column} is {value}; a finite number is needed.",
            **table.at(wrong[0]),
            column=column,
            value=table.shown(column, wrong[0]),
        )
    rows = np.flatnonzero(cells.known & (who >= 0))
    own, first = np.unique(who[rows], return_index=True)
    telling = np.full(count, -1)
    telling[own] = rows[first]
    told = telling[who[rows]]
    alike = (cells.number[rows] == cells.number[told]) | (cells.word[rows] == cells.word[told]) & (
        cells.word[told] >= 0
    )
    if not alike.all():
        place = int(rows[np.argmin(alike)])
        raise KnownError(
            "{table}, row {row}, patient {patient}: {column} is {value}, but {other} before; a static covariate is the "
            "same in all rows of a patient.",
            **table.at(place),
            column=column,
            value=table.shown(column, place),
            other=table.shown(column, int(told[np.argmin(alike)])),
        )
    return telling


def _covariates(name: str, cells: Cells, telling: Places) -> dict[str, Numbers]:
    """Numbers as they are, words as 0 and 1 for each level."""
    if not cells.wordy.any():
        return {name: np.append(cells.number, np.nan)[telling]}
    place, levels = cells.texts(np.arange(len(cells.number)))
    own = np.append(place, -1)[telling]
    wanted = cells.order or levels
    known = places(wanted, levels)
    return {
        f"{name}={level}": np.where(own < 0, np.nan, (own == known[k]).astype(np.float64))
        for k, level in enumerate(wanted)
    }
