"""Compiled kernels for the GPU, by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from models.cells.base import AbstractCell, Path


def refusal(cell: AbstractCell, x: Tensor) -> str | None:
    return f"{type(cell).__name__} has no compiled kernel"


def ready(cell: AbstractCell, x: Tensor, *, wait: bool) -> bool:
    return True


def run(cell: AbstractCell, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None, inside: Tensor | None) -> Path:
    return cell.run(x, dt, state, mask, inside)
