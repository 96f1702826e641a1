"""The coder against 60 visits read and annotated by hand: 30 of each case book, drawn by a fixed seed before any rule
was tuned. ``expected.json`` holds places in the visit's text and codes, none of the text."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from app.importing.free_text.coding import code_visit

KINDS = ("symptom", "tongue", "pulse", "herb")
Row = tuple[int, int, str, str, bool]  # start, end, kind, code, negated


@pytest.fixture(scope="module")
def visits(shared_data: Path) -> list[tuple[str, list[Row]]]:
    """(text, rows expected) of each visit of the sample."""
    expected = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
    texts: dict[tuple[str, int], str] = {}
    for book in {one["book"] for one in expected}:
        for line in (shared_data / "yian_multivisit" / f"{book}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            texts |= {(case["case_id"], number): v["text"] for number, v in enumerate(case["visits"], start=1)}
    return [(texts[one["case"], one["visit"]], [tuple(row) for row in one["findings"]]) for one in expected]


def found_in(text: str) -> list[Row]:
    """The coded findings of the kinds that were annotated; a name without a code claims nothing."""
    return [(f.start, f.end, f.kind, f.code, f.negated) for f in code_visit(text) if f.kind in KINDS and f.code]


def pairs(found: list[Row], expected: list[Row]) -> int:
    """How many of them say the same of overlapping words, each used once."""
    left = list(expected)
    matched = 0
    for row in found:
        same = next((one for one in left if one[2:] == row[2:] and one[0] < row[1] and row[0] < one[1]), None)
        if same is not None:
            left.remove(same)
            matched += 1
    return matched


def test_the_sample_is_60_visits_with_findings_of_every_kind(visits: list[tuple[str, list[Row]]]):
    assert len(visits) == 60
    assert {row[2] for _, rows in visits for row in rows} == set(KINDS)
    assert all(0 <= start < end <= len(text) for text, rows in visits for start, end, *_ in rows)


def test_precision_and_recall_on_the_hand_checked_sample(visits: list[tuple[str, list[Row]]]):
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # matched, found, expected
    for text, expected in visits:
        found = found_in(text)
        for kind in KINDS:
            of_kind = [row for row in found if row[2] == kind], [row for row in expected if row[2] == kind]
            for name in (kind, "all"):
                for index, number in enumerate((pairs(*of_kind), len(of_kind[0]), len(of_kind[1]))):
                    counts[name][index] += number
    told = {kind: (m / max(f, 1), m / max(e, 1)) for kind, (m, f, e) in counts.items()}
    print({kind: f"precision {p:.3f} recall {r:.3f} of {counts[kind][2]}" for kind, (p, r) in told.items()})
    precision, recall = told["all"]
    assert precision >= 0.9
    assert recall >= 0.8
