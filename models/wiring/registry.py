"""Wirings by name, as a model card keeps them."""

from __future__ import annotations

from typing import Any

from models.errors import ModelError
from models.wiring.base import Wiring
from models.wiring.explicit import Explicit
from models.wiring.policy import NCP, AutoNCP
from models.wiring.unlayered import FullyConnected, Random

WIRINGS: dict[str, type[Wiring]] = {c.__name__: c for c in (FullyConnected, Random, NCP, AutoNCP, Explicit)}


def from_config(config: dict[str, Any]) -> Wiring:
    """The wiring a ``config()`` came from. Raises ModelError for an unknown kind or wrong fields."""
    fields = dict(config)
    kind = fields.pop("kind", None)
    if kind not in WIRINGS:
        raise ModelError(f"unknown wiring {kind!r}; there are {', '.join(WIRINGS)}")
    try:
        return WIRINGS[kind](**fields)
    except TypeError as error:
        raise ModelError(f"wiring {kind}: {error}") from error
