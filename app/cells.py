"""Text on its way into a cell of CSV or a workbook: whatever a record holds, it must not come alive as a formula.

Spreadsheet programs take a cell that begins with = + - @ for a formula, some after a tab or line end, some in full
width. Such a cell gets an apostrophe in front, which they show as text; numbers keep their sign.
"""

from __future__ import annotations

import re

from openpyxl.cell.cell import Cell, MergedCell

STARTERS = "=+-@\t\r\n＝＋－＠﹢﹣﹦﹫−"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # what XML cannot hold
MAX_CELL = 32_767  # characters of a cell of Excel


def safe_cell(text: str) -> str:
    """The text as a cell may hold it: with an apostrophe in front where a program could take it for a formula."""
    begins = text[:1] and (text[0] in STARTERS or text.lstrip()[:1] in STARTERS[:4])
    return f"'{text}" if begins and text.lstrip()[:1] and not _NUMBER.fullmatch(text) else text


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Puts text into a cell of a workbook as text, never as a formula, without characters the file cannot hold.

    Raises TypeError for a cell hidden below a merged one.
    """
    if isinstance(cell, MergedCell):
        raise TypeError("a merged cell holds no text of its own")
    cell.value = _CONTROL.sub("\ufffd", safe_cell(text))[:MAX_CELL]
    cell.data_type = "s"  # openpyxl takes "#N/A" for an error
