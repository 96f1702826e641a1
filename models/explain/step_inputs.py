"""The inputs of the liquid layer by name, in their order: what its sensory synapses and time constants hear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.batching import centred
from models.encoding import Encoder
from models.forecast import Array
from models.looking import log_time

InputKind = Literal["value", "since", "treatment", "static", "time"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input. name: of a variable ("tongue=red" of a level), treatment or static, "day" or "gap".

    kind: "value"; "since": the time since that variable was seen before; "treatment"; "static"; "time"
    per: what an effect is told for: a standard deviation of the training patients; the median dose; or, of times, an
    e-fold of 1 + days / time_scale
    """

    name: str
    kind: InputKind
    per: str


def step_inputs(encoder: Encoder) -> tuple[Input, ...]:
    """Every input: (F,), as ``batching.crossing`` orders them."""
    columns = column_names(encoder)
    return (
        *(Input(name, "value", "standard deviation") for name in columns),
        *(Input(name, "since", "e-fold") for name in columns),
        *(Input(name, "treatment", "median dose") for name in encoder.treatments),
        *(Input(name, "static", "standard deviation") for name in encoder.statics),
        *(Input(name, "time", "e-fold") for name in ("day", "gap")),
    )


def column_names(encoder: Encoder) -> list[str]:
    """Of every column: the variable's name, with the level of a categorical one."""
    names = []
    for column in encoder.columns:
        variable = encoder.variables[column.variable]
        level = "" if column.form != "class" else f"={variable.levels[column.level]}"
        names.append(variable.name + level)
    return names


def step_slopes(encoder: Encoder) -> Array:
    """By how much the layer's input changes for one ``Input.per``: (F,)."""
    z = float(centred(np.array(1.0)) - centred(np.array(0.0)))
    fold = float(log_time(np.array(np.expm1(1.0)), 1.0))
    slope = {"value": z, "since": fold, "treatment": 1.0, "static": z, "time": fold}
    return np.array([slope[i.kind] for i in step_inputs(encoder)])
