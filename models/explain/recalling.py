"""Exposures worked out once for a patient who is asked about in many versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from models.course import Treatment
from models.encoding import Encoder
from models.forecast import Array

_Key = tuple[tuple[Treatment, ...], bytes, bytes]


@dataclass(frozen=True)
class RecallingEncoder(Encoder):
    """The same encoder, to the last bit; it recalls what each treatment amounted to. Not to be kept for long."""

    recalled: dict[_Key, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        return cls(**vars(encoder))

    def exposure(self, treatments: Sequence[Treatment], start: Array, end: Array) -> Array:
        """A treatment is a column of its own, so it can be worked out alone."""
        out = np.zeros((len(end), len(self.treatments)))
        spans = start.tobytes(), end.tobytes()
        by_name: dict[str, list[Treatment]] = {}
        for item in treatments:
            by_name.setdefault(item.name, []).append(item)
        for name, items in by_name.items():
            if name in self.treatments:
                key = (tuple(items), *spans)
                column = self.treatments.index(name)
                if key not in self.recalled:
                    self.recalled[key] = super().exposure(items, start, end)[:, column]
                out[:, column] = self.recalled[key]
        return out
