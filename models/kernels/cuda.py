"""Triton kernels for the GPU: two launches forward and two backward for a whole batch of sequences.

Where Triton interprets (TRITON_INTERPRET=1 before it is first imported) they run on CPU tensors too, slowly. The
first use of a circuit's shape compiles for some seconds, in the background, and is kept on disk by Triton.
"""

from __future__ import annotations

import copy
import logging
import os
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import torch

from models.cells.base import Path
from models.cells.ltc import LTCCell
from models.errors import ModelError
from models.kernels import triton_rows
from models.kernels.triton_rows import Layout

if TYPE_CHECKING:
    from torch import Tensor

    from models.cells.base import AbstractCell

log = logging.getLogger(__name__)

SOLVERS = ("fused", "exponential", "exponential_midpoint")
DTYPES = (torch.float32, torch.float64)
SLOTS = 16_384  # synapses of one program, padding included; its registers hold 4,096, beyond they spill more and more

_lock = threading.Lock()
_compiling: dict[Variant, threading.Thread] = {}
_failed: dict[Variant, str] = {}


class Variant(NamedTuple):
    """What kernels are compiled for: a device, a type, a solver, and the padded sizes of a circuit."""

    device: torch.device
    dtype: torch.dtype
    solver: str
    sizes: tuple[int, ...]


def interpreting() -> bool:
    """Whether Triton was asked to run its kernels on the CPU."""
    return os.environ.get("TRITON_INTERPRET", "0").lower() in ("1", "true", "on", "yes", "y")


def refusal(cell: AbstractCell, x: Tensor) -> str | None:
    if type(cell) is not LTCCell:
        return f"{type(cell).__name__} has no GPU kernel"
    if cell.solver.name not in SOLVERS:
        return f"the GPU kernel knows the solvers {', '.join(SOLVERS)}, not {cell.solver.name}"
    if x.dtype not in DTYPES:
        return f"the GPU kernel computes in float32 and float64, not {x.dtype}"
    if find_spec("triton") is None:
        return "Triton is not installed"
    if not (x.is_cuda or interpreting()):
        return f"the GPU kernel wants CUDA tensors, not {x.device.type}"
    layout = triton_rows.layout(cell.circuit, x.device)
    if layout.slots > SLOTS:
        return f"{cell.circuit.synapses} synapses take {layout.slots} places, the GPU kernel has {SLOTS}"
    return _failed.get(_variant(cell, x, layout))


def ready(cell: AbstractCell, x: Tensor, *, wait: bool) -> bool:
    if interpreting():
        return True
    assert isinstance(cell, LTCCell)
    layout = triton_rows.layout(cell.circuit, x.device)
    variant = _variant(cell, x, layout)
    with _lock:
        thread = _compiling.get(variant)
        if thread is None:
            thread = threading.Thread(target=_compile, args=(variant, cell), name="compile LTC", daemon=True)
            _compiling[variant] = thread
            thread.start()
    if wait:
        thread.join()
    elif thread.is_alive():
        return False
    if wait and variant in _failed:
        raise ModelError(_failed[variant])
    return variant not in _failed


def run(
    cell: AbstractCell,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    *,
    path: bool = True,
    checkpoint: bool = False,
) -> Path:
    from models.kernels.triton_drive import Drive
    from models.kernels.triton_ltc import Recipe, Recurrence

    assert isinstance(cell, LTCCell)
    layout = triton_rows.layout(cell.circuit, x.device)
    sensory, recurrent, neurons = cell.sensory.effective(), cell.recurrent.effective(), cell.neurons()
    numbers = (recurrent.sigma, recurrent.mu, recurrent.w, recurrent.erev, neurons.cm, neurons.leak)
    drive = Drive.apply(
        layout, cell.units, cell.sensed(x), mask, sensory.sigma, sensory.mu, sensory.w, sensory.erev
    )  # fmt: skip
    differentiable = torch.is_grad_enabled() and any(t.requires_grad for t in (drive, dt, state, *numbers))
    recipe = Recipe(cell.solver.name, cell.unfolds, layout, differentiable, path, checkpoint)
    return Path(*Recurrence.apply(recipe, drive, dt, inside, state, *numbers))


def _variant(cell: LTCCell, x: Tensor, layout: Layout) -> Variant:
    rows = [(r.rows, r.width) for r in (layout.hears, layout.tells)]
    ends = [min(triton_rows.power_of_two(n), triton_rows.ENDS_AT_MOST) for n in (cell.units, cell.input_size)]
    return Variant(x.device, x.dtype, cell.solver.name, (layout.neurons, *rows[0], *rows[1], *ends))


def _compile(variant: Variant, cell: LTCCell) -> None:
    """Run a copy of the cell over one step of one sample: whatever a real call will launch is then compiled."""
    try:
        with torch.cuda.device(variant.device):
            twin = copy.deepcopy(cell, {id(cell.circuit): cell.circuit}).requires_grad_()
            x = torch.zeros(1, 1, cell.input_size, dtype=variant.dtype, device=variant.device)
            run(twin, x, torch.ones_like(x[..., 0]), x.new_zeros(1, cell.units), None, None).state.sum().backward()
            torch.cuda.synchronize()
    except Exception as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        _failed[variant] = f"the GPU kernel does not compile here: {words[-1]}"
        log.warning("%s", _failed[variant], exc_info=True)
