"""The parameters of a liquid time-constant cell as the compiled passes read them, and their gradients back from those.

In numpy, float64, all in one array: a step of training would spend longer in torch's many small operations than in the
passes themselves.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.cells import ltc
from models.cells.projection import SMALLEST_CM
from models.kernels.lanes import LARGEST_LOGISTIC, LOG2E
from models.kernels.numba_synapses import PER_EXPONENT, TANGENT

_TOTALS = np.array([1.0, 1.0, 1.0 / PER_EXPONENT, 1.0 / PER_EXPONENT])
_FIRST_POSITIVE = "gleak"  # it and all behind it are kept >= 0


class Lists(NamedTuple):
    """Synapses sorted by target. start (units + 1,), source (synapses,); order (synapses,): as the parameters lie."""

    start: np.ndarray
    source: np.ndarray
    order: np.ndarray

    @property
    def fan_in(self) -> int:
        return int(np.diff(self.start).max(initial=0))


class Layout(NamedTuple):
    """Where each parameter stands in the one array. at: by name; order: synapses sorted by target; sizes: of all."""

    sensory: Lists
    recurrent: Lists
    at: dict[str, slice]
    order: np.ndarray
    sizes: list[int]


def parameters(cell: ltc.LTCCell) -> dict[str, Tensor]:
    """What gradients flow to, in the order in which they stand in the one array."""
    sensory, recurrent = cell.sensory, cell.recurrent
    return {
        "input_w": cell.input_w,
        "input_b": cell.input_b,
        "output_w": cell.output_w,
        "output_b": cell.output_b,
        "vleak": cell.vleak,
        "sensory_sigma": sensory.sigma,
        "sensory_mu": sensory.mu,
        "sensory_erev": sensory.erev,
        "sigma": recurrent.sigma,
        "mu": recurrent.mu,
        "erev": recurrent.erev,
        "gleak": cell.gleak,
        "cm": cell.cm,
        "sensory_w": sensory.w,
        "w": recurrent.w,
    }


def layout(cell: ltc.LTCCell, given: dict[str, Tensor]) -> Layout:
    """given: its ``parameters``."""
    edges = (
        edge.numpy().tobytes() for group in (cell.sensory, cell.recurrent) for edge in (group.source, group.target)
    )
    return _laid_out(*edges, cell.units, tuple((name, p.numel()) for name, p in given.items()))


@lru_cache(maxsize=256)
def _laid_out(
    sensory_source: bytes,
    sensory_target: bytes,
    source: bytes,
    target: bytes,
    units: int,
    sizes: tuple[tuple[str, int], ...],
) -> Layout:
    sensory, recurrent = _sorted(sensory_source, sensory_target, units), _sorted(source, target, units)
    at, order, end = {}, [], 0
    for name, size in sizes:
        at[name] = slice(end, end + size)
        by_target = recurrent.order if name in ("sigma", "mu", "erev", "w") else None
        by_target = sensory.order if name.startswith("sensory") else by_target
        order.append(end + (np.arange(size) if by_target is None else by_target))
        end += size
    return Layout(sensory, recurrent, at, np.concatenate(order), [size for _, size in sizes])


def _sorted(source: bytes, target: bytes, units: int) -> Lists:
    sources, targets = np.frombuffer(source, np.int64), np.frombuffer(target, np.int64)
    order = np.argsort(targets, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(targets, minlength=units))]).astype(np.int64)
    return Lists(start, sources[order], order)


class Totals(NamedTuple):
    """What a backward pass sums, as it leaves it: sensory, recurrent (synapses, 4), neuron (3, units); output_w and
    output_b: of the read-out.
    """

    sensory: np.ndarray
    recurrent: np.ndarray
    neuron: np.ndarray
    output_w: np.ndarray
    output_b: np.ndarray


class Parameters:
    """What the passes read of a cell. By name: float64, of synapses sorted by target, what must be >= 0 as it is then.

    The map of the inputs is folded into the sensory synapses' exponents: slope (w x + b) + shift.
    """

    def __init__(self, layout: Layout, given: tuple[Tensor, ...], softplus: bool) -> None:
        self.layout = layout
        self._values = torch.cat([p.detach() for p in given]).numpy().astype(np.float64)[layout.order]
        self._positive = slice(layout.at[_FIRST_POSITIVE].start, None)
        self._slope: np.ndarray | float = 1.0  # of what is >= 0, over the parameter
        if softplus:
            free = self._values[self._positive]
            small = np.exp(-np.abs(free))
            self._slope = np.where(free < 0, small, 1.0) / (1.0 + small)
            self._values[self._positive] = np.maximum(free, 0.0) + np.log1p(small)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[self.layout.at[name]]

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the sensory and the recurrent synapses, (synapses, 4) each, see ``numba_synapses.Group``."""
        sensory, source = self._table("sensory_"), self.layout.sensory.source
        sensory[:, 1] += sensory[:, 0] * self["input_b"][source]
        sensory[:, 0] *= self["input_w"][source]
        return sensory, self._table("")

    def _table(self, group: str) -> np.ndarray:
        sigma, weight = self[group + "sigma"], self[group + "w"]
        table = np.empty((len(sigma), 4))
        np.multiply(sigma, -LOG2E, table[:, 0])
        np.multiply(table[:, 0], -self[group + "mu"], table[:, 1])
        table[:, 2] = weight
        np.multiply(weight, self[group + "erev"], table[:, 3])
        return table

    def neuron(self) -> np.ndarray:
        """(3, units): cm, gleak, gleak vleak."""
        return np.stack([np.maximum(self["cm"], SMALLEST_CM), self["gleak"], self["gleak"] * self["vleak"]])

    def bounded(self, solver: int, recurrent: np.ndarray, reached: float) -> bool:
        """Whether no recurrent gate's exponent can leave +-LARGEST_LOGISTIC, so that the kernel need not look.

        The solvers but TANGENT move a state towards a weighted mean of leak and reversal potentials, so it never leaves
        their hull. recurrent: its table; reached: the largest of what the neurons may start a step from.
        """
        if solver == TANGENT or not (self._values[self._positive] > 0).all():
            return False
        potentials = np.concatenate([self["sensory_erev"], self["erev"], self["vleak"], [reached]])
        exponents = np.abs(recurrent[:, :2]) @ [np.abs(potentials).max(), 1.0]
        return bool(exponents.max(initial=0.0) < LARGEST_LOGISTIC)

    @np.errstate(all="ignore")  # a gradient that is infinite is told by whoever looks at it
    def gradients(self, totals: Totals, kind: np.dtype) -> tuple[Tensor, ...]:
        """Of all parameters, in the order of ``parameters``, as numbers of that kind."""
        cm, gleak, current = totals.neuron
        by = np.empty_like(self._values)
        at, source = self.layout.at, self.layout.sensory.source
        by[at["output_w"]], by[at["output_b"]] = totals.output_w, totals.output_b
        by[at["gleak"]], by[at["vleak"]] = gleak + self["vleak"] * current, self["gleak"] * current
        by[at["cm"]] = cm * (self["cm"] >= SMALLEST_CM)
        sensory, slope = totals.sensory * _TOTALS, self["sensory_sigma"] * -LOG2E
        for k, name in enumerate(("input_w", "input_b")):
            by[at[name]] = np.bincount(source, sensory[:, k] * slope, len(self[name]))
        sensory[:, 0] = sensory[:, 0] * self["input_w"][source] + sensory[:, 1] * self["input_b"][source]
        self._of_table(by, "sensory_", sensory)
        self._of_table(by, "", totals.recurrent * _TOTALS)
        by[self._positive] *= self._slope
        back = np.empty(len(by), kind)
        back[self.layout.order] = by
        return torch.from_numpy(back).split(self.layout.sizes)

    def _of_table(self, by: np.ndarray, group: str, table: np.ndarray) -> None:
        """Gradients of sigma, mu, w and erev, to ``by``, from that of their table."""
        slope, shift, weight, weight_erev = table.T
        at = self.layout.at
        by[at[group + "sigma"]] = LOG2E * (self[group + "mu"] * shift - slope)
        by[at[group + "mu"]] = LOG2E * self[group + "sigma"] * shift
        by[at[group + "w"]] = weight + self[group + "erev"] * weight_erev
        by[at[group + "erev"]] = self[group + "w"] * weight_erev
