"""Solvers that complain of thin data while their answer is checked here anyway."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def quietly() -> Iterator[None]:
    """No warning of convergence, no complaint of overflow: whoever uses it checks the result."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
