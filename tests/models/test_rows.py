"""Outputs known in the same rows go together, and of many rows a seeded part is taken."""

from __future__ import annotations

import numpy as np

from models.rows import alike, some


def test_outputs_known_in_the_same_rows_go_together_those_known_most_often_first() -> None:
    known = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [1, 1, 1, 1]], dtype=bool)
    assert alike(known) == [[1], [0, 2], [3]]
    assert alike(np.zeros((3, 0), dtype=bool)) == []


def test_few_rows_are_all_taken_and_of_many_the_same_part_for_the_same_seed() -> None:
    known = np.arange(50) % 2 == 0
    np.testing.assert_array_equal(some(known, 25, [1]), np.flatnonzero(known))
    part, again, other = some(known, 10, [1]), some(known, 10, [1]), some(known, 10, [2])
    np.testing.assert_array_equal(part, again)
    assert len(part) == 10 and known[part].all() and (np.diff(part) > 0).all()
    assert part.tolist() != other.tolist()
