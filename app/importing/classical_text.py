"""Case text cleaned for reading, each character knowing where it stands in the original.

Herb lists are taken out and lines broken inside a sentence are joined before any rule reads the text; what a rule
finds must still be shown at its place, so every cleaned text carries the places of its characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# "name（dose or handling）", the name without punctuation; undosed lists are runs of short words between blanks
_DOSED = re.compile(r"[^\s，。；：、！？（）()∶:]{1,8}\s?[（(][^（）()]{0,40}[）)]")
_LIST = re.compile(r"(?:(?<=[。\s])|^)[^\s，。；：！？]{1,8}(?:[ \u3000]+[^\s，。；：！？]{1,8}){2,}")
_WRAP = re.compile(r"(?<![。！？；：:）)])[ \t]*\r?\n[ \t]*")  # a line broken inside a sentence
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_CLAUSE = re.compile(r"[^，,；;：:∶\s]+")


@dataclass(frozen=True, slots=True)
class Aligned:
    """A text made from another by leaving out and replacing; origin[i] is the place character i came from."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) of this text as [start, end) of the original; 0 <= start < end <= len(text)."""
        return self.origin[start], self.origin[end - 1] + 1

    def without(self, pattern: re.Pattern[str], instead: str = "") -> Aligned:
        """Every match replaced; what stands in its place has the place where the match began."""
        parts: list[str] = []
        origin: list[int] = []
        at = 0
        for found in pattern.finditer(self.text):
            parts += [self.text[at : found.start()], instead]
            origin += self.origin[at : found.start()]
            origin += [self.origin[found.start()]] * len(instead)
            at = found.end()
        parts.append(self.text[at:])
        origin += self.origin[at:]
        return Aligned("".join(parts), tuple(origin))


def as_written(text: str) -> Aligned:
    return Aligned(text, tuple(range(len(text))))


def joined(text: str) -> Aligned:
    """The text with lines broken inside a sentence joined."""
    return as_written(text).without(_WRAP)


def narrative(text: str) -> Aligned:
    """The joined text without dosed and undosed herb lists."""
    return joined(text).without(_DOSED, " ").without(_LIST, "。")


def sentences_of(text: str) -> Iterator[tuple[str, int]]:
    """Sentences with the place where each begins."""
    for found in _SENTENCE.finditer(text):
        yield found[0], found.start()


def clauses_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Clauses with the number of their sentence and the place where each begins."""
    for number, (sentence, start) in enumerate(sentences_of(text)):
        for found in _CLAUSE.finditer(sentence):
            yield found[0], number, start + found.start()
