"""Classic formulas (经方, 时方) with their composition, and which of them underlies a prescription.

Data: ``formulas.csv``, ``formula_items.csv`` and ``substitutes.csv`` in ``resources/terminology``, from memory and
advisory; formulas.md there says where they come from.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from app.domain.concept import normal_term
from app.domain.errors import KnownError
from app.domain.herbs import herbs, match
from app.domain.records import Prescription, PrescriptionItem
from app.domain.scope import NOTHING, LocalVocabulary, current
from app.paths import RESOURCES

TERMINOLOGY = RESOURCES / "terminology"
ROLES = ("", "君", "臣", "佐", "使", "佐使")
ENDINGS = ("饮子", "汤", "散", "丸", "饮", "煎", "丹", "膏", "方")
_CHANGED = re.compile(r"(?:加减|化裁|加味|出入|增损|为主)+方?$")
_JOINT = re.compile("[合并及与、+＋]")
_LEAST_SHARED, _LEAST_CONTAINED = 2, 0.5


@dataclass(frozen=True, slots=True)
class FormulaItem:
    """name and dose: as the source writes them (炙甘草, 三两); grams: modern teaching, None where it has none."""

    herb: str
    name: str
    dose: str
    grams: float | None
    processing: str
    note: str
    role: str


@dataclass(frozen=True, slots=True)
class Formula:
    """source: the book; batch: the grams are those of a batch of pills or powder, no daily doses."""

    code: str
    zh: str
    en: str
    pinyin: str
    synonyms: tuple[str, ...]
    source: str
    category: str
    function: str
    indication: str
    batch: bool
    items: tuple[FormulaItem, ...]

    @property
    def herbs(self) -> frozenset[str]:
        return frozenset(item.herb for item in self.items)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a prescription compares with a formula; herbs are codes, those of the formula first in its own order.

    contained: share of the formula's herbs that are there; jaccard: shared herbs over all herbs of both; score: their
    geometric mean, 0..1, so that a formula of two herbs inside one of ten counts little; missing: of the formula;
    added: to it
    """

    formula: Formula
    score: float
    contained: float
    jaccard: float
    shared: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]


@cache
def formulas() -> dict[str, Formula]:
    """Every formula by code, in the order of the table."""
    return load()


def load(folder: Path = TERMINOLOGY) -> dict[str, Formula]:
    """Raises KnownError, with file and row, for a herb, formula, role or number that does not hold."""
    items: dict[str, list[FormulaItem]] = {}
    for row in _rows(folder / "formula_items.csv"):
        items.setdefault(row["formula"], []).append(_item(row))
    table: dict[str, Formula] = {}
    names: dict[str, str] = {}
    for row in _rows(folder / "formulas.csv"):
        formula = _formula(row, tuple(items.pop(row["code"], ())))
        if formula.code in table or not formula.items:
            raise _fault(row, "{file}, row {row}: {value} is given twice or has no herbs.", formula.code)
        for name in (formula.zh, *formula.synonyms):
            if names.setdefault(normal_term(name), formula.code) != formula.code:
                raise _fault(row, "{file}, row {row}: the name {value} belongs to another formula.", name)
        table[formula.code] = formula
    for code in items:
        raise KnownError(
            "{file}: the formula {value} is not in the list of formulas.", file="formula_items", value=code
        )
    return table


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield row | {"_file": path.name, "_row": str(reader.line_num)}


def _fault(row: dict[str, str], template: str, value: str) -> KnownError:
    return KnownError(template, file=row["_file"], row=row["_row"], value=value)


def _item(row: dict[str, str]) -> FormulaItem:
    if row["herb"] not in herbs():
        raise _fault(row, "{file}, row {row}: no herb has the code {value}.", row["herb"])
    if row["role"] not in ROLES:
        raise _fault(row, "{file}, row {row}: {value} is no role of a herb (君 臣 佐 使).", row["role"])
    try:
        grams = float(row["grams"]) if row["grams"] else None
    except ValueError as error:
        raise _fault(row, "{file}, row {row}: {value} is no weight in grams.", row["grams"]) from error
    return FormulaItem(row["herb"], row["name"], row["dose"], grams, row["processing"], row["note"], row["role"])


def _formula(row: dict[str, str], items: tuple[FormulaItem, ...]) -> Formula:
    return Formula(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        pinyin=row["pinyin"],
        synonyms=tuple(name for name in row["synonyms"].split(";") if name),
        source=row["source"],
        category=row["category"],
        function=row["function"],
        indication=row["indication"],
        batch=row["batch"] == "yes",
        items=items,
    )


@lru_cache(maxsize=4)
def _names(local: LocalVocabulary) -> dict[str, str]:
    """Every name, a clinic's own synonyms among them. Raises KnownError for a synonym that names no formula."""
    names = {normal_term(name): f.code for f in formulas().values() for name in (f.zh, *f.synonyms)}
    for term, code in local.synonyms.get("formula", {}).items():
        if code not in formulas() or not normal_term(term):
            raise KnownError("The local synonym {term} belongs to {code}, which is no formula.", term=term, code=code)
        names[normal_term(term)] = code
    return names


@cache
def _stems() -> dict[str, frozenset[str]]:
    """Name without its ending (小柴胡) -> codes; what is itself a herb (黄芩) is no stem."""
    stems: dict[str, set[str]] = {}
    for name, code in _names(NOTHING).items():
        stem = _stem(name)
        if len(stem) >= 2 and match(stem).rule not in ("exact", "alias"):
            stems.setdefault(stem, set()).add(code)
    return {stem: frozenset(codes) for stem, codes in stems.items()}


def _stem(name: str) -> str:
    return next((name[: -len(end)] for end in ENDINGS if name.endswith(end)), name)


def find(name: str) -> Formula | None:
    """The formula of this name, also as 小柴胡汤加减, 逍遥丸 (another form) or 小柴胡; None where none is meant.

    Another form or a name cut short counts only where it can mean one formula.
    """
    names = _names(current())
    plain = _CHANGED.sub("", normal_term(name))
    code = names.get(normal_term(name)) or names.get(plain)
    if code is None:
        codes = _stems().get(_stem(plain), frozenset())
        code = next(iter(codes)) if len(codes) == 1 else None
    return None if code is None else formulas()[code]


def find_all(name: str) -> tuple[Formula, ...]:
    """The formulas of a compound name (小柴胡汤合五苓散加减); () where some part of it is no formula."""
    whole = find(name)
    if whole is not None:
        return (whole,)
    for joint in _JOINT.finditer(name):
        first, others = find(name[: joint.start()]), name[joint.end() :]
        rest = find_all(others) if first is not None else ()
        if first is not None and rest:
            return (first, *rest)
    return ()


def as_prescription(formula: Formula) -> Prescription:
    """The formula as one would prescribe it: modern grams, the source's own dose kept in ``raw_dose``.

    Where ``formula.batch`` the grams are a batch's and are left out.
    """
    items = tuple(
        PrescriptionItem(
            item.name, item.herb, None if formula.batch else item.grams, item.processing, item.note, item.dose
        )
        for item in formula.items
    )
    return Prescription(items, formula=formula.zh)


@cache
def _stand_ins() -> dict[str, str]:
    return {row["herb"]: row["stands_for"] for row in _rows(TERMINOLOGY / "substitutes.csv")}


def similar(items: Iterable[PrescriptionItem], limit: int = 5) -> tuple[Likeness, ...]:
    """The formulas that may underlie a prescription, likeliest first; doses play no part.

    A formula is named where at least two and at least half of its herbs are there. Substitutes (党参 for 人参) count
    as the herb they stand for. Equal scores are ordered by the larger formula, then by its place in the table.
    """
    given = list(dict.fromkeys(item.herb for item in items if item.herb))
    found = [like for formula in formulas().values() if (like := _likeness(formula, given)) is not None]
    return tuple(sorted(found, key=lambda like: (-like.score, -len(like.formula.items)))[:limit])


def _likeness(formula: Formula, given: list[str]) -> Likeness | None:
    stands = _stand_ins()
    own = {stands.get(code, code): code for code in (item.herb for item in formula.items)}
    there = {stands.get(code, code): code for code in given}
    shared = [code for plain, code in own.items() if plain in there]
    contained = len(shared) / len(own)
    if len(shared) < _LEAST_SHARED or contained < _LEAST_CONTAINED:
        return None
    jaccard = len(shared) / len(own.keys() | there.keys())
    return Likeness(
        formula=formula,
        score=math.sqrt(contained * jaccard),
        contained=contained,
        jaccard=jaccard,
        shared=tuple(shared),
        missing=tuple(code for plain, code in own.items() if plain not in there),
        added=tuple(code for plain, code in there.items() if plain not in own),
    )
