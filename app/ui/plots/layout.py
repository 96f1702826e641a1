"""How a person has arranged the lanes: their order, which are hidden or pinned, and how some of them draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

STEPS, PULSE_AXES = "steps", "pulse_axes"
OPTIONS = (STEPS, PULSE_AXES)
SPARE = ("effect",)  # lanes that are there for whoever asks for them


@dataclass(frozen=True, slots=True)
class LaneLayout:
    """order: keys of lanes; those it does not name stand where they stand by default

    options: STEPS draws scores as steps, PULSE_AXES the pulse as its eight axes
    """

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = field(default_factory=lambda: frozenset(SPARE))
    pinned: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()

    def arranged(self, known: Sequence[str]) -> list[str]:
        """All lanes, the pinned ones first, each part in its order."""
        keys = [key for key in self.order if key in known]
        for at, key in enumerate(known):
            if key not in keys:
                before = next((k for k in reversed(known[:at]) if k in keys), None)
                keys.insert(0 if before is None else keys.index(before) + 1, key)
        return sorted(keys, key=lambda key: key not in self.pinned)

    def shown(self, known: Sequence[str]) -> list[str]:
        return [key for key in self.arranged(known) if key not in self.hidden]

    def put(self, known: Sequence[str], key: str, place: str) -> LaneLayout:
        """The lane where ``place`` is now; the ones between move up or down by one."""
        keys = self.arranged(known)
        at = keys.index(place)
        keys.remove(key)
        keys.insert(at, key)
        return replace(self, order=tuple(keys))

    def with_hidden(self, key: str, hidden: bool) -> LaneLayout:
        return replace(self, hidden=_with(self.hidden, key, hidden))

    def with_pinned(self, key: str, pinned: bool) -> LaneLayout:
        return replace(self, pinned=_with(self.pinned, key, pinned))

    def with_option(self, name: str, on: bool) -> LaneLayout:
        """Raises ValueError for a name that is none of OPTIONS."""
        if name not in OPTIONS:
            raise ValueError(f"unknown option {name!r}; there are {', '.join(OPTIONS)}")
        return replace(self, options=_with(self.options, name, on))

    def to_json(self) -> dict[str, Any]:
        return {
            "order": list(self.order),
            "hidden": sorted(self.hidden),
            "pinned": sorted(self.pinned),
            "options": sorted(self.options),
        }

    @classmethod
    def of_json(cls, found: object) -> LaneLayout | None:
        """None where it is none; options nobody knows are dropped."""
        if not isinstance(found, dict):
            return None
        lists = [found.get("order", []), found.get("hidden", list(SPARE)), found.get("pinned", [])]
        lists.append(found.get("options", []))
        if not all(isinstance(x, list) and all(isinstance(y, str) for y in x) for x in lists):
            return None
        order, hidden, pinned, options = lists
        kept = (option for option in options if option in OPTIONS)
        return cls(tuple(dict.fromkeys(order)), frozenset(hidden), frozenset(pinned), frozenset(kept))


def _with(names: Iterable[str], name: str, there: bool) -> frozenset[str]:
    return frozenset(names) | {name} if there else frozenset(names) - {name}
