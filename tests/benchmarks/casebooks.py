"""How much of the two case books the importer codes: visits with a symptom, pulse terms, herb items.

Imports ``yian_multivisit/*.jsonl`` (``MAILIU_DATA`` or ``../shared/data``) into a new clinic file, counts cases and
visits in that file's database, takes the shares from the import report, and compares both with the goals.
A visit counts as having a symptom where at least one coded symptom is present (a denied one does not count). Herb
items are those of the file; a name of two herbs counts once, and only if both are known. The share without prepared
medicines (成药, entries of their own in the herb table) stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from app.domain.herbs import match
from app.domain.records import DateBasis
from app.domain.units import UnitConvention
from app.importing.run import import_files
from app.store.clinic import Clinic

GOALS = {
    "wujutong": {"cases": 282, "visits": 1173, "visits_with_symptom": 0.72, "pulse_coded": 0.95, "herbs_mapped": 0.93},
    "zhangyuqing": {
        "cases": 759,
        "visits": 1570,
        "visits_with_symptom": 0.93,
        "pulse_coded": 0.93,
        "herbs_mapped": 0.88,
    },
}
ROOT = Path(__file__).resolve().parents[2]


def measure(path: Path) -> dict[str, float]:
    """Counts in the database and shares of one book."""
    with tempfile.TemporaryDirectory() as folder, Clinic.open(Path(folder) / "book.db", plain=True) as clinic:
        started = time.perf_counter()
        report = import_files([path], clinic, convention=UnitConvention.KUPING)
        seconds = time.perf_counter() - started
        stored = clinic.queries.counts()
        cases = list(clinic.queries.cases())
    visits = [visit for case in cases for visit in case.visits]
    formulas = [formula for visit in visits for formula in visit.prescriptions]
    return {
        "cases": stored["patients"],
        "visits": stored["visits"],
        "cases_refused": report.rows_refused,
        "visits_with_symptom": report.visits_with_symptom / report.visits,
        "pulse_coded": report.pulse_terms_coded / report.pulse_terms_total,
        "herbs_mapped": report.herb_items_mapped / report.herb_items_total,
        "herbs_mapped_without_prepared": _without_prepared(path),
        "visits_exact": sum(v.basis is DateBasis.EXACT for v in visits),
        "visits_relative": sum(v.basis is DateBasis.RELATIVE for v in visits),
        "visits_by_order": sum(v.basis is DateBasis.ORDER for v in visits),
        "formulas_full": sum(f.mode == "full" for f in formulas),
        "formulas_rebuilt": sum(f.mode == "modified" for f in formulas),
        "formulas_carried_over": sum(f.mode == "repeated" for f in formulas),
        "visits_without_formula": sum(not v.prescriptions for v in visits),
        "seconds": seconds,
    }


def _without_prepared(path: Path) -> float:
    names = [
        herb["name"]
        for line in path.read_text(encoding="utf-8").splitlines()
        for visit in json.loads(line)["visits"]
        for herb in visit["herbs"]
    ]
    found = [match(name).herb for name in names]
    return sum(herb is not None and not herb.prepared for herb in found) / len(found)


def main(argv: list[str]) -> int:
    """Exit code 1 where a goal is missed, 2 where the data are not there."""
    parser = argparse.ArgumentParser(prog="casebooks", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(argv)
    folder = Path(os.environ.get("MAILIU_DATA", ROOT.parent / "shared" / "data")) / "yian_multivisit"
    if not folder.is_dir():
        print(f"case books are not present at {folder} (set MAILIU_DATA)")
        return 2
    figures = {book: measure(folder / f"{book}.jsonl") for book in GOALS}
    missed = 0
    for book, found in figures.items():
        print(book)
        for name, value in found.items():
            goal = GOALS[book].get(name)
            shown = f"{value:.1%}" if 0 < value <= 1 and name != "seconds" else f"{value:.4g}"
            met = goal is None or (value >= goal if goal <= 1 else value == goal)
            missed += not met
            against = "" if goal is None else f"   goal {goal:.0%}" if goal <= 1 else f"   goal {goal}"
            print(f"  {name:30s} {shown:>8s}{against}{'' if met else '   MISSED'}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 1 if missed else 0
