"""60 visits read and annotated by hand: 30 of each case book, drawn by a fixed seed before any rule was tuned.

``expected.json`` holds places in the visit's text and codes, none of the text. Every mention is annotated; a sign that
is denied or has gone, a herb taken out and a pulse that is no more are negated. One that has lessened is there. What
is remembered, feared or theory is not annotated, nor words of which a character was lost, nor 痛 where it stands for a
pain already named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.importing.free_text import code_visit

KINDS = ("symptom", "tongue", "pulse", "herb")
Row = tuple[int, int, str, str, bool]  # start, end, kind, code, negated
Annotated = tuple[str, list[Row]]  # text of the visit, what it says


@dataclass(frozen=True, slots=True)
class Score:
    """matched: findings that say the same of overlapping words as an annotation that no other finding used."""

    matched: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        return self.matched / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.matched / max(self.expected, 1)


def annotated(folder: Path) -> list[Annotated]:
    """The sample with its texts from the case books in ``folder``."""
    rows = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
    texts: dict[tuple[str, int], str] = {}
    for book in {one["book"] for one in rows}:
        for line in (folder / f"{book}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            texts |= {(case["case_id"], number): v["text"] for number, v in enumerate(case["visits"], start=1)}
    return [(texts[one["case"], one["visit"]], [tuple(row) for row in one["findings"]]) for one in rows]


def scores(visits: Iterable[Annotated]) -> dict[str, Score]:
    """Score by kind and of "all". A finding without a code claims nothing and is not counted."""
    counts = {kind: [0, 0, 0] for kind in KINDS}
    for text, expected in visits:
        found = [(f.start, f.end, f.kind, f.code, f.negated) for f in code_visit(text) if f.code]
        for kind in KINDS:
            ours = [row for row in found if row[2] == kind]
            theirs = [row for row in expected if row[2] == kind]
            for index, number in enumerate((_pairs(ours, theirs), len(ours), len(theirs))):
                counts[kind][index] += number
    told = {kind: Score(*some) for kind, some in counts.items()}
    return told | {"all": Score(*(sum(some[index] for some in counts.values()) for index in range(3)))}


def _pairs(found: list[Row], expected: list[Row]) -> int:
    left = list(expected)
    matched = 0
    for row in found:
        same = next((one for one in left if one[2:] == row[2:] and one[0] < row[1] and row[0] < one[1]), None)
        if same is not None:
            left.remove(same)
            matched += 1
    return matched
