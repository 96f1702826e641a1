"""Compiled kernels for the CPU, by cell: Numba, one sample a SIMD lane, blocks of samples shared among threads.

A kernel is compiled once a machine and kept on disk. The threads are torch's own number, ``torch.set_num_threads``.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import torch

from models.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from models.cells.base import AbstractCell, Path, Run

log = logging.getLogger(__name__)

# the room of a cell's kernel by the cell's whole name, so that this module loads neither numba nor any cell
ROOMS = {
    "models.cells.ltc.LTCCell": "models.kernels.cpu_ltc",
    "models.cells.cfc.CfCCell": "models.kernels.cpu_cfc",
    "models.cells.gru_d.GRUDCell": "models.kernels.cpu_gru_d",
    "models.cells.mixed_memory.MixedMemoryCell": "models.kernels.cpu_mixed",
}
DTYPES = (torch.float32, torch.float64)


class Variant(NamedTuple):
    """What is compiled apart: a cell by its whole name, a type by torch's name of it, the lanes of a block."""

    cell: str
    dtype: str
    width: int


_ready: set[Variant] = set()
_failed: dict[Variant, str] = {}
_compiling: dict[Variant, threading.Thread] = {}
_begin = threading.Lock()  # held for moments
_load = threading.Lock()  # held as long as a kernel is loaded or compiled in this process


class Room(Protocol):
    """What the module of one cell's kernel offers. PASSES: forward, backward, as ``numba_cache`` compiles them."""

    PASSES: tuple[Any, Any]

    def refusal(self, cell: AbstractCell) -> str | None: ...
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
        path: bool,
        checkpoint: bool,
    ) -> Run | Path: ...


def refusal(cell: AbstractCell, x: Tensor) -> str | None:
    name = _name(cell)
    if x.device.type != "cpu":
        return f"the input is on {x.device}, not on the CPU"
    if name not in ROOMS:
        return f"{type(cell).__name__} has no compiled kernel"
    if x.dtype not in DTYPES:
        return f"{x.dtype} is not compiled, only float32 and float64"
    return _broken(ROOMS[name]) or _room(name).refusal(cell) or _failed.get(_variant(cell, x))


def ready(cell: AbstractCell, x: Tensor, *, wait: bool) -> bool:
    variant = _variant(cell, x)
    if variant in _ready:
        return True
    with _begin:
        thread = _compiling.get(variant)
        if thread is None and not wait and not _on_disk(variant):
            thread = threading.Thread(target=_compile_apart, args=(variant,), name="compile a cell", daemon=True)
            _compiling[variant] = thread
            thread.start()
    if thread is not None and thread.is_alive():
        if not wait:
            return False
        thread.join()
    if _load.acquire(blocking=wait):  # or another thread is at it, maybe for long
        try:
            _warm(variant)
        finally:
            _load.release()
    if wait and variant in _failed:
        raise ModelError(_failed[variant])
    return variant in _ready


def run(
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
    room = _room(_name(cell))
    return room.run(cell, x, dt, state, mask, inside, width(len(x), x.dtype), path=path, checkpoint=checkpoint)


def width(batch: int, dtype: torch.dtype) -> int:
    """Lanes of a block: 16 where every thread then has one, else 8."""
    return 16 if dtype == torch.float32 and batch > 8 * max(torch.get_num_threads(), 1) else 8


def _name(cell: AbstractCell) -> str:
    return f"{type(cell).__module__}.{type(cell).__qualname__}"


def _variant(cell: AbstractCell, x: Tensor) -> Variant:
    return Variant(_name(cell), str(x.dtype).removeprefix("torch."), width(len(x), x.dtype))


def _room(name: str) -> Room:
    return import_module(ROOMS[name])  # type: ignore[return-value]


@cache
def _broken(module: str) -> str | None:
    """Why a room cannot be imported: a compiler of the wrong version, no folder to keep kernels in."""
    if find_spec("numba") is None:
        return "numba is not installed"
    try:
        import_module(module)
    except Exception as error:
        log.warning("%s cannot be imported", module, exc_info=True)
        return f"numba does not work here: {_words(error)}"
    return None


def _on_disk(variant: Variant) -> bool:
    from models.kernels.numba_cache import on_disk

    return all(on_disk(one, variant.dtype, variant.width) for one in _room(variant.cell).PASSES)


def _warm(variant: Variant) -> None:
    """Load both passes from disk, or compile them; in whatever mode the first call came, the backward pass too."""
    if variant in _ready or variant in _failed:
        return
    try:
        # loading a kernel must not move the stream that dropout and initial weights are drawn from
        with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
            _room(variant.cell).warm(variant.dtype, variant.width)
    except Exception as error:
        log.warning("the CPU kernel of %s", variant.cell, exc_info=True)
        _failed[variant] = _refused(_words(error))
    else:
        _ready.add(variant)


def _compile_apart(variant: Variant) -> None:
    """In a process of its own: compiling holds the interpreter, and this one has work to do."""
    root = FilePath(__file__).resolve().parents[2]
    try:
        done = subprocess.run(_command(variant), cwd=root, capture_output=True, text=True, check=False)
    except OSError as error:
        _failed[variant] = _refused(_words(error))
        return
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        log.warning("the CPU kernel of %s: %s", variant.cell, done.stderr)
        _failed[variant] = _refused(lines[-1])


def _command(variant: Variant) -> list[str]:
    return [sys.executable, "-m", "models.kernels.warm", variant.cell, variant.dtype, str(variant.width)]


def _refused(words: str) -> str:
    return f"the CPU kernel does not compile here: {words}"


def _words(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
