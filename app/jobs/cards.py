"""What a model's card has to hold so that the program can use it: read from a file, it may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from app.domain import standing
from models.course import Variable

if TYPE_CHECKING:
    from models.forecaster import LiquidForecaster

Known = FiniteFloat | None
LOCAL = (standing.PREFERRED, "comparison", "generation")
"""What a model does not take along: choices, figures and generations of where it was trained."""


class _Part(BaseModel):
    """As written: nothing is converted, what is not named here is left alone."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Training(_Part):
    patients: int
    visits: int
    span_days: FiniteFloat
    cancelled: bool = False
    held_out: list[str] = []
    rows: dict[str, int] = {}


class _Variable(_Part):
    model: Known = None
    last_value: Known = None
    values: int = 0


class _Difference(_Part):
    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat


class _Score(_Part):
    model: Known
    last_value: Known
    mixed_model: Known
    patients: int
    beats_last_value: bool | None
    beats_simple: bool | None = None
    best_simple: str | None = None
    better_by: _Difference | None = None
    per_variable: dict[str, _Variable] = {}


class _Line(_Part):
    model: str
    rmse: Known
    low: Known
    high: Known
    behind: Annotated[list[FiniteFloat], Field(min_length=3, max_length=3)] | None
    why: str = ""


class _Comparison(_Part):
    patients: int
    seed: int
    table: Annotated[list[_Line], Field(min_length=1)]


class _Series(_Part):
    variables: Annotated[list[dict[str, Any]], Field(min_length=1)]
    treatments: list[str]
    static: list[str]


class _Inputs(_Part):
    edges: list[FiniteFloat]
    shares: list[FiniteFloat]
    patients: int


class _Lineage(_Part):
    held_out: list[str]
    held_out_unseen: bool
    ancestors: list[dict[str, Any]]
    parent: dict[str, Any] | None


class _Card(_Part):
    cell: str
    created: str
    training: _Training
    score: _Score
    series: _Series
    coverage90: Known = None
    generation: int = 0
    comparison: _Comparison | None = None
    profile: dict[str, _Inputs] = {}
    lineage: _Lineage | None = None


def usable(card: Mapping[str, Any]) -> bool:
    """Whether everything the program reads of a card is there, and is what it should be."""
    try:
        found = _Card.model_validate(dict(card))
        for one in found.series.variables:
            TypeAdapter(Variable).validate_python(one)
    except ValidationError:
        return False
    return found.comparison is None or found.comparison.table[0].rmse is not None


def of_elsewhere(forecaster: LiquidForecaster) -> None:
    """Take from the card what does not hold here."""
    for name in LOCAL:
        forecaster.card.pop(name, None)
