"""Long tables for the tests."""

from __future__ import annotations

from typing import Any

import pandas as pd


def table(*rows: tuple[Any, ...], more: tuple[str, ...] = ()) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=pd.Index(["patient", "time", "variable", "value", *more]))


TWO = table(("b", 0, "bili", 1.0), ("b", 7, "bili", 2.0), ("a", 0, "bili", 3.0), ("b", 7, "albumin", 4.0))
