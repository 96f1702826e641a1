"""From the members' answers to one distribution in the variables' own units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp, softmax
from scipy.stats import nbinom

from models import hazard, mixtures
from models.batching import Batch
from models.encoding import Encoder
from models.forecast import Array
from models.hazard import Grid
from models.heads import SIZES, Heads, mean_count
from models.likelihoods import Family
from models.network import Answers, LiquidNetwork


@dataclass(frozen=True)
class Distribution:
    """Answers to Q questions about K columns: the members' mixtures put together, C components in all.

    location, scale, weight (Q, K, C): z-scored, weights sum to 1; centre (Q, K): z-scored mean, of a chance the chance
    itself; start (Q, K): the simple forecast behind it, alike; classes: of ordinal columns the chance of each class, by
    column; log_hazard (Q, E, J); cumulative, ppf: of the components' standard distributions, as ``mixtures.quantiles``
    wants them, and levels -> (K, C, L)
    """

    location: Array
    scale: Array
    weight: Array
    centre: Array
    start: Array
    classes: dict[int, Array]
    log_hazard: Array
    chance: NDArray[np.bool_]
    count: NDArray[np.bool_]
    cumulative: mixtures.Cumulative
    ppf: Callable[[tuple[float, ...]], Array]
    mean: Array
    unit: Array

    def part(self, which: slice) -> Distribution:
        """Of these questions alone."""
        by_question = {n: getattr(self, n)[which] for n in _BY_QUESTION}
        return replace(self, **by_question, classes={k: c[which] for k, c in self.classes.items()})

    def quantiles(self, levels: tuple[float, ...], factors: Array) -> Array:
        """In own units, a chance the same at every level: (Q, K, L).

        factors (Q, K): by how much every quantile's distance from the median is stretched; levels must hold .5
        """
        z = np.zeros((*self.centre.shape, len(levels)))
        asked = np.flatnonzero(~self.chance & ~self.count)
        parts = (self.location[:, asked], self.scale[:, asked], self.weight[:, asked])
        ppf = self.ppf(levels)[asked]
        z[:, asked] = mixtures.quantiles(*parts, levels, ppf, lambda z, k: self.cumulative(z, asked[k]))
        middle = z[..., levels.index(0.5), None]
        own = self.mean[:, None] + self.unit[:, None] * (middle + (z - middle) * factors[..., None])
        for k in np.flatnonzero(self.count).tolist():
            own[:, k] = self._counts(k, factors[:, k], levels)
        own[:, self.chance] = self.centre[:, self.chance, None]
        return np.maximum.accumulate(own, axis=-1)

    def _counts(self, column: int, factor: Array, levels: tuple[float, ...]) -> Array:
        mean = mean_count(self.mean[column] + self.unit[column] * self.centre[:, column])
        size = np.clip((self.scale[:, column].mean(-1) * factor * self.unit[column]) ** -2, *SIZES)
        found = nbinom.ppf(np.array(levels), size[:, None], (size / (size + mean))[:, None])
        return np.where(np.isfinite(found), found, 0.0)

    @property
    def expected(self) -> Array:
        """The mean, or the chance, in own units; of counts what the mean log1p stands for: (Q, K)."""
        return self._own(self.centre)

    @property
    def uncorrected(self) -> Array:
        """The same of the simple forecast behind it."""
        return self._own(self.start)

    def _own(self, z: Array) -> Array:
        own = self.mean + self.unit * z
        return np.where(self.chance, z, np.where(self.count, mean_count(np.where(self.count, own, 0.0)), own))


_BY_QUESTION = ("location", "scale", "weight", "centre", "start", "log_hazard")


@torch.no_grad()
def distribution(
    networks: Sequence[LiquidNetwork],
    encoder: Encoder,
    targets: Sequence[int],
    batch: Batch,
    trust: Array | None = None,
) -> Distribution:
    """The members' answers, put together. trust (K,): how much of each correction is kept, None: all of it."""
    heads = networks[0].heads
    kept = 1.0 if trust is None else trust
    chance, count = (m.cpu().numpy() for m in (heads.chance, heads.count))
    answers = [n(batch) for n in networks]
    parts = [_arrays(a, count) for a in answers]
    means = [(np.exp(w) * x).sum(-1) for x, _, w, _ in parts]
    shifts = [(kept - 1.0) * (mean - start) for mean, (*_, start) in zip(means, parts, strict=True)]
    located = [x + shift[..., None] for (x, *_), shift in zip(parts, shifts, strict=True)]
    location, scale, log_weight = (
        np.concatenate(list(p), -1)
        for p in zip(*((x, s, w) for x, (_, s, w, _) in zip(located, parts, strict=True)), strict=True)
    )
    centres = [_as_chances(n.heads, m + shift, chance) for n, m, shift in zip(networks, means, shifts, strict=True)]
    starts = [_as_chances(n.heads, start, chance) for n, (*_, start) in zip(networks, parts, strict=True)]
    classes = [_class_chances(n.heads, x, s, w) for n, x, (_, s, w, _) in zip(networks, located, parts, strict=True)]
    at = list(targets)
    hazards = np.stack([a.log_hazard.cpu().double().numpy() for a in answers])
    families = [n.heads.family for n in networks]
    components = location.shape[-1] // len(networks)
    tails = np.repeat(np.stack([f.tails for f in families], 1), components, axis=1)
    return Distribution(
        location=location,
        scale=scale,
        weight=np.exp(log_weight) / len(networks),
        centre=np.mean(centres, 0),
        start=np.mean(starts, 0),
        classes={k: np.mean([c[k] for c in classes], 0) for k in classes[0]},
        log_hazard=logsumexp(hazards, axis=0) - np.log(len(networks)),
        chance=chance,
        count=count,
        cumulative=partial(_cumulative, families[0], tails, _ordinal(heads)),
        ppf=partial(_ppf, families, _ordinal(heads), components),
        mean=encoder.mean[at],
        unit=encoder.scale[at],
    )


def _ordinal(heads: Heads) -> NDArray[np.bool_]:
    """Which columns are: their link is logistic, whatever the family of the continuous ones."""
    return np.array([str(k) in heads.cuts for k in range(len(heads.chance))], dtype=bool)


def _cumulative(
    family: Family, tails: Array, ordinal: NDArray[np.bool_], z: Array, column: NDArray[np.int64]
) -> tuple[Array, Array]:
    """z (N, C), column (N,); tails (K, C): the members' components one after the other, each with its own."""
    found, density = family.cumulative(z, tails[column])
    linked = ordinal[column]
    if linked.any():
        found[linked] = expit(z[linked])
        density[linked] = found[linked] * (1 - found[linked])
    return found, density


def _ppf(families: Sequence[Family], ordinal: NDArray[np.bool_], components: int, levels: tuple[float, ...]) -> Array:
    """Quantiles of every component: (K, C, L)."""
    found = np.stack([f.ppf(levels) for f in families], 1)
    found[ordinal] = logit(np.array(levels))
    return np.repeat(found, components, axis=1)


def _arrays(answers: Answers, count: NDArray[np.bool_]) -> tuple[Array, Array, Array, Array]:
    """Location, scale, log weight (Q, K, M) and start (Q, K) in float64; a count has the one scale it learns by."""
    mixture = answers.mixture
    tensors = (mixture.location, mixture.log_scale.exp(), mixture.log_weight, answers.start)
    location, scale, log_weight, start = (t.cpu().double().numpy() for t in tensors)
    scale = np.where(count[:, None], scale[..., :1], scale)
    return location, scale, log_weight, start


def _as_chances(heads: Heads, location: Array, chance: NDArray[np.bool_]) -> Array:
    """Log odds to chances, numbers as they are; the levels of a categorical variable sum to 1."""
    out = np.where(chance, expit(location), location)
    for group in heads.groups:
        out[:, group] = softmax(location[:, group], axis=-1)
    return out


def _class_chances(heads: Heads, location: Array, scale: Array, log_weight: Array) -> dict[int, Array]:
    """Of ordinal columns: (Q, classes) by column. All of them at once, the shorter ones padded with certainty."""
    if not heads.cuts:
        return {}
    columns = [int(name) for name in heads.cuts]
    cuts = [heads.thresholds(k).detach().cpu().double().numpy() for k in columns]
    edges = np.full((len(cuts), max(map(len, cuts)) + 1), np.inf)
    for place, own in enumerate(cuts):
        edges[place, : len(own)] = own
    parts = expit((edges[..., None] - location[:, columns, None]) / scale[:, columns, None])  # (Q, columns, edges, C)
    below = np.einsum("qkec,qkc->qke", parts, np.exp(log_weight[:, columns]))
    chances = np.diff(below, axis=-1, prepend=0.0)
    return {k: chances[:, place, : len(cuts[place]) + 1] for place, k in enumerate(columns)}


def survival(found: Distribution, question: int, grid: Grid, days: Array) -> Array:
    """1 - incidence of each event within ``days`` (H,) of the question's day: (H, E)."""
    return 1.0 - hazard.incidence(found.log_hazard[question], grid, days)
