"""How old somebody is on a day."""

from __future__ import annotations

import datetime as dt


def completed_years(birth: dt.date | None, on: dt.date | None) -> float | None:
    """None where one of the two is not known."""
    if birth is None or on is None:
        return None
    return float(on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)))
