"""Layers trained with ncps carry over: the same outputs from the same parameters, the wiring read from the masks.

What ncps computes stays as it is: the fused solver for LTC, dense recurrence within a layer for a wired CfC. Only what
does not exist is left behind: parameters of synapses under a mask.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from models.cells.cfc import Mode
from models.errors import ModelError
from models.layers import LTC, CfC
from models.migrate.cfc import read_cfc, read_wired_cfc
from models.migrate.given import CELL, Given
from models.migrate.ltc import read_ltc

__all__ = ["from_ncps"]


def from_ncps(
    state_dict: Mapping[str, Tensor],
    *,
    implicit_param_constraints: bool = True,
    dtype: torch.dtype | None = None,
    unfolds: int = 6,
    outputs: int | None = None,
    mode: Mode | None = None,
    activation: str = "lecun_tanh",
) -> LTC | CfC:
    """The layer of ``ncps.torch.LTC(...).state_dict()`` or ``ncps.torch.CfC(...).state_dict()``, mixed memory or not.

    dtype: of the layer, None: the state dict's own. What a state dict does not say is said as it was said to ncps:
    implicit_param_constraints, unfolds (``ode_unfolds``) of an LTC; outputs: motor neurons of an LTC without output
    mapping; mode of a CfC, None: "pure" where the keys say so and "default" else ("no_gate" has the same keys);
    activation of a CfC with a backbone.

    The layer is on the CPU. Its state is one tensor, the neurons and then the memory's c. An LTC's neurons keep their
    order; a wired CfC's are motor, command, inter here and inter, command, motor there, and so is c. A wired CfC says
    nothing of its synapses' polarity: all read as +1.
    Raises ModelError, naming the key, for what is unknown, missing, of another shape or not finite.
    """
    if dtype is not None and not dtype.is_floating_point:
        raise ModelError(f"dtype is {dtype}, expected one of real numbers")
    given = Given(state_dict)
    if given.has(CELL + "sparsity_mask"):
        layer = read_ltc(given, implicit_param_constraints, unfolds, outputs)
    elif given.has(CELL + "layer_0.ff1.weight"):
        layer = read_wired_cfc(given, mode)
    elif given.has(CELL + "ff1.weight"):
        layer = read_cfc(given, mode, activation)
    else:
        raise ModelError(
            f"no LTC or CfC of ncps: expected {CELL}sparsity_mask, {CELL}ff1.weight or {CELL}layer_0.ff1.weight, "
            f"got {', '.join(map(str, list(state_dict)[:5])) or 'nothing'}"
        )
    given.finish()
    return layer.to(dtype)
