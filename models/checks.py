"""Checks of the arguments a model is built with, each with the reason in its refusal."""

from __future__ import annotations

from numbers import Integral

from models.errors import ModelError


def shown(value: object) -> str:
    """A value as an error quotes it: itself where that is short, else its type."""
    text = repr(value)
    return text if len(text) <= 80 and "\n" not in text else f"a {type(value).__name__}"


def whole(name: str, value: object, lowest: int = 1) -> int:
    """The number itself. Raises ModelError for anything but a whole number of at least ``lowest``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ModelError(f"{name} must be a whole number, got {shown(value)}")
    if value < lowest:
        raise ModelError(f"{name} must be at least {lowest}, got {value}")
    return int(value)


def share(name: str, value: object) -> float:
    """The number itself. Raises ModelError for anything but a number in [0, 1)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"{name} must be a number, got {shown(value)}")
    if not 0 <= value < 1:
        raise ModelError(f"{name} is {value}, expected 0 <= {name} < 1")
    return float(value)
