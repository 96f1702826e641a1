"""The core vocabulary: symptoms, tongue signs, pulses, syndromes and syndrome elements.

One CSV a kind in ``resources/terminology`` (their README says where the terms come from). A term belongs to one
concept of its kind only; the loader refuses a file in which a code or a term occurs twice, with file and row.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from app.domain.errors import KnownError
from app.domain.script import simplified

TERMINOLOGY = Path(__file__).resolve().parents[2] / "resources" / "terminology"

# kind -> (file, prefix of its codes), in the order in which a term without a kind is looked up
KINDS: dict[str, tuple[str, str]] = {
    "symptom": ("symptoms.csv", "sym."),
    "tongue": ("tongue.csv", "ton."),
    "pulse": ("pulses.csv", "pul."),
    "syndrome": ("syndromes.csv", "syn."),
    "element": ("elements.csv", "ele."),
}
COMMON_COLUMNS = ("code", "zh", "en", "pinyin", "synonyms")
PULSE_AXES = ("depth", "rate", "rhythm", "width", "length", "strength", "fluency", "tension")


@dataclass(frozen=True, slots=True)
class Concept:
    """kind: "symptom", "tongue", "pulse", "syndrome" or "element"; extra: the further columns of its file."""

    code: str
    zh: str
    en: str
    pinyin: str
    kind: str
    synonyms: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=65536)
def normal_term(term: str) -> str:
    """NFKC, no white space, simplified characters, folded case: what two spellings of one term have in common."""
    return simplified("".join(unicodedata.normalize("NFKC", term).split())).casefold()


@dataclass(frozen=True)
class Vocabulary:
    """concepts: by code, in the order of the files."""

    concepts: dict[str, Concept]
    index: dict[str, dict[str, str]]  # kind -> normalised term -> code

    def by_kind(self, kind: str) -> list[Concept]:
        return [concept for concept in self.concepts.values() if concept.kind == kind]

    def find(self, term: str, kind: str | None = None) -> Concept | None:
        """The concept whose name or synonym this is, exactly after normalisation; None where there is none."""
        wanted = normal_term(term)
        for one in (kind,) if kind else self.index:
            code = self.index.get(one, {}).get(wanted)
            if code is not None:
                return self.concepts[code]
        return None

    def label(self, code: str, language: str = "zh") -> str:
        """The concept's name; a code the vocabulary does not know is shown as it is."""
        concept = self.concepts.get(code)
        if concept is None:
            return code
        return concept.en if language == "en" else concept.zh


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line number in the file (the heading is line 1)."""
    if not path.is_file():
        raise KnownError("The vocabulary file {file} is missing.", file=path.name)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        for column in COMMON_COLUMNS:
            if column not in (reader.fieldnames or ()):
                raise KnownError("Vocabulary {file}: the column {column} is missing.", file=path.name, column=column)
        for row in reader:
            if None in row or None in row.values():
                raise KnownError(
                    "Vocabulary {file}, row {row}: the number of columns differs from the heading.",
                    file=path.name,
                    row=reader.line_num,
                )
            yield reader.line_num, row


def _concept(path: Path, number: int, row: dict[str, str], kind: str, prefix: str) -> Concept:
    code, zh, en = row["code"].strip(), row["zh"].strip(), row["en"].strip()
    if not code.startswith(prefix) or not zh or not en:
        raise KnownError(
            "Vocabulary {file}, row {row}: a code that starts with {prefix}, a Chinese and an English name are needed.",
            file=path.name,
            row=number,
            prefix=prefix,
        )
    synonyms = tuple(part.strip() for part in row["synonyms"].split("|") if part.strip())
    extra = {key: value for key, value in row.items() if key not in COMMON_COLUMNS}
    return Concept(code, zh, en, row["pinyin"].strip(), kind, synonyms, extra)


def load(folder: Path = TERMINOLOGY) -> Vocabulary:
    """Reads the five files of a folder. Raises KnownError with file and row for what does not hold together."""
    concepts: dict[str, Concept] = {}
    index: dict[str, dict[str, str]] = {}
    checks: list[tuple[str, int, Concept]] = []
    for kind, (name, prefix) in KINDS.items():
        terms: dict[str, str] = {}
        for number, row in _rows(folder / name):
            concept = _concept(folder / name, number, row, kind, prefix)
            if concept.code in concepts:
                raise KnownError(
                    "Vocabulary {file}, row {row}: the code {code} is given twice.",
                    file=name,
                    row=number,
                    code=concept.code,
                )
            for term in (concept.zh, *concept.synonyms):
                other = terms.setdefault(normal_term(term), concept.code)
                if other != concept.code or (term != concept.zh and concept.synonyms.count(term) > 1):
                    raise KnownError(
                        "Vocabulary {file}, row {row}: the term {term} already belongs to {other}.",
                        file=name,
                        row=number,
                        term=term,
                        other=other,
                    )
            concepts[concept.code] = concept
            checks.append((name, number, concept))
        index[kind] = terms
    for name, number, concept in checks:
        _EXTRA_CHECKS.get(concept.kind, _no_check)(name, number, concept, concepts)
    return Vocabulary(concepts, index)


Check = Callable[[str, int, Concept, dict[str, Concept]], None]


def _no_check(file: str, row: int, concept: Concept, concepts: dict[str, Concept]) -> None:
    """Tongue signs and elements name nothing outside their own row."""


def _check_pulse(file: str, row: int, concept: Concept, concepts: dict[str, Concept]) -> None:
    for axis in PULSE_AXES:
        value = concept.extra.get(axis, "")
        if value not in ("-2", "-1", "0", "1", "2"):
            raise KnownError(
                "Vocabulary {file}, row {row}: {axis} must be a whole number from -2 to 2, not {value}.",
                file=file,
                row=row,
                axis=axis,
                value=value or "?",
            )


def _check_elements(file: str, row: int, concept: Concept, concepts: dict[str, Concept]) -> None:
    for part in concept.extra.get("elements", "").split():
        name, _, weight = part.partition(":")
        element = f"ele.{name}"
        if weight and not weight.isdecimal():
            raise KnownError(
                "Vocabulary {file}, row {row}: {value} is no weight of an element.", file=file, row=row, value=part
            )
        if element not in concepts:
            raise KnownError(
                "Vocabulary {file}, row {row}: the element {element} is unknown.", file=file, row=row, element=element
            )


_EXTRA_CHECKS: dict[str, Check] = {
    "pulse": _check_pulse,
    "symptom": _check_elements,
    "syndrome": _check_elements,
}


def element_weights(concept: Concept) -> dict[str, float]:
    """Element code -> weight: what a symptom lends to an element (100 in sum makes it present, advisory), and 1.0 for
    each element a syndrome consists of; empty for other kinds."""
    weights: dict[str, float] = {}
    for part in concept.extra.get("elements", "").split():
        name, _, weight = part.partition(":")
        weights[f"ele.{name}"] = float(weight or 1.0)
    return weights


@cache
def core() -> Vocabulary:
    """The vocabulary that ships with the product, read once."""
    return load()
