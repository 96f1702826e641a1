"""Compound pulses (弦滑数) as names and as eight ordinal axes (位数形势).

Axes run from -2 to 2 with 0 the normal pulse:

depth     -2 felt at the lightest touch ........ 2 only under the heaviest pressure
rate      -2 slow (迟) ......................... 2 racing (疾)
rhythm     0 regular; -2 halting (促 结 代); nothing lies above 0
width     -2 thin as a thread .................. 2 large
length    -2 does not fill its place ........... 2 reaches beyond it
strength  -2 without force ..................... 2 forceful
fluency   -2 rough, scraping ................... 2 slippery, rolling
tension   -2 soft, slack ....................... 2 taut

The values of each name are in ``resources/terminology/pulses.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from app.domain.vocabulary import PULSE_AXES, Vocabulary, active, normal_term

AXES = PULSE_AXES

# before these, 微 says "slightly" (微数); before others (微细, 微弱) it is the faint pulse itself
_AFTER_SLIGHTLY = "数滑弦紧洪大浮缓迟"
# words of degree, place and connection that carry no pulse of their own
_QUIET_WORDS = ("脉象", "脉形", "脉来", "有力", "无力", "少力", "重按", "轻取", "六脉", "寸口", "气口")
_QUIET = (
    "脉象形来气势之者其见觉仍尚犹亦又复较更略稍颇甚极很尤偏兼带而且并与和及俱皆均独单左右两双六寸关尺部位手按取候中"
)
_NEGATION = "不|非|无|未"
_SEPARATORS = " \t\n，,、;；/|+.。·-()（）:："


def _names() -> dict[str, str]:
    """Every word for a pulse -> code."""
    return active().index["pulse"]


def pattern() -> re.Pattern[str]:
    """One token of a pulse phrase: ``quiet``, ``absent`` (不浮), ``slight`` (微 before 数) or ``pulse``."""
    return _pattern(active())


@lru_cache(maxsize=4)
def _pattern(vocabulary: Vocabulary) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, vocabulary.index["pulse"]), key=len, reverse=True))
    quiet = "|".join(_QUIET_WORDS)
    return re.compile(
        f"(?P<absent>(?:{_NEGATION})(?:甚|见|大|很)?(?:{words}))"
        f"|(?P<slight>微(?=[{_AFTER_SLIGHTLY}]))"
        f"|(?P<quiet>{quiet})"
        f"|(?P<pulse>{words})"
    )


def code_of(word: str) -> str | None:
    """The code of one pulse word (弦, 数象, 耎); None where it is none."""
    return _names().get(normal_term(word))


def parse(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pulses a phrase names, in order and once each, and what was not understood.

    "脉细弦而数" -> (("pul.thready", "pul.wiry", "pul.rapid"), ()). Words of place and degree are passed over,
    a pulse that is denied (不浮) is left out.
    """
    phrase, token, names = normal_term(text), pattern(), _names()
    codes: list[str] = []
    unknown: list[str] = []
    at, fresh = 0, True
    while at < len(phrase):
        found = token.match(phrase, at)
        if found:
            at, fresh = found.end(), True
            if found["pulse"]:
                codes.append(names[found["pulse"]])
            continue
        char = phrase[at]
        at += 1
        if char in _QUIET or char in _SEPARATORS:
            fresh = True
            continue
        if fresh:
            unknown.append(char)
        else:
            unknown[-1] += char
        fresh = False
    return tuple(dict.fromkeys(codes)), tuple(unknown)


def _axes_of(code: str) -> tuple[float, ...]:
    concept = active().concepts.get(code)
    if concept is None:  # of a pack that was taken out: records keep its codes
        return (0.0,) * len(AXES)
    if concept.kind != "pulse":
        raise KeyError(code)
    return tuple(float(concept.extra.get(axis) or 0) for axis in AXES)  # a pulse of a pack has no axes


def axes(codes: Iterable[str]) -> dict[str, float]:
    """The eight axes of a compound, each in -2..2 (0 normal).

    Components reinforce nothing: on each axis the strongest value to either side stands, and where two pull in
    opposite directions their sum (濡 with 沉: 1). Raises KeyError for a code of something else than a pulse; one that
    the vocabulary does not know has no axes.
    """
    rows = [_axes_of(code) for code in codes]
    result: dict[str, float] = {}
    for i, axis in enumerate(AXES):
        values = [row[i] for row in rows]
        result[axis] = max([0.0, *values]) + min([0.0, *values])
    return result


def name(codes: Iterable[str]) -> str:
    """The compound as one writes it, "弦滑数"; ``parse`` reads it back to the same codes."""
    written = ""
    for code in codes:
        word = active().label(code)
        if written.endswith("微") and word in _AFTER_SLIGHTLY:
            written += "而"  # 微数 would be read as "slightly rapid"
        written += word
    return written
