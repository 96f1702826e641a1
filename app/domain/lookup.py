"""Terms as one types them: by Chinese, by the initials of the pinyin, by pinyin, by a synonym, by the English name.

Unlike ``suggesting`` it judges what is being typed, not what a wrong term may have meant; that is asked where nothing
begins so.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.concept import normal_term
from app.domain.pinyin import plain
from app.domain.suggesting import Entry, check_kind, entries, suggest
from app.domain.terminology import everything

_NAME, _NAME_START, _INITIALS, _SYLLABLES, _INITIALS_START, _SOUND, _WITHIN = range(7)


@dataclass(frozen=True, slots=True)
class Found:
    """matched: the name or synonym it was found by."""

    code: str
    zh: str
    matched: str


def lookup(typed: str, kind: str, limit: int = 8, *, guess: bool = True) -> list[Found]:
    """Concepts of a kind for what was typed so far, the likeliest first, each once; [] for nothing typed.

    guess: where nothing begins so, what may have been meant (see ``suggesting``)
    Raises KnownError for a kind there is none of.
    """
    check_kind(kind)
    words = normal_term(typed)
    if not words:
        return []
    latin = plain(typed) if words.isascii() else ""
    concepts = everything().concepts if latin else {}
    best: dict[str, tuple[tuple[int, int, int], Found]] = {}
    for place, entry in enumerate(entries(kind)):
        rank = _rank(entry, words, latin)
        if rank is None and entry.code in concepts and _begins_english(concepts[entry.code].en, typed):
            rank = _SOUND
        if rank is None:
            continue
        synonym = 0 if entry.term == entry.zh else 1
        key = (2 * rank + synonym, len(entry.term), place)
        if entry.code not in best or key < best[entry.code][0]:
            best[entry.code] = (key, Found(entry.code, entry.zh, entry.term))
    found = [one for _, one in sorted(best.values(), key=_by_key)[:limit]]
    if found or latin or not guess:
        return found
    return [Found(one.code, one.zh, one.matched) for one in suggest(typed, kind, limit)]


def _by_key(pair: tuple[tuple[int, int, int], Found]) -> tuple[int, int, int]:
    return pair[0]


def _rank(entry: Entry, words: str, latin: str) -> int | None:
    if not latin:
        if entry.normal == words:
            return _NAME
        if entry.normal.startswith(words):
            return _NAME_START
        return _WITHIN if words in entry.normal else None
    initials = "".join(syllable[:1] for syllable in entry.syllables)
    if initials == latin:
        return _INITIALS
    if any(latin == "".join(entry.syllables[:count]) for count in range(1, len(entry.syllables) + 1)):
        return _SYLLABLES
    if initials.startswith(latin):
        return _INITIALS_START
    if entry.sound.replace(" ", "").startswith(latin):
        return _SOUND
    return None


def _begins_english(name: str, typed: str) -> bool:
    """ "hypo p" begins "Hypochondriac pain" word for word."""
    words, wanted = name.casefold().split(), typed.casefold().split()
    return len(wanted) <= len(words) and all(w.startswith(t) for w, t in zip(words, wanted, strict=False))
