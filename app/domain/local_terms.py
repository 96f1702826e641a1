"""A clinic's own vocabulary: concepts of the packs it loaded, and synonyms learned where an import was reviewed.

local = LocalVocabulary(concepts, {"symptom": {"心里发慌": "sym.palpitation"}, "herb": {"老黄芪": "herb.huangqi"}})
with using(local):
    ...  # vocabulary.active(), herbs.match, formulas.find and the coding of text know them
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.domain import formulas, herbs, vocabulary
from app.domain.scope import NOTHING, LocalVocabulary, current, holding

__all__ = ["NOTHING", "LocalVocabulary", "current", "learned", "using"]


@contextlib.contextmanager
def using(local: LocalVocabulary) -> Iterator[LocalVocabulary]:
    """The clinic's terms hold inside the block, in this thread and context.

    Raises KnownError, before the block is entered, for a synonym of an unknown concept, herb or formula, or one that
    is the name of another.
    """
    token = holding.set(local)
    try:
        vocabulary.active()  # each of the three refuses what it cannot take
        herbs.is_processing("炒")
        formulas.find("")
        yield local
    finally:
        holding.reset(token)


def learned(local: LocalVocabulary, kind: str, terms: Mapping[str, str]) -> LocalVocabulary:
    """The same with more synonyms (term -> code). Raises KnownError where one cannot be (see ``using``)."""
    new = {term.strip(): code for term, code in terms.items()}
    more = replace(local, synonyms=dict(local.synonyms) | {kind: dict(local.synonyms.get(kind, {})) | new})
    with using(more):
        return more
