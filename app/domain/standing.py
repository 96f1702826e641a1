"""Whether a trained model has earned to be relied on, as its card tells, and which of several is in use.

Chosen by people before figures: a model that somebody promoted is in use whatever its figures, and is told as what it
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

PREFERRED = "preferred"
"""Of a card in the clinic file: the moment somebody chose the model, in ISO 8601."""


IMPORTED = "imported"
"""Of a card in the clinic file: the moment the model came from elsewhere; its figures are of other patients."""


class Carded(Protocol):
    """A model of the shelf: see ``app.store.shelf.StoredModel``."""

    @property
    def card(self) -> Mapping[str, Any]: ...


Model = TypeVar("Model", bound=Carded)


def earned(card: Mapping[str, Any]) -> bool | None:
    """Whether its error is below that of everything it was compared with, on patients it never saw; None: not known."""
    score = card.get("score") or {}
    if score.get("model") is None:
        return None
    others = [line["rmse"] for line in rivals(card) if line["rmse"] is not None]
    own = own_line(card)
    if own is not None and others and own["rmse"] >= min(others):
        return False
    return bool(score.get("beats_last_value")) and bool(score.get("beats_simple", True))


def own_line(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Its own line of the table that its training ended with; None where there is none."""
    table = (card.get("comparison") or {}).get("table") or [None]
    return table[0]


def rivals(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The other lines of that table, the best first."""
    return list((card.get("comparison") or {}).get("table") or [])[1:]


def in_use(models: Iterable[Model]) -> Model | None:
    """The model that forecasts where nobody names one. models: newest first.

    The one chosen last by somebody, else of those trained here the newest that has earned it, else the newest whose
    training came to its end, else the newest. None where there is none: a model from elsewhere has to be chosen.
    """
    known = list(models)
    own = [m for m in known if not m.card.get(IMPORTED)]
    chosen = [m for m in known if m.card.get(PREFERRED)]
    if chosen:
        return max(chosen, key=lambda m: str(m.card[PREFERRED]))
    whole = [m for m in own if not (m.card.get("training") or {}).get("cancelled")]
    best = [m for m in whole if earned(m.card)]
    return next(iter([*best, *whole, *own]), None)
