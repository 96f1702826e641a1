"""What a vocabulary pack would change: shown before it is applied, code by code and field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.concept import Concept, Vocabulary, normal_term
from app.domain.messages import Message
from app.domain.packs import Pack

FIELDS = ("kind", "zh", "en", "pinyin", "synonyms", "unit", "scale", "valid_from", "valid_to")
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    before: Concept
    after: Concept

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        pairs = ((name, _shown(getattr(self.before, name)), _shown(getattr(self.after, name))) for name in FIELDS)
        return tuple(FieldChange(*pair) for pair in pairs if pair[1] != pair[2])


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A code, or a term of one kind, that stands on several rows. value: as first written; rows: lines of the file."""

    what: str  # "code" or "term"
    value: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """term belongs to ``owner`` already, another concept of the kind; ``concept`` of the pack claims it.

    own_name: it is the name of both, so that the two are likely the same concept under two codes
    """

    term: str
    concept: Concept
    owner: Concept
    own_name: bool


@dataclass(frozen=True, slots=True)
class PackDiff:
    """withdrawn: of an earlier version of the pack (same ``source``) and not in this one.

    taken_over: codes of another source that the pack would redefine; replaced: (new code, old code) where the old one
    is known. A concept is in one of added, changed and unchanged.
    """

    name: str
    added: tuple[Concept, ...]
    changed: tuple[Change, ...]
    unchanged: int
    withdrawn: tuple[Concept, ...]
    replaced: tuple[tuple[str, str], ...]
    taken_over: tuple[Change, ...]
    duplicates: tuple[Duplicate, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def empty(self) -> bool:
        """Nothing would change."""
        return not (self.added or self.changed or self.withdrawn)

    def describe(self, limit: int = MOST_LINES) -> tuple[Message, ...]:
        """The count of everything, then up to ``limit`` lines: what wants a decision first, additions last."""
        lines = list(self._lines())
        head = Message(
            "{name}: {added} added, {changed} changed, {unchanged} unchanged, {withdrawn} withdrawn; {duplicates} "
            "duplicates, {conflicts} conflicts.",
            name=self.name,
            added=len(self.added),
            changed=len(self.changed),
            unchanged=self.unchanged,
            withdrawn=len(self.withdrawn),
            duplicates=len(self.duplicates),
            conflicts=len(self.conflicts),
        )
        rest = (Message("And {count} lines more.", count=len(lines) - limit),) if len(lines) > limit else ()
        return (head, *lines[:limit], *rest)

    def _lines(self) -> Iterator[Message]:
        for double in self.duplicates:
            rows = ", ".join(map(str, double.rows))
            if double.what == "code":
                yield Message(
                    "The code {value} stands on rows {rows}; the first counts.", value=double.value, rows=rows
                )
            else:
                yield Message("The term {value} stands on rows {rows}.", value=double.value, rows=rows)
        for clash in self.conflicts:
            template = (
                "{code} has the name of {owner}: {term}."
                if clash.own_name
                else "{code} claims the term {term}, which belongs to {owner}."
            )
            yield Message(template, code=clash.concept.code, term=clash.term, owner=clash.owner.code)
        for change in self.taken_over:
            yield Message(
                "{code} belongs to another source ({source}) and would be redefined.",
                code=change.before.code,
                source=change.before.source,
            )
        for new, old in self.replaced:
            yield Message("{code} takes the place of {old}.", code=new, old=old)
        for concept in self.withdrawn:
            yield Message("Withdrawn: {code} {term}.", code=concept.code, term=concept.zh)
        for change in self.changed:
            for one in change.fields:
                yield Message(
                    "Changed: {code}, column {column}: {before} → {after}.",
                    code=change.after.code,
                    column=_COLUMNS.get(one.field, one.field),
                    before=one.before or "–",
                    after=one.after or "–",
                )
        for concept in self.added:
            yield Message("Added: {code} {term}.", code=concept.code, term=concept.zh)


_COLUMNS = {"zh": "term", "synonyms": "aliases"}  # where the file calls a field otherwise


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "|".join(value)


def diff(pack: Pack, current: Vocabulary) -> PackDiff:
    """What applying the pack to the vocabulary in use would do. Nothing is changed by asking."""
    concepts = pack.concepts
    coming = {concept.code for concept in concepts}
    known = current.concepts
    changes = tuple(Change(known[c.code], c) for c in concepts if c.code in known and Change(known[c.code], c).fields)
    replaced = tuple((row.concept.code, row.replaces) for row in pack.rows if row.replaces in known)
    return PackDiff(
        name=pack.name,
        added=tuple(concept for concept in concepts if concept.code not in known),
        changed=changes,
        unchanged=sum(concept.code in known for concept in concepts) - len(changes),
        withdrawn=tuple(c for c in known.values() if c.source == pack.name and c.code not in coming),
        replaced=replaced,
        taken_over=tuple(
            Change(known[c.code], c) for c in concepts if c.code in known and known[c.code].source != pack.name
        ),
        duplicates=tuple(_duplicates(pack)),
        conflicts=tuple(_conflicts(pack, current, {old for _, old in replaced})),
    )


def _duplicates(pack: Pack) -> Iterator[Duplicate]:
    codes: dict[str, list[int]] = {}
    terms: dict[tuple[str, str], dict[str, int]] = {}  # kind and term -> code -> row
    written: dict[tuple[str, str], str] = {}
    for row in pack.rows:
        codes.setdefault(row.concept.code, []).append(row.row)
        for term in row.concept.terms:
            key = (row.concept.kind, normal_term(term))
            terms.setdefault(key, {}).setdefault(row.concept.code, row.row)
            written.setdefault(key, term)
    yield from (Duplicate("code", code, tuple(rows)) for code, rows in codes.items() if len(rows) > 1)
    yield from (
        Duplicate("term", written[key], tuple(owners.values())) for key, owners in terms.items() if len(owners) > 1
    )


def _conflicts(pack: Pack, current: Vocabulary, replaced: set[str]) -> Iterator[Conflict]:
    """Against what will still be there: concepts the pack redefines, withdraws or replaces own nothing any more."""
    coming = {concept.code for concept in pack.concepts}
    for concept in pack.concepts:
        for term in concept.terms:
            owner = current.find(term, concept.kind)
            if owner is None or owner.code in coming or owner.code in replaced or owner.source == pack.name:
                continue
            own_name = normal_term(term) == normal_term(concept.zh) == normal_term(owner.zh)
            yield Conflict(term, concept, owner, own_name)
