"""Records of a JSON file kept as rows, so that the second and third look at a large file need not parse it again.

Equal texts are kept once. Where too many differ to be worth their memory, nothing is kept and the file is read again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from app.importing.tables import Row, is_clean

MOST_TEXTS = 200_000  # different ones, of all columns together
MOST_CELLS = 8_000_000


class KeptRecords:
    """``add`` every row in order; ``rows`` gives them back while ``whole`` is true."""

    def __init__(self) -> None:
        self.whole = True
        self.names: tuple[str, ...] = ()  # of the columns, in order of appearance
        self._numbers = array("q")  # of the rows, as the user counts
        self._rows: list[tuple[Any, ...]] = []  # cells, fewer where a later record brought more names
        self._texts: dict[Any, Any] = {}
        self._cells = 0

    def add(self, row: Row, record: dict[str, Any]) -> None:
        """record: {} where the row has a problem."""
        same = tuple(record) == self.names
        if not same and not record.keys() <= set(self.names):
            self.names = tuple(dict.fromkeys((*self.names, *record)))
        if not self.whole:
            return
        self._numbers.append(row.number)
        if row.problem:
            self._rows.append(row)
        else:
            kept = self._texts.setdefault
            values = record.values() if same else map(record.get, self.names)
            self._rows.append(tuple([kept(cell, cell) if cell.__class__ is str else cell for cell in values]))
        self._cells += len(self.names) + 1
        if self._cells > MOST_CELLS or len(self._texts) > MOST_TEXTS:
            self.whole = False
            self._rows.clear()
            self._texts.clear()

    @property
    def clean(self) -> bool:
        """Each text is looked at once. Not known where nothing is kept."""
        return self.whole and all(map(is_clean, self._texts))

    def rows(self) -> Iterator[Row]:
        width = len(self.names)
        for number, cells in zip(self._numbers, self._rows, strict=True):
            if isinstance(cells, Row):
                yield cells
            else:
                yield Row(number, cells if len(cells) == width else (*cells, *[None] * (width - len(cells))))
