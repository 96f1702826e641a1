"""Everything that has a code and a name as one vocabulary: the active one, herbs and formulas as concepts with it."""

from __future__ import annotations

from functools import lru_cache

from app.domain.concept import Concept, Vocabulary
from app.domain.formulas import Formula, formulas
from app.domain.herbs import Herb, herbs
from app.domain.scope import LocalVocabulary, current
from app.domain.vocabulary import active


def everything() -> Vocabulary:
    """The vocabulary that holds here, with the kinds "herb" and "formula": for packs, look-up and reports.

    A concept that a clinic's pack brings for a herb or formula stands for the one of the table.
    """
    return _everything(current())


@lru_cache(maxsize=4)
def _everything(local: LocalVocabulary) -> Vocabulary:
    known = active().concepts
    tables = {herb.code: _of_herb(herb, local) for herb in herbs().values()}
    tables |= {formula.code: _of_formula(formula, local) for formula in formulas().values()}
    return Vocabulary.of((known | {code: c for code, c in tables.items() if code not in known}).values())


def _of_herb(herb: Herb, local: LocalVocabulary) -> Concept:
    own = _own(local, "herb", herb.code)
    return Concept(
        herb.code, herb.zh, herb.en, herb.pinyin, "herb", (*herb.aliases, *own), unit="g", source=herb.source
    )


def _of_formula(formula: Formula, local: LocalVocabulary) -> Concept:
    own = _own(local, "formula", formula.code)
    return Concept(
        formula.code,
        formula.zh,
        formula.en,
        formula.pinyin,
        "formula",
        (*formula.synonyms, *own),
        source=formula.source,
    )


def _own(local: LocalVocabulary, kind: str, code: str) -> tuple[str, ...]:
    return tuple(term for term, meant in local.synonyms.get(kind, {}).items() if meant == code)
