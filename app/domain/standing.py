"""Whether a trained model has earned to be relied on, as its card tells, and which of several is in use.

Chosen by people before figures: a model that somebody promoted is in use whatever its figures, and is told as what it
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol, TypeVar

PREFERRED = "preferred"
"""Of a card in the clinic file: the moment somebody chose the model, in ISO 8601."""


IMPORTED = "imported"
"""Of a card in the clinic file: the moment the model came from elsewhere; its figures are of other patients."""


class Carded(Protocol):
    """A model of the shelf: see ``app.store.shelf.StoredModel``."""

    @property
    def card(self) -> Mapping[str, Any]: ...


Verdict = Literal["better", "alike", "worse"]
Model = TypeVar("Model", bound=Carded)


def verdict(card: Mapping[str, Any]) -> Verdict | None:
    """On patients it never saw, by the 90 % intervals of the differences; None: not known.

    "better": than everything it was compared with; "worse": than something of it; "alike": neither is sure
    """
    score = card.get("score") or {}
    if score.get("model") is None:
        return None
    if not score.get("beats_last_value"):
        return "worse"
    known = score.get("better_by")
    if known is None and not score.get("beats_simple", True):
        return "worse"
    return against(rivals(card), [] if known is None else [(known["low"], known["high"])])


def against(lines: Iterable[Mapping[str, Any]], ahead: Iterable[tuple[float, float]] = ()) -> Verdict:
    """By the lines of a table but the model's own, and further intervals of how far it is ahead."""
    found = [*ahead, *((line["behind"][1], line["behind"][2]) for line in lines if line["behind"] is not None)]
    if any(high < 0 for _, high in found):
        return "worse"
    return "better" if all(low > 0 for low, _ in found) else "alike"


def own_line(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Its own line of the table that its training ended with; None where there is none."""
    table = (card.get("comparison") or {}).get("table") or [None]
    return table[0]


def rivals(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The other lines of that table, the best first."""
    return list((card.get("comparison") or {}).get("table") or [])[1:]


def in_use(models: Iterable[Model]) -> Model | None:
    """The model that forecasts where nobody names one. models: newest first.

    The one chosen by somebody, else of those trained here the newest that is better than all it was compared with, else
    as good, else the newest whose training came to its end, else the newest. None where there is none: a model from
    elsewhere has to be chosen.
    """
    known = list(models)
    own = [m for m in known if not m.card.get(IMPORTED)]
    chosen = [m for m in known if m.card.get(PREFERRED)]
    if chosen:
        return max(chosen, key=lambda m: str(m.card[PREFERRED]))
    whole = [m for m in own if not (m.card.get("training") or {}).get("cancelled")]
    best = [m for wanted in ("better", "alike") for m in whole if verdict(m.card) == wanted]
    return next(iter([*best, *whole, *own]), None)
