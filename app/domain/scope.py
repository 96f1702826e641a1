"""Which clinic's own terms hold at the moment: a context variable that the vocabulary, herbs and formulas look at.

A thread of its own begins without any: hand the context over (``contextvars.copy_context().run``).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.domain.concept import Concept


@dataclass(frozen=True, eq=False)
class LocalVocabulary:
    """A clinic's own concepts (packs it loaded, rows it edited) and synonyms (kind -> term -> code).

    One object stands for one state: it is never changed, a new state is a new object, and what is worked out from it
    is kept for as long as it is in use.
    """

    concepts: tuple[Concept, ...] = ()
    synonyms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


NOTHING = LocalVocabulary()
holding: ContextVar[LocalVocabulary] = ContextVar("local_vocabulary", default=NOTHING)


def current() -> LocalVocabulary:
    """The local vocabulary that holds here; ``NOTHING`` where none was set."""
    return holding.get()
