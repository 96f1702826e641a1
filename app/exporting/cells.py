"""Cells of a CSV that no spreadsheet takes for a formula, and back again without loss."""

from __future__ import annotations

import re

QUOTE = "'"
_DANGEROUS = frozenset("=+-@＝＋－＠\t\r\n" + QUOTE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def safe(text: str) -> str:
    """The text, with a quote before it where a spreadsheet might calculate; numbers stay as they are."""
    begins = text[:1] in _DANGEROUS or text.lstrip()[:1] in _DANGEROUS
    return QUOTE + text if begins and text and not _NUMBER.fullmatch(text) else text


def plain(cell: str) -> str:
    """The inverse of ``safe``."""
    return cell[1:] if cell.startswith(QUOTE) else cell
