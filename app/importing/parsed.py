"""What reading one cell came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parsed:
    """value: None where the cell is empty or refused; reason: why refused; rule: what was changed on the way."""

    value: object = None
    reason: str = ""
    rule: str = ""
