"""What each kind of column learns by, and the distribution it ends as.

    continuous   a mixture of distributions of one family, each with its own location and scale
    ordinal      cumulative link: such a mixture on a latent scale, cut at learnt thresholds between the classes
    count        negative binomial; the mean location is that of log1p of the count
    binary       Bernoulli by its log odds
    class        one of a categorical variable's levels, by softmax over them

Locations are z-scored or log odds; outside, everything is in the variables' own units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus

from models import likelihoods
from models.encoding import Encoder
from models.forecast import Array

SMOOTH = 5.0  # of the bend that keeps a mean count above 0
SIZES = (1e-3, 1e6)  # of a negative binomial: from very scattered to nearly Poisson
_LOG_SIZES = (math.log(SIZES[0]), math.log(SIZES[1]))


class Mixture(NamedTuple):
    """(Q, K, M) each; ``log_weight`` sums to 1 over M."""

    location: Tensor
    log_scale: Tensor
    log_weight: Tensor

    @property
    def mean(self) -> Tensor:
        """(Q, K)."""
        return (self.log_weight.exp() * self.location).sum(-1)


class Heads(nn.Module):
    """The likelihood of every target column. targets: columns of the encoder; family: of the continuous ones.

    location, log_scale, log_weight: (Q, K, M) of M components, the weights normalised; chances and counts have one
    location, the weighted mean of the components'
    """

    def __init__(self, encoder: Encoder, targets: Sequence[int], family: str) -> None:
        super().__init__()
        columns = [encoder.columns[t] for t in targets]
        self.family = likelihoods.make(family, len(columns))
        self.chance = _mask([c.is_chance for c in columns])
        self.binary = _mask([c.form == "binary" for c in columns])
        self.count = _mask([c.form == "count" for c in columns])
        self.plain = _mask([c.form == "continuous" for c in columns])
        self.any_plain, self.any_binary, self.any_count = (
            any(c.form == form for c in columns) for form in ("continuous", "binary", "count")
        )
        self.groups = _groups([(c.variable, i) for i, c in enumerate(columns) if c.form == "class"])
        self.register_buffer("mean", torch.tensor(encoder.mean[list(targets)], dtype=torch.float32), persistent=False)
        self.register_buffer("scale", torch.tensor(encoder.scale[list(targets)], dtype=torch.float32), persistent=False)
        steps = [_z_steps(encoder, t) for t in targets]
        self.cuts = nn.ParameterDict(
            {str(i): nn.Parameter(_thresholds(z)) for i, z in enumerate(steps) if len(z)}
        )  # the first threshold, then the logs of the distances
        for i, z in enumerate(steps):
            if len(z):
                self.register_buffer(f"steps{i}", torch.tensor(z, dtype=torch.float32), persistent=False)

        self.weighed: tuple[int, ...] = ()

    mean: Tensor
    scale: Tensor

    def weigh(self, weights: Mapping[int, Array]) -> None:
        """Let classes count differently in training; forecasts stay chances, and losses outside training unweighted.

        weights: of a variable's classes in order (C,), by its (first) column
        """
        for place, own in weights.items():
            self.register_buffer(f"weight{place}", self.mean.new_tensor(own), persistent=False)
        self.weighed = tuple(weights)

    def thresholds(self, column: int) -> Tensor:
        """Between the classes of an ordinal column, ascending, z-scored: (classes - 1,)."""
        raw = self.cuts[str(column)]
        return torch.cumsum(torch.cat([raw[:1], raw[1:].exp()]), 0)

    def nll(self, mixture: Mixture, target: Tensor, known: Tensor) -> Tensor:
        """target, known (Q, K) -> (Q, K); 0 where not known. A categorical variable counts once, at its first level."""
        location = mixture.mean
        out = torch.zeros_like(location)
        if self.any_plain:
            z = (target.unsqueeze(-1) - mixture.location) * torch.exp(-mixture.log_scale)
            density = self.family.log_density(z) - mixture.log_scale + mixture.log_weight
            out = torch.where(self.plain, -torch.logsumexp(density, -1), out)
        if self.any_binary:
            out = torch.where(self.binary, binary_cross_entropy_with_logits(location, target, reduction="none"), out)
        if self.any_count:
            out = torch.where(self.count, self._count_nll(location, mixture.log_scale[..., 0], target), out)
        for name in self.cuts:
            out = _put(out, int(name), self._ordinal_nll(int(name), mixture, target))
        for group in self.groups:
            logits = location[:, group].log_softmax(-1)
            out = _put(out, group[0], -(logits * target[:, group]).sum(-1))
            for other in group[1:]:
                out = _put(out, other, torch.zeros_like(out[:, 0]))
        for place in self.weighed if self.training else ():
            out = _put(out, place, self._weighed_nll(place, mixture, target))
        return torch.where(known, out, torch.zeros_like(out))

    def _weighed_nll(self, column: int, mixture: Mixture, target: Tensor) -> Tensor:
        """-w_y log q_y with q_c = p_c w_c / sum: its minimum over p is at the true chances, whatever the weights.

        Where the chances are right nothing is bent; where they are not, errors about a heavy class cost more.
        """
        weight: Tensor = getattr(self, f"weight{column}")
        chances, place = self._log_chances(column, mixture, target)
        tilted = (chances + weight.log()).log_softmax(-1)
        return -weight[place] * tilted.gather(-1, place.unsqueeze(-1)).squeeze(-1)

    def _log_chances(self, column: int, mixture: Mixture, target: Tensor) -> tuple[Tensor, Tensor]:
        """Log chances of the classes (Q, C), and the place of the true one (Q,)."""
        group = next((g for g in self.groups if g[0] == column), None)
        if group is not None:
            return mixture.mean[:, group].log_softmax(-1), target[:, group].argmax(-1)
        if str(column) not in self.cuts:
            odds = mixture.mean[:, column]
            return torch.stack([logsigmoid(-odds), logsigmoid(odds)], -1), target[:, column].round().long().clamp(0, 1)
        steps: Tensor = getattr(self, f"steps{column}")
        places = torch.arange(len(steps), device=steps.device)
        every = [-self._ordinal(column, mixture, places[c].expand(len(target))) for c in range(len(steps))]
        return torch.stack(every, -1), (target[:, column, None] - steps).abs().argmin(-1)

    def _ordinal_nll(self, column: int, mixture: Mixture, target: Tensor) -> Tensor:
        steps: Tensor = getattr(self, f"steps{column}")
        return self._ordinal(column, mixture, (target[:, column, None] - steps).abs().argmin(-1))

    def _ordinal(self, column: int, mixture: Mixture, place: Tensor) -> Tensor:
        """place (Q,) of the class -> its negative log chance."""
        edges = self.thresholds(column)
        infinite = edges.new_full((1,), 1e4)
        edges = torch.cat([-infinite, edges, infinite])
        location, width = mixture.location[:, column], mixture.log_scale[:, column].exp()
        upper = (edges[place + 1].unsqueeze(-1) - location) / width
        lower = (edges[place].unsqueeze(-1) - location) / width
        # log(sigmoid(u) - sigmoid(l)) without cancellation
        gap = torch.log(-torch.expm1((lower - upper).clamp(max=-1e-6)))
        return -torch.logsumexp(mixture.log_weight[:, column] - softplus(-upper) - softplus(lower) + gap, -1)

    def _count_nll(self, location: Tensor, log_scale: Tensor, target: Tensor) -> Tensor:
        # in double precision, for the terms of a sharp distribution are large and cancel; what other columns hold is
        # left out before it is raised to a power: an infinity there would make their gradients NaN
        own_location, own_target = (
            torch.where(self.count, z * self.scale + self.mean, torch.zeros_like(z)).double()
            for z in (location, target)
        )
        count = torch.expm1(own_target).round().clamp(min=0)
        mean = softplus(SMOOTH * torch.expm1(own_location.clamp(max=30.0))) / SMOOTH  # above 0, and with a slope there
        # at large counts the standard deviation of the log is that of the scale
        size = (-2 * (log_scale + self.scale.log())).double().clamp(*_LOG_SIZES).exp()
        found = (
            torch.lgamma(size)
            + torch.lgamma(count + 1)
            - torch.lgamma(count + size)
            + size * torch.log1p(mean / size)
            - count * torch.log(mean / (size + mean))
        )
        return found.to(location.dtype)


def mean_count(log1p: Array) -> Array:
    """The mean count a forecast of log1p stands for: expm1, bent to stay above 0."""
    return np.logaddexp(0.0, SMOOTH * np.expm1(np.minimum(log1p, 30.0))) / SMOOTH


def _mask(flags: list[bool]) -> nn.Buffer:
    return nn.Buffer(torch.tensor(flags, dtype=torch.bool), persistent=False)


def _put(table: Tensor, column: int, values: Tensor) -> Tensor:
    """The table with one column exchanged, without writing into it."""
    return torch.cat([table[:, :column], values.unsqueeze(1), table[:, column + 1 :]], 1)


def _groups(places: list[tuple[int, int]]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for variable, place in places:
        found.setdefault(variable, []).append(place)
    return list(found.values())


def _z_steps(encoder: Encoder, column: int) -> Array:
    if encoder.columns[column].form != "ordinal":
        return np.zeros(0)
    return (np.array(encoder.steps[column]) - encoder.mean[column]) / encoder.scale[column]


def _thresholds(z: Array) -> Tensor:
    middle = (z[1:] + z[:-1]) / 2
    return torch.tensor(np.concatenate([middle[:1], np.log(np.diff(middle))]), dtype=torch.float32)
