"""Compiled kernels for the CPU, by cell: Numba, one sample a SIMD lane, blocks of samples shared among threads.

A kernel is compiled once a machine and kept on disk. The threads are torch's own number, ``torch.set_num_threads``.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Protocol

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from models.cells.base import AbstractCell, Path

log = logging.getLogger(__name__)

# the room of a cell's kernel by the cell's name, so that this module loads neither numba nor any cell
ROOMS = {
    "LTCCell": "models.kernels.cpu_ltc",
    "CfCCell": "models.kernels.cpu_cfc",
    "GRUDCell": "models.kernels.cpu_gru_d",
    "MixedMemoryCell": "models.kernels.cpu_mixed",
}
DTYPES = (torch.float32, torch.float64)

_ready: set[tuple[str, str, int]] = set()
_compiling: dict[tuple[str, str, int], threading.Thread] = {}
_lock = threading.Lock()


class Room(Protocol):
    """What the module of one cell's kernel offers."""

    def refusal(self, cell: AbstractCell) -> str | None: ...
    def cached(self, dtype: str, width: int) -> bool: ...
    def warm(self, dtype: str, width: int) -> None: ...
    def run(
        self,
        cell: AbstractCell,
        x: Tensor,
        dt: Tensor,
        state: Tensor,
        mask: Tensor | None,
        inside: Tensor | None,
        width: int,
        *,
        tau: bool,
        checkpoint: bool,
    ) -> Path: ...


def refusal(cell: AbstractCell, x: Tensor) -> str | None:
    name = type(cell).__name__
    if x.device.type != "cpu":
        return f"the input is on {x.device}, not on the CPU"
    if name not in ROOMS:
        return f"{name} has no compiled kernel"
    if x.dtype not in DTYPES:
        return f"{x.dtype} is not compiled, only float32 and float64"
    if find_spec("numba") is None:
        return "numba is not installed"
    return _room(name).refusal(cell)


def ready(cell: AbstractCell, x: Tensor, *, wait: bool) -> bool:
    name = type(cell).__name__
    dtype, lanes = str(x.dtype).removeprefix("torch."), width(len(x), x.dtype)
    key = (name, dtype, lanes)
    if key in _ready:
        return True
    with _lock:
        if wait or _room(name).cached(dtype, lanes):
            _room(name).warm(dtype, lanes)
            _ready.add(key)
        elif key not in _compiling:
            thread = threading.Thread(target=_compile_apart, args=key, name=f"compile {name}", daemon=True)
            _compiling[key] = thread
            thread.start()
    return key in _ready


def run(
    cell: AbstractCell,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    *,
    tau: bool,
    checkpoint: bool,
) -> Path:
    room = _room(type(cell).__name__)
    return room.run(cell, x, dt, state, mask, inside, width(len(x), x.dtype), tau=tau, checkpoint=checkpoint)


def width(batch: int, dtype: torch.dtype) -> int:
    """Lanes of a block: 16 where every thread then has one, else 8."""
    return 16 if dtype == torch.float32 and batch > 8 * max(torch.get_num_threads(), 1) else 8


def _room(name: str) -> Room:
    return import_module(ROOMS[name])  # type: ignore[return-value]


def _compile_apart(name: str, dtype: str, lanes: int) -> None:
    """In a process of its own: compiling holds the interpreter, and this one has work to do."""
    command = [sys.executable, "-m", "models.kernels.warm", name, dtype, str(lanes)]
    root = FilePath(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        log.warning("the kernel of %s could not be compiled: %s", name, done.stderr.strip().splitlines()[-1:])
