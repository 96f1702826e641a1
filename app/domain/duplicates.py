"""Terms that several concepts of a vocabulary claim: within a kind a conflict, across kinds a matter of context."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.concept import Concept, Vocabulary, normal_term
from app.domain.messages import Message


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """term: as first written; owners: two or more concepts that have it as name or synonym, the one that is found
    first (by its name, then by its place) in front of the others of its kind."""

    term: str
    owners: tuple[Concept, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(concept.kind for concept in self.owners))

    @property
    def conflict(self) -> bool:
        """Whether two of one kind claim it, so that one of them is never found by it."""
        return len(self.kinds) < len(self.owners)

    @property
    def message(self) -> Message:
        owners = "、".join(f"{concept.zh} ({concept.code})" for concept in self.owners)
        template = (
            "Conflict: {term} belongs to several concepts of one kind: {owners}."
            if self.conflict
            else "{term} occurs in several kinds: {owners}."
        )
        return Message(template, term=self.term, owners=owners)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """conflicts: terms of several concepts of one kind; across: terms of several kinds, one concept in each."""

    conflicts: tuple[SharedTerm, ...]
    across: tuple[SharedTerm, ...]

    def describe(self) -> tuple[Message, ...]:
        """One line a term, conflicts first."""
        return tuple(shared.message for shared in (*self.conflicts, *self.across))


def duplicates(vocabulary: Vocabulary) -> Duplicates:
    """Every term that more than one concept has, in the order of the vocabulary."""
    owners: dict[str, dict[str, Concept]] = {}
    written: dict[str, str] = {}
    for concept in vocabulary.concepts.values():
        for term in concept.terms:
            key = normal_term(term)
            owners.setdefault(key, {}).setdefault(concept.code, concept)
            written.setdefault(key, term)
    shared = [
        SharedTerm(written[key], tuple(sorted(some.values(), key=lambda c: normal_term(c.zh) != key)))
        for key, some in owners.items()
        if len(some) > 1
    ]
    return Duplicates(
        conflicts=tuple(one for one in shared if one.conflict),
        across=tuple(one for one in shared if not one.conflict),
    )
