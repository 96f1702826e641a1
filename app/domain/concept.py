"""What a concept of the vocabulary is, and a vocabulary: concepts by code, terms by kind."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from app.domain.script import simplified

# the kinds the product ships, then those that come with packs (diseases, methods, ICD), then the two big tables
SHIPPED = ("symptom", "tongue", "pulse", "syndrome", "element")
BY_PACK = ("disease", "method", "western")
ALL_KINDS = (*SHIPPED, *BY_PACK, "formula", "herb")


@dataclass(frozen=True, slots=True)
class Concept:
    """kind: one of ``ALL_KINDS``; extra: the further columns of its file.

    unit: of a measured value (UCUM or as the clinic writes it); scale: "main" or "secondary" for scored symptoms, else
    as its source names it; source: the pack or table it comes from; valid_from, valid_to: ISO dates, "" where open
    """

    code: str
    zh: str
    en: str
    pinyin: str
    kind: str
    synonyms: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    scale: str = ""
    source: str = ""
    valid_from: str = ""
    valid_to: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The name, then the synonyms."""
        return (self.zh, *self.synonyms)

    def in_force(self, day: dt.date) -> bool:
        """Whether the concept may be given on this day; what was recorded with it stays readable for ever."""
        iso = day.isoformat()
        return (not self.valid_from or self.valid_from <= iso) and (not self.valid_to or iso <= self.valid_to)


@lru_cache(maxsize=65536)
def normal_term(term: str) -> str:
    """NFKC, no white space, simplified characters, folded case: what two spellings of one term have in common."""
    return simplified("".join(unicodedata.normalize("NFKC", term).split())).casefold()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """concepts: by code, in the order of the files. Two vocabularies are the same only where they are one object."""

    concepts: dict[str, Concept]
    index: dict[str, dict[str, str]]  # kind -> normalised term -> code

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Vocabulary:
        """A vocabulary of these; of several that claim a term it goes to the one named so, else to the first."""
        table = {concept.code: concept for concept in concepts}
        index: dict[str, dict[str, str]] = {}
        for concept in table.values():
            index.setdefault(concept.kind, {}).setdefault(normal_term(concept.zh), concept.code)
        for concept in table.values():
            for term in concept.synonyms:
                index[concept.kind].setdefault(normal_term(term), concept.code)
        return cls(table, index)

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
        return concept.en or concept.zh if language == "en" else concept.zh
