"""The pulse in one line, place by place: 弦细 (everywhere), 左弦细 右滑数, 左寸浮 左关弦 右尺沉."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.domain.records import Position, Side

Place = tuple[Side, Position]
WHOLE: Place = (Side.BOTH, Position.WHOLE)
PLACES: tuple[Place, ...] = tuple(
    (side, place) for side in (Side.LEFT, Side.RIGHT) for place in (Position.CUN, Position.GUAN, Position.CHI)
)
_SIDES = {"左": Side.LEFT, "右": Side.RIGHT}
_POSITIONS = {"寸": Position.CUN, "关": Position.GUAN, "尺": Position.CHI}
_PART = re.compile(
    r"[\s,，;；、。]*(?:(?P<both>双手?|两手?)|(?P<side>[左右]))?手?脉?\s*(?P<places>[寸关尺、]*)部?[\s:：]*"
    r"(?P<words>[^左右寸关尺双两,，;；。\s]+)"
)


def split(text: str, among: Iterable[Place] = ()) -> dict[Place, str]:
    """Words by place. among: the places that words without a place are meant for; the pulse as a whole where none.

    A side without a position is that hand as a whole; a position without a side is meant on both hands;
    a place without words says nothing.
    """
    words = text.strip()
    if not words:
        return {}
    if not re.search("[左右寸关尺]", words):
        return dict.fromkeys(tuple(among) or (WHOLE,), words)
    found: dict[Place, str] = {}
    side, at = "", 0
    while (part := _PART.match(words, at)) is not None:
        at = part.end()
        side = part["side"] or (side if part["places"] and not part["both"] else "")
        sides = [_SIDES[side]] if side else [Side.LEFT, Side.RIGHT]
        if not side and not part["places"]:
            found[WHOLE] = found.get(WHOLE, "") + part["words"]
            continue
        for one in sides:
            for place in part["places"].replace("、", ""):
                found[one, _POSITIONS[place]] = part["words"]
            if not part["places"]:
                found[one, Position.WHOLE] = part["words"]
    return found


def describe(pulses: Mapping[Place, str]) -> str:
    """The line that ``split`` makes the same of, as short as that can be said."""
    given = {place: words for place, words in pulses.items() if words.strip()}
    if len(set(given.values())) == 1 and ((len(given) == 1 and WHOLE in given) or set(given) == set(PLACES)):
        return next(iter(given.values()))
    names = {value: key for key, value in (*_SIDES.items(), *_POSITIONS.items())}
    parts = [given[WHOLE]] if WHOLE in given else []
    for side in (Side.LEFT, Side.RIGHT):
        if (side, Position.WHOLE) in given:
            parts.append(names[side] + given[side, Position.WHOLE])
        own = [(place, given[place]) for place in PLACES if place[0] is side and place in given]
        while own:
            words = own[0][1]
            same = [place for place, one in own if one == words]
            parts.append(names[side] + "".join(names[place[1]] for place in same) + words)
            own = [(place, one) for place, one in own if one != words]
    return " ".join(parts)
