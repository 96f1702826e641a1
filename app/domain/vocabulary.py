"""The core vocabulary: symptoms, tongue signs, pulses, syndromes and syndrome elements.

One CSV a kind in ``resources/terminology`` (their README says where the terms come from). A term belongs to one
concept of its kind only; the loader refuses a file in which a code or a term occurs twice, with file and row.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from app.domain.concept import Concept, Vocabulary, normal_term
from app.domain.errors import KnownError
from app.domain.scope import NOTHING, LocalVocabulary, current

__all__ = [
    "KINDS",
    "PULSE_AXES",
    "TERMINOLOGY",
    "Concept",
    "Vocabulary",
    "active",
    "core",
    "for_each_vocabulary",
    "load",
    "normal_term",
]

TERMINOLOGY = Path(__file__).resolve().parents[2] / "resources" / "terminology"

# kind -> (file, prefix of its codes), in the order in which a term without a kind is looked up
KINDS: dict[str, tuple[str, str]] = {
    "symptom": ("symptoms.csv", "sym."),
    "tongue": ("tongue.csv", "ton."),
    "pulse": ("pulses.csv", "pul."),
    "syndrome": ("syndromes.csv", "syn."),
    "element": ("elements.csv", "ele."),
}
CORE_SOURCE = "mailiu"
OWN_FIELDS = ("unit", "scale", "source", "valid_from", "valid_to")  # columns a file may have besides
COMMON_COLUMNS = ("code", "zh", "en", "pinyin", "synonyms")
PULSE_AXES = ("depth", "rate", "rhythm", "width", "length", "strength", "fluency", "tension")


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
    own = {name: row.get(name, "") for name in OWN_FIELDS}
    extra = {key: value for key, value in row.items() if key not in COMMON_COLUMNS and key not in own}
    own["source"] = own["source"] or CORE_SOURCE
    return Concept(code, zh, en, row["pinyin"].strip(), kind, synonyms, extra, **own)


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


def active() -> Vocabulary:
    """The core vocabulary with the concepts and synonyms of the clinic that holds here (``local_terms.using``)."""
    return with_local(current())


P = ParamSpec("P")
R = TypeVar("R")


def for_each_vocabulary(function: Callable[P, R]) -> Callable[P, R]:
    """As ``functools.cache``, for what is worked out from ``active()``: kept for as long as that vocabulary is used."""
    known: WeakKeyDictionary[Vocabulary, dict[object, R]] = WeakKeyDictionary()

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = known.setdefault(active(), {})
        key = (args, tuple(kwargs.items()))
        if key not in answers:
            answers[key] = function(*args, **kwargs)
        return answers[key]

    return asked


@lru_cache(maxsize=4)
def with_local(local: LocalVocabulary) -> Vocabulary:
    """The core with a clinic's own: a local concept stands for the core's of the same code, a local synonym is taken
    from whichever concept had it. Raises KnownError for a synonym of an unknown concept, or that is another's name."""
    if local is NOTHING:
        return core()
    concepts = core().concepts | {concept.code: concept for concept in local.concepts}
    named: dict[tuple[str, str], str] = {}
    claimed: dict[tuple[str, str], list[str]] = {}
    for concept in concepts.values():
        named.setdefault((concept.kind, normal_term(concept.zh)), concept.code)
        for term in concept.synonyms:
            claimed.setdefault((concept.kind, normal_term(term)), []).append(concept.code)
    for kind, terms in local.synonyms.items():
        if kind in ("herb", "formula"):  # the tables of herbs and formulas see to theirs
            continue
        for term, code in terms.items():
            _check_synonym(concepts, named, kind, term, code)
            for other in claimed.get((kind, normal_term(term)), ()):
                kept = tuple(s for s in concepts[other].synonyms if normal_term(s) != normal_term(term))
                concepts[other] = replace(concepts[other], synonyms=kept)
            if named.get((kind, normal_term(term))) != code:
                concepts[code] = replace(concepts[code], synonyms=(*concepts[code].synonyms, term))
    return Vocabulary.of(concepts.values())


def _check_synonym(
    concepts: dict[str, Concept], named: dict[tuple[str, str], str], kind: str, term: str, code: str
) -> None:
    target = concepts.get(code)
    if target is None or target.kind != kind or not normal_term(term):
        raise KnownError(
            "The local synonym {term} belongs to {code}, which is no concept of the kind {kind}.",
            term=term,
            code=code,
            kind=kind,
        )
    owner = named.get((kind, normal_term(term)), code)
    if owner != code:
        raise KnownError(
            "The local synonym {term} is the name of another concept ({code}); it cannot mean {wanted}.",
            term=term,
            code=owner,
            wanted=target.zh,
        )
