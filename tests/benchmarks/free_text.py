"""How much of two case books comes through as free text: cases, visits, herbs, symptoms, dates, formulas.

Rebuilds each book of ``yian_multivisit/*.jsonl`` (``MAILIU_DATA`` or ``../shared/data``) as a plain document: the
heading of each case, the label and the text of each visit, without the file's own list of herbs. The document goes
the whole road (read, split, coded, accepted), and what comes out is held against the file by the places of its visits.

herbs_found: herb items of the file that were found in the visit's text and mapped to the same herb
visits_with_symptom: visits with a symptom that is there; one only denied or gone does not count. Of the others the
figures say how many name a symptom only to deny it, how many speak only of tongue or pulse, and how many of none
(于前方内加…, 诸症悉减)
hand-checked sample: precision and recall on the 60 visits of ``tests/app/importing/free_text/expected.py``, by kind
formulas_hold_listed: visits whose formula has every herb that the formula made of the file's own lists has
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.herbs import match
from app.domain.records import Visit
from app.domain.units import UnitConvention
from app.importing.casebook import read_cases
from app.importing.free_text import Finding, read_document
from app.importing.report import ImportReport
from tests.app.importing.free_text.expected import annotated, scores

GOALS = {
    "wujutong": {"herbs_found": 0.97, "visits_with_symptom": 0.78},
    "zhangyuqing": {"herbs_found": 0.93, "visits_with_symptom": 0.96},
}
SHARES = (
    "cases_found", "visits_found", "herbs_found", "visits_with_symptom", "symptom_only_denied", "only_tongue_or_pulse",
    "names_no_sign", "formulas_hold_listed",
)  # fmt: skip
SAMPLE_GOALS = (0.9, 0.8)  # precision and recall over all kinds
NEAR = {"wujutong": 1810, "zhangyuqing": None}  # a year of the doctor's practice
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Told:
    """A visit of the file and where its text stands in the document; first: of its case."""

    start: int
    end: int
    first: bool
    case: str
    visit: dict[str, Any]


def rebuilt(path: Path) -> tuple[str, list[Told]]:
    """The book as a document: 案1 风温 姚 32岁, or 李右 where the book names patients so; then its visits."""
    parts: list[str] = []
    told: list[Told] = []
    at = 0

    def write(words: str) -> None:
        nonlocal at
        parts.append(words)
        at += len(words)

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        case = json.loads(line)
        patient = case["patient"]
        name = (patient["surname"] or "") + patient["title"]
        age = "" if patient.get("age") is None else f" {patient['age']}{patient.get('age_unit') or '岁'}"
        write(f"{name}\n" if case["visits"][0].get("label") else f"案{number} {case['chapter']} {name}{age}\n")
        for index, visit in enumerate(case["visits"]):
            label = visit.get("label") or visit.get("date_text") or ""
            write(f"{label} " if label else "")
            start = at
            write(f"{visit['text'] or ''}\n")
            told.append(Told(start, at, index == 0, case["case_id"], visit))
        write("\n")
    return "".join(parts), told


def measure(path: Path) -> dict[str, float]:
    text, told = rebuilt(path)
    report = ImportReport()
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / f"{path.stem}.txt"
        document.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        draft = read_document(document, UnitConvention.KUPING, report, near=NEAR[path.stem])
        read = time.perf_counter() - started
        cases = draft.accept()
        seconds = time.perf_counter() - started
    assert draft.text == text
    spans = [visit for case in draft.cases for visit in case.visits]
    made = [visit for case in cases for visit in case.visits]
    starts = {visit.text_start: index for index, visit in enumerate(spans)}
    first_starts = {case.visits[0].text_start for case in draft.cases}
    found = _by_visit([one for visit in spans for one in visit.findings], told)
    listed = _formulas(path)
    whole = [listed[index] <= _herbs(made[starts[one.start]]) for index, one in enumerate(told) if one.start in starts]
    dated = [(one, made[starts[one.start]]) for one in told if one.start in starts and one.visit.get("date")]
    hits = _found(told, found)
    signs = Counter(_says(findings) for findings in found)
    return {
        "cases": sum(one.first for one in told),
        "cases_found": sum(one.start in first_starts for one in told if one.first) / sum(one.first for one in told),
        "cases_besides": len(draft.cases) - sum(one.start in first_starts for one in told if one.first),
        "visits": len(told),
        "visits_found": sum(one.start in starts for one in told) / len(told),
        "visits_besides": len(spans) - sum(one.start in starts for one in told),
        "herb_items": sum(len(one.visit["herbs"]) for one in told),
        "herbs_found": sum(hits) / len(hits),
        "visits_with_symptom": signs["present"] / len(told),
        "symptom_only_denied": signs["denied"] / len(told),
        "only_tongue_or_pulse": signs["other"] / len(told),
        "names_no_sign": signs["none"] / len(told),
        "visits_dated": len(dated),
        "dates_equal": sum(str(v.date) == one.visit["date"] for one, v in dated),
        "formulas_hold_listed": sum(whole) / len(whole),
        "ms_per_visit_read": 1000 * read / len(spans),
        "seconds": seconds,
    }


def _by_visit(findings: list[Finding], told: list[Told]) -> list[list[Finding]]:
    """The findings inside the text of each visit of the file, however the document was split."""
    starts = [one.start for one in told]
    inside: list[list[Finding]] = [[] for _ in told]
    for finding in findings:
        index = bisect_right(starts, finding.start) - 1
        if index >= 0 and finding.end <= told[index].end:
            inside[index].append(finding)
    return inside


def _found(told: list[Told], found: list[list[Finding]]) -> list[bool]:
    """Of each herb item of the file, whether its visit has a finding of that herb that no other item used."""
    hits: list[bool] = []
    for one, findings in zip(told, found, strict=True):
        left = Counter(finding.code for finding in findings if finding.kind == "herb")
        for herb in one.visit["herbs"]:
            codes = [known.code for known in match(herb["name"]).all]
            hits.append(bool(codes) and all(left[code] > 0 for code in codes))
            left.subtract(codes if hits[-1] else [])
    return hits


def _says(findings: list[Finding]) -> str:
    symptoms = [finding for finding in findings if finding.kind == "symptom"]
    if symptoms:
        return "denied" if all(finding.negated for finding in symptoms) else "present"
    return "other" if any(finding.kind in ("tongue", "pulse") for finding in findings) else "none"


def _formulas(path: Path) -> list[set[str]]:
    cases = read_cases(path, UnitConvention.KUPING, ImportReport())
    return [_herbs(visit) for case in cases for visit in case.visits]


def _herbs(visit: Visit) -> set[str]:
    return {item.herb for formula in visit.prescriptions for item in formula.items if item.herb}


def main(argv: list[str]) -> int:
    """Exit code 1 where a goal is missed, 2 where the data are not there."""
    parser = argparse.ArgumentParser(prog="free_text", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(argv)
    folder = Path(os.environ.get("MAILIU_DATA", ROOT.parent / "shared" / "data")) / "yian_multivisit"
    if not folder.is_dir():
        print(f"case books are not present at {folder} (set MAILIU_DATA)")
        return 2
    figures = {book: measure(folder / f"{book}.jsonl") for book in GOALS}
    missed = 0
    for book, told in figures.items():
        print(book)
        for name, value in told.items():
            goal = GOALS[book].get(name)
            shown = f"{value:.1%}" if name in SHARES else f"{value:.4g}"
            met = goal is None or value >= goal
            missed += not met
            print(
                f"  {name:24s} {shown:>8s}{'' if goal is None else f'   goal {goal:.0%}'}{'' if met else '   MISSED'}"
            )
    sample = scores(annotated(folder))
    missed += sample["all"].precision < SAMPLE_GOALS[0] or sample["all"].recall < SAMPLE_GOALS[1]
    print("hand-checked sample of 60 visits   goal precision {:.0%} recall {:.0%}".format(*SAMPLE_GOALS))
    for kind, score in sample.items():
        print(f"  {kind:10s} precision {score.precision:.1%}  recall {score.recall:.1%}  of {score.expected}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 1 if missed else 0
