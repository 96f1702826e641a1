"""A compiled layer against its specification: the same seeded problem, number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from models.sequence import SequenceLayer

Layer = TypeVar("Layer", bound=SequenceLayer)


def pair(kind: Callable[..., Layer], dtype: torch.dtype, *arguments: Any, **options: Any) -> tuple[Layer, Layer]:
    """Two layers with the same parameters: on the reference, on the CPU kernel."""
    torch.manual_seed(0)
    specification = kind(*arguments, backend="reference", **options).to(dtype)
    compiled = kind(*arguments, backend="cpu", **options).to(dtype)
    compiled.load_state_dict(specification.state_dict())
    return specification, compiled


def everything(
    layer: SequenceLayer,
    batch: int,
    length: int,
    *,
    masked: bool = True,
    ragged: bool = True,
    shown: Callable[[Tensor], Tensor] = torch.clone,
    tau_in_loss: bool = True,
) -> dict[str, Tensor]:
    """What a layer computes of a seeded problem: outputs, states, tau as ``shown`` and all gradients there are."""
    dtype = next(layer.parameters()).dtype
    seeded = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=seeded, dtype=torch.float64).to(dtype)

    x, dt, state = draw(batch, length, layer.input_size), draw(batch, length).abs(), draw(batch, layer.state_size) / 3
    dt[0, 0] = 0.0
    mask = draw(*x.shape) > -0.2 if masked else None
    lengths = torch.randint(0, length + 1, (batch,), generator=seeded) if ragged else None
    given = [v.requires_grad_() for v in (x, dt, state)]
    layer.zero_grad()
    result = layer(*given, mask, lengths, trajectory=True)
    assert result.trajectory is not None
    found = {"output": result.output, "end": result.state, "state": result.trajectory.state}
    tau = {"tau": shown(result.trajectory.tau)}
    losses = found | tau if tau_in_loss else found
    torch.stack([(v * draw(*v.shape)).sum() for v in losses.values()]).sum().backward()
    found |= tau
    for name, value in (*zip(("x", "dt", "start"), given, strict=True), *layer.named_parameters()):
        if value.grad is not None:
            found[f"gradient of {name}"] = value.grad.clone()
    return found


def assert_close(got: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    """Every number that is expected is there, within ``tolerance`` of the largest of its kind."""
    assert expected.keys() <= got.keys()
    for name, value in expected.items():
        error = (got[name] - value).abs().max() / value.abs().max().clamp(min=1e-30)
        assert error <= tolerance, f"{name}: relative error {error:.1e}"


def assert_threads_change_nothing(layer: SequenceLayer) -> None:
    """But rounding; and with as many threads nothing at all."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = everything(layer, 40, 5)
        torch.set_num_threads(3)
        together, again = everything(layer, 40, 5), everything(layer, 40, 5)
    finally:
        torch.set_num_threads(before)
    assert_close(together, alone, 1e-12)
    assert all(torch.equal(again[name], together[name]) for name in together)
