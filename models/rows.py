"""Which rows of a table an output is learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def alike(known: NDArray[np.bool_]) -> list[list[int]]:
    """Outputs known in the same rows together, those known most often first."""
    groups: dict[bytes, list[int]] = {}
    for column in range(known.shape[1]):
        groups.setdefault(np.packbits(known[:, column]).tobytes(), []).append(column)
    return sorted(groups.values(), key=lambda group: -int(known[:, group[0]].sum()))


def some(known: NDArray[np.bool_], most: int, seed: Sequence[int]) -> NDArray[np.int64]:
    """Places of the known rows, in order; of more than ``most`` a random part."""
    here = np.flatnonzero(known)
    return here if len(here) <= most else np.sort(np.random.default_rng(seed).choice(here, most, replace=False))
