"""The same liquid layer in ncps 1.0.1 and here: sizes, weights copied across, one training step, agreement."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models.layers import LTC
from models.wiring import AutoNCP, FullyConnected, Wiring

DATA = Path(os.environ.get("MAILIU_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
TOLERANCE = 1e-5
SPARSITY, SEED = 0.5, 22222
NEURON = ("gleak", "vleak", "cm", "input_w", "input_b", "output_w", "output_b")
SYNAPSE = ("sigma", "mu", "w", "erev")
Call = Callable[[Tensor], Tensor]
View = Callable[[Tensor], Tensor]


def whole(tensor: Tensor) -> Tensor:
    return tensor


class Pair(NamedTuple):
    """The same parameters in both libraries: ``theirs_as(theirs)`` and ``ours_as(ours)``, a view of it, agree."""

    theirs: Tensor
    ours: Tensor
    theirs_as: View = whole
    ours_as: View = whole


Pairs = dict[str, Pair]


class Size(NamedTuple):
    """kind: AutoNCP or FullyConnected. An eighth of the neurons are outputs (motor neurons)."""

    batch: int
    length: int
    neurons: int
    kind: str
    inputs: int

    @property
    def outputs(self) -> int:
        return self.neurons // 8

    @property
    def label(self) -> str:
        return f"{self.batch} x {self.length} x {self.neurons} {self.kind}"

    def wiring(self) -> Wiring:
        if self.kind == "AutoNCP":
            return AutoNCP(self.neurons, self.outputs, SPARSITY, SEED)
        return FullyConnected(self.neurons, self.outputs)

    def evaluations(self, unfolds: int = 6) -> int:
        """Gates a forward pass opens: batch x length x (unfolds x recurrent + sensory synapses)."""
        circuit = self.wiring().circuit(self.inputs)
        return self.batch * self.length * (unfolds * circuit.synapses + circuit.sensory_synapses)


TABLE = (
    Size(32, 32, 32, "AutoNCP", 16),
    Size(32, 32, 64, "AutoNCP", 24),
    Size(32, 32, 64, "FullyConnected", 24),
    Size(32, 64, 128, "AutoNCP", 32),
)


def use_threads(count: int) -> None:
    """Both libraries get the same cores: the compiled kernels share work among as many threads as torch has."""
    torch.set_num_threads(count)


def data(size: Size, seed: int = 0) -> tuple[Tensor, Tensor]:
    """x (batch, length, inputs) and the weights of the loss (batch, length, outputs), float32."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(size.batch, size.length, size.inputs, generator=draw)
    return x, torch.randn(size.batch, size.length, size.outputs, generator=draw)


def published(size: Size) -> Any:
    """The layer of ncps: softplus keeps its weights positive, fused solver, six unfolds."""
    import ncps.torch
    import ncps.wirings

    if size.kind == "AutoNCP":
        wiring = ncps.wirings.AutoNCP(size.neurons, size.outputs, sparsity_level=SPARSITY, seed=SEED)
    else:
        wiring = ncps.wirings.FullyConnected(size.neurons, size.outputs)
    torch.manual_seed(0)
    return ncps.torch.LTC(size.inputs, wiring, ode_unfolds=6, implicit_param_constraints=True)


def ours(size: Size, backend: str, solver: str = "fused") -> LTC:
    torch.manual_seed(0)
    return LTC(size.inputs, size.wiring(), solver=solver, unfolds=6, nonnegative="softplus", backend=backend)


def copy_ltc(theirs: Any, layer: LTC) -> Pairs:
    """Give ``layer`` the weights of ncps's."""
    cell, pairs = theirs.rnn_cell, {}
    for name in NEURON:
        pairs[name] = Pair(getattr(cell, name), getattr(layer.liquid, name))
    for prefix, group in (("", layer.liquid.recurrent), ("sensory_", layer.liquid.sensory)):
        mask = getattr(cell, prefix + "sparsity_mask")
        at = (group.source, group.target)
        if int(mask.sum()) != len(group.source) or not bool((mask[at] == 1).all()):
            raise AssertionError(f"the wirings differ: {int(mask.sum())} {prefix}synapses, {len(group.source)} here")
        for name in SYNAPSE:
            pairs[prefix + name] = Pair(getattr(cell, prefix + name), getattr(group, name), lambda t, at=at: t[at])
    return copied(pairs)


def copied(pairs: Pairs) -> Pairs:
    with torch.no_grad():
        for pair in pairs.values():
            pair.ours_as(pair.ours).copy_(pair.theirs_as(pair.theirs))
    return pairs


def step(call: Call, module: nn.Module, x: Tensor, weights: Tensor) -> Tensor:
    """Forward and backward; gradients start from nothing."""
    module.zero_grad(set_to_none=True)
    output = call(x)
    (output * weights).sum().backward()
    return output


class Agreement(NamedTuple):
    """What ``disagreement`` found. allowed: TOLERANCE, or ncps's own rounding where that is larger."""

    direct: float
    at: str
    error: float
    allowed: float
    note: str


def disagreement(theirs: nn.Module, call: Call, mine: nn.Module, pairs: Pairs, x: Tensor, weights: Tensor) -> Agreement:
    """Of the outputs, the inputs' and every parameter's gradient: largest difference over largest entry, float32.

    theirs: an ncps layer; call: ours on x; pairs: of ``copied`` weights. Where a tensor differs by more than
    TOLERANCE, ncps in float64 tells who is off: ours may err against it as much as ncps in float32 itself does.
    """
    published = {name: (pair.theirs, pair.theirs_as) for name, pair in pairs.items()}
    expected = _tensors(lambda given: theirs(given)[0], theirs, published, x, weights)
    got = _tensors(call, mine, {name: (pair.ours, pair.ours_as) for name, pair in pairs.items()}, x, weights)
    direct = {name: relative(got[name], expected[name]) for name in expected}
    at, largest = max(direct.items(), key=lambda item: item[1])
    if largest <= TOLERANCE:
        return Agreement(largest, at, largest, TOLERANCE, "")
    exact = _exact(theirs, published, x, weights)
    wrong = {
        name: (relative(got[name].double(), exact[name]), relative(expected[name].double(), exact[name]))
        for name, far in direct.items()
        if far > TOLERANCE
    }
    name, (error, rounding) = max(wrong.items(), key=lambda item: item[1][0] / max(TOLERANCE, item[1][1]))
    note = f"{name}: against ncps in float64 ours is off by {error:.1e}, ncps in float32 by {rounding:.1e}"
    return Agreement(largest, at, error, max(TOLERANCE, rounding), note)


def _tensors(
    call: Call, module: nn.Module, parameters: dict[str, tuple[Tensor, View]], x: Tensor, weights: Tensor
) -> dict[str, Tensor]:
    given = x.clone().requires_grad_()
    output = step(call, module, given, weights).detach()
    assert given.grad is not None
    grads = {n: view(torch.zeros_like(p) if p.grad is None else p.grad).clone() for n, (p, view) in parameters.items()}
    return {"output": output, "input": given.grad, **grads}


def _exact(
    theirs: nn.Module, parameters: dict[str, tuple[Tensor, View]], x: Tensor, weights: Tensor
) -> dict[str, Tensor]:
    """The same of ncps in float64, which it is put back from afterwards."""
    theirs.double()
    state = x.new_zeros(x.shape[0], int(getattr(theirs, "state_size")), dtype=torch.float64)  # noqa: B009
    try:
        return _tensors(lambda given: theirs(given, state)[0], theirs, parameters, x.double(), weights.double())
    finally:
        theirs.float()
        theirs.zero_grad(set_to_none=True)


def relative(got: Tensor, expected: Tensor) -> float:
    largest = expected.abs().max().clamp_min(torch.finfo(expected.dtype).tiny)
    return float(((got - expected).abs().max() / largest).nan_to_num(float("inf")))


def slope(x: list[float], y: list[float]) -> float:
    """Of log y over log x by least squares."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
