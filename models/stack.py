"""Layers one on another, and two side by side in both directions of time. Both have the signature of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from models.checks import share, shown
from models.errors import ModelError
from models.ragged import kept
from models.sequence import SequenceResult, StatePath, as_lengths, check_tensor


class Layer(Protocol):
    """What ``SequenceLayer``, ``Stack`` and ``Bidirectional`` have in common."""

    @property
    def input_size(self) -> int: ...

    @property
    def output_size(self) -> int: ...

    @property
    def state_size(self) -> int: ...

    def __call__(
        self,
        x: Tensor,
        dt: Tensor | None = None,
        state: Tensor | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        trajectory: bool = False,
    ) -> SequenceResult: ...


class Stack(nn.Module):
    """Layers one on another: each reads the output of the one below, all take the same steps of time.

    dropout: share of the values between two layers dropped in training; layer_norm: normalise the input of every layer
    beyond the first; residual: every layer beyond the first adds its input to its output
    The state is the layers' states side by side, the lowest first; so are ``trajectory.state`` and ``trajectory.tau``.
    Raises ModelError without layers, for sizes that do not fit or a dropout outside 0..1.
    """

    def __init__(self, *layers: Layer, dropout: float = 0.0, layer_norm: bool = False, residual: bool = False) -> None:
        super().__init__()
        if not layers:
            raise ModelError("a stack needs at least one layer")
        share("dropout", dropout)
        _check_layers(layers)
        for k, (below, above) in enumerate(pairwise(layers), 1):
            if above.input_size != below.output_size:
                raise ModelError(
                    f"layer {k} takes {above.input_size} values, the layer below it gives {below.output_size}"
                )
            if residual and above.output_size != above.input_size:
                raise ModelError(
                    f"layer {k} makes {above.output_size} values of {above.input_size}; residual=True wants as many"
                )
        self.layers = nn.ModuleList(cast("tuple[nn.Module, ...]", layers))
        self.norms = nn.ModuleList(nn.LayerNorm(b.output_size) if layer_norm else nn.Identity() for b in layers[:-1])
        self.dropout = nn.Dropout(dropout)
        self.residual = residual

    @property
    def input_size(self) -> int:
        return self._each()[0].input_size

    @property
    def output_size(self) -> int:
        return self._each()[-1].output_size

    @property
    def state_size(self) -> int:
        return sum(layer.state_size for layer in self._each())

    def forward(
        self,
        x: Tensor,
        dt: Tensor | None = None,
        state: Tensor | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        trajectory: bool = False,
    ) -> SequenceResult:
        """As ``SequenceLayer``; the mask is the first layer's, dt and lengths are everyone's."""
        lengths = as_lengths(lengths)
        layers = self._each()
        results: list[SequenceResult] = []
        for k, (layer, part) in enumerate(zip(layers, _parts(state, layers), strict=True)):
            if k == 0:
                result = layer(x, dt, part, mask, lengths, trajectory)
            else:
                given = self.dropout(results[-1].output)
                result = layer(self.norms[k - 1](given), dt, part, None, lengths, trajectory)
                if self.residual:
                    total = result.output + given
                    result = result._replace(output=total if lengths is None else kept(total, lengths))
            results.append(result)
        return SequenceResult(results[-1].output, *_side_by_side(results))

    def _each(self) -> list[Layer]:
        return cast("list[Layer]", list(self.layers))


class Bidirectional(nn.Module):
    """Two layers over the same sequences, the second from their end: where the future may be used.

    The second reads every sequence reversed within its own length, each input with its own dt. Output, state and
    trajectory are the first layer's beside the second's, both in the order of time; the second's state is the one it
    reaches at the beginning, a state given to it is the one it begins with at the end. Not causal: a sequence in pieces
    is not the sequence whole. Raises ModelError for different input sizes.
    """

    def __init__(self, forward: Layer, backward: Layer) -> None:
        super().__init__()
        _check_layers((forward, backward))
        if forward.input_size != backward.input_size:
            raise ModelError(
                f"one layer takes {forward.input_size} values, the other {backward.input_size}; expected as many"
            )
        self.layers = nn.ModuleList(cast("list[nn.Module]", [forward, backward]))

    @property
    def input_size(self) -> int:
        return self._each()[0].input_size

    @property
    def output_size(self) -> int:
        return sum(layer.output_size for layer in self._each())

    @property
    def state_size(self) -> int:
        return sum(layer.state_size for layer in self._each())

    def forward(
        self,
        x: Tensor,
        dt: Tensor | None = None,
        state: Tensor | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        trajectory: bool = False,
    ) -> SequenceResult:
        """As ``SequenceLayer``."""
        lengths = as_lengths(lengths)
        onward, backward = self._each()
        own, others = _parts(state, [onward, backward])
        first = onward(x, dt, own, mask, lengths, trajectory)  # it also refuses what is wrong
        turn = _turn(x, lengths)

        def turned(values: Tensor) -> Tensor:
            index = turn if values.ndim == 2 else turn.unsqueeze(-1).expand_as(values)
            return values.to(turn.device).gather(1, index)

        def shown_in_order(values: Tensor) -> Tensor:
            return turned(values) if lengths is None else kept(turned(values), lengths)

        given = (None if v is None else turned(v) for v in (dt, mask))
        second = backward(turned(x), next(given), others, next(given), lengths, trajectory)
        path = second.trajectory and StatePath(*map(shown_in_order, second.trajectory))
        second = SequenceResult(shown_in_order(second.output), second.state, path)
        output = torch.cat([first.output, second.output], -1)
        return SequenceResult(output, *_side_by_side([first, second]))

    def _each(self) -> list[Layer]:
        return cast("list[Layer]", list(self.layers))


def _check_layers(layers: Sequence[object]) -> None:
    for layer in layers:
        sized = all(hasattr(layer, name) for name in ("input_size", "output_size", "state_size"))
        if not (sized and isinstance(layer, nn.Module)):
            raise ModelError(f"layers are given one by one, as Stack(GRU(4, 8), LTC(8, wiring)); got {shown(layer)}")


def _parts(state: Tensor | None, layers: list[Layer]) -> list[Tensor] | list[None]:
    """The layers' own states out of the one given."""
    if state is None:
        return [None] * len(layers)
    sizes = [layer.state_size for layer in layers]
    check_tensor("state", state, f"(batch, {sum(sizes)})")
    if state.ndim != 2 or state.shape[1] != sum(sizes):
        raise ModelError(f"state is {tuple(state.shape)}, expected (batch, {sum(sizes)})")
    return list(state.split(sizes, 1))


def _side_by_side(results: list[SequenceResult]) -> tuple[Tensor, StatePath | None]:
    """State and trajectory of all layers together."""
    paths = [r.trajectory for r in results if r.trajectory is not None]
    path = StatePath(*(torch.cat(parts, -1) for parts in zip(*paths, strict=True))) if paths else None
    return torch.cat([r.state for r in results], -1), path


def _turn(x: Tensor, lengths: Tensor | None) -> Tensor:
    """(batch, length) where each step finds its mirror image within its own sequence; padding stays in place."""
    at = torch.arange(x.shape[1], device=x.device).expand(x.shape[:2])
    if lengths is None:
        return at.flip(1)
    mirrored = lengths.to(at.device).unsqueeze(1) - 1 - at
    return torch.where(mirrored >= 0, mirrored, at)
