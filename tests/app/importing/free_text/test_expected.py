"""The coder against the hand-checked sample (``expected.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.importing.free_text.expected import KINDS, Annotated, annotated, scores


@pytest.fixture(scope="module")
def visits(shared_data: Path) -> list[Annotated]:
    return annotated(shared_data / "yian_multivisit")


def test_the_sample_is_60_visits_with_findings_of_every_kind(visits: list[Annotated]):
    assert len(visits) == 60
    assert {row[2] for _, rows in visits for row in rows} == set(KINDS)
    assert all(0 <= start < end <= len(text) for text, rows in visits for start, end, *_ in rows)


def test_precision_and_recall_on_the_hand_checked_sample(visits: list[Annotated]):
    told = scores(visits)
    assert told["all"].precision >= 0.9, told
    assert told["all"].recall >= 0.8, told


@pytest.mark.parametrize(
    ("kind", "precision", "recall"),
    [("symptom", 0.83, 0.7), ("tongue", 0.95, 0.9), ("pulse", 0.95, 0.9), ("herb", 0.97, 0.95)],
)
def test_no_kind_falls_behind_what_was_measured(visits: list[Annotated], kind: str, precision: float, recall: float):
    told = scores(visits)[kind]
    assert told.precision >= precision, told
    assert told.recall >= recall, told
