"""The same numerics, fast. ``reference`` is the specification; the others are held to it by the tests.

reference   torch, a loop over the steps: ``AbstractCell.run``
cpu         Numba: synapse lists, batch in the SIMD lanes, threads
cuda        Triton: one launch a sequence
auto        the fastest that is there; the reference, with one logged line, where none is or while one compiles
"""

from __future__ import annotations

import logging
import math
import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast
from weakref import WeakKeyDictionary

from models.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from models.cells.base import AbstractCell, Path, Run

log = logging.getLogger(__name__)

BACKENDS = ("auto", "reference", "cpu", "cuda")
forked = False
"""Whether this process was forked off one that had loaded this package: torch's threads did not come along."""
_told: set[str] = set()
_broken: WeakKeyDictionary[AbstractCell, str] = WeakKeyDictionary()
"""Cells whose kernel, by its name, could not be loaded or compiled; "auto" does not ask again."""


def _note_fork() -> None:
    global forked
    forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


class Kernel(Protocol):
    """A module of this folder: how it runs a cell, and why it would not."""

    def refusal(self, cell: AbstractCell, x: Tensor) -> str | None:
        """Why this kernel cannot run the cell on this input, in words; None: it can."""
        ...

    def ready(self, cell: AbstractCell, x: Tensor, *, wait: bool) -> bool:
        """Whether it is compiled for that input. ``wait``: compile now; else compiling may begin in the background."""
        ...

    def run(
        self,
        cell: AbstractCell,
        x: Tensor,
        dt: Tensor,
        state: Tensor,
        mask: Tensor | None,
        inside: Tensor | None,
        *,
        path: bool,
        checkpoint: bool,
    ) -> Run | Path:
        """As ``AbstractCell.run``, gradients included, or that and the read-out.

        path: False may leave out tau, and where the outputs are read the whole path
        """
        ...


def check_name(backend: str) -> None:
    """Raises ModelError, listing the valid names, for an unknown backend."""
    if backend not in BACKENDS:
        raise ModelError(f"unknown backend {backend!r}; there are {', '.join(BACKENDS)}")


def run(
    cell: AbstractCell,
    backend: str,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    *,
    path: bool = True,
    checkpoint: bool = False,
) -> Run:
    """All steps of a checked batch on the chosen backend, read out; arguments as ``AbstractCell.run``.

    path: whether every step's state and tau are wanted; checkpoint: keep little for the backward pass and compute it
    again there
    Raises ModelError where ``backend`` insists on a kernel that cannot run the cell.
    """
    from models.cells.base import Run

    kernel = _choose(cell, backend, x)
    if kernel is not None and x.numel():
        done = kernel.run(cell, x, dt, state, mask, inside, path=path, checkpoint=checkpoint)
    elif checkpoint and x.shape[1] > 1:
        done = _in_chunks(cell, x, dt, state, mask, inside)
    else:
        done = cell.run(x, dt, state, mask, inside)
    if isinstance(done, Run):
        return done
    return Run(cell.output(done.state), done.state[:, -1] if x.shape[1] else state, done if path else None)


def _in_chunks(
    cell: AbstractCell, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None, inside: Tensor | None
) -> Path:
    """The reference in about sqrt(length) pieces, each computed again when its gradient is due."""
    import torch
    from torch.utils.checkpoint import checkpoint

    from models.cells.base import Path
    from models.ragged import held

    size = math.isqrt(x.shape[1] - 1) + 1
    states, taus = [], []
    for start in range(0, x.shape[1], size):
        part = slice(start, start + size)
        seen, here = (None if m is None else m[:, part] for m in (mask, inside))
        path = cast("Path", checkpoint(cell.run, x[:, part], dt[:, part], state, seen, here, use_reentrant=False))
        state = path.state[:, -1]
        states.append(path.state)
        taus.append(path.tau)
    tau = torch.cat(taus, 1)
    return Path(torch.cat(states, 1), tau if inside is None else held(tau, inside))


def prepare(cell: AbstractCell, backend: str, x: Tensor) -> str:
    """Compile what ``run`` would want for such an input and wait for it; the name of the backend that will run.

    Call it where a computation must be the same to the last bit from its first batch to its last. Where ``backend`` is
    "auto" and the kernel cannot be compiled, that is "reference", and stays so for this cell.
    """
    return "reference" if _choose(cell, backend, x, wait=True) is None else _name(backend, x)


def _choose(cell: AbstractCell, backend: str, x: Tensor, *, wait: bool = False) -> Kernel | None:
    """The kernel module, None: the reference. wait: for it to compile."""
    name, auto = _name(backend, x), backend == "auto"
    if name not in ("cpu", "cuda") or (auto and _broken.get(cell) == name):
        return None
    try:
        kernel = cast("Kernel", import_module(f"models.kernels.{name}"))
        refused = kernel.refusal(cell, x)
        ready = refused is None and kernel.ready(cell, x, wait=wait or not auto)
    except Exception as error:
        if not auto:
            raise
        _broken[cell] = name
        _tell(f"{type(cell).__name__} runs on the reference: its {name} kernel failed, {type(error).__name__}: {error}")
        return None
    if ready:
        return kernel
    if not auto:
        raise ModelError(f"backend {backend!r}: {refused or 'it does not compile here'}; use backend='auto'")
    if refused:
        _tell(f"{type(cell).__name__} runs on the reference: {refused}")
    else:
        _tell(f"{type(cell).__name__} runs on the reference while its {name} kernel compiles")
    return None


def _name(backend: str, x: Tensor) -> str:
    return x.device.type if backend == "auto" else backend


def _tell(line: str) -> None:
    """Once a process for each line."""
    if line not in _told:
        _told.add(line)
        log.info(line)
