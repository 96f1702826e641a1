"""A fitted forecaster as a card and tensors, and back. Every fitted figure is in one of the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import fitting
from models.baselines import mixed_model as mm
from models.calibration import Factors
from models.changes import Changes
from models.encoding import Encoder
from models.errors import ArtifactError
from models.forecast import Array
from models.grounds import Ground, Plan
from models.hazard import Grid, HazardGround
from models.history import Base
from models.looking import crossed_count, risk_count, straight_count, table_count
from models.network import LiquidNetwork
from models.ridge import Ridge
from models.training import under
from models.trees import Forest


class Fitted(NamedTuple):
    """Everything a forecast is made with. trust (K,): see ``evaluation.trusted``; networks: one a member."""

    encoder: Encoder
    plan: Plan
    ground: Ground
    grid: Grid
    factors: Factors
    trust: Array
    networks: list[LiquidNetwork]


def pack(card: dict[str, Any], fitted: Fitted) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The card with the encoder in it, and all tensors."""
    ground = fitted.ground
    arrays: dict[str, NDArray[Any]] = {f"mixed.{k}": v for k, v in ground.base.levels._asdict().items()}
    if ground.base.changes is not None:
        arrays |= {f"changes.{k}": v for k, v in ground.base.changes._asdict().items()}
    arrays |= {"grid.edges": fitted.grid.edges}
    arrays |= {f"factors.{k}": v for k, v in vars(fitted.factors).items()}
    arrays["trust"] = fitted.trust
    if ground.ridge is not None:
        arrays |= {f"ridge.{k}": v for k, v in ground.ridge._asdict().items()}
    if ground.own is not None:
        arrays |= {f"own.{k}": v for k, v in ground.own._asdict().items()}
    if ground.forest is not None:
        arrays |= {f"trees.{k}": v for k, v in ground.forest.to_arrays().items()}
    if ground.hazards is not None:
        arrays |= {f"hazards.{k}": v for k, v in vars(ground.hazards).items()}
    tensors = {k: torch.from_numpy(np.array(v)) for k, v in arrays.items()}
    for number, network in enumerate(fitted.networks):
        tensors |= {f"member{number}.{k}": v for k, v in network.state_dict().items()}
    return {**card, "encoder": fitted.encoder.to_dict(), "members": len(fitted.networks)}, tensors


def unpack(card: dict[str, Any], tensors: dict[str, Tensor]) -> Fitted:
    """Raises ArtifactError where card and tensors do not make a whole forecaster."""
    try:
        encoder = Encoder.from_dict(card["encoder"])
        _check_encoder(encoder)
        plan = fitting.plan_of(encoder, card["settings"])
        grid = Grid(_array(tensors, "grid.edges", None))
        ground = Ground(
            base=Base(_fixed(encoder, under(tensors, "mixed.")), _changes(encoder, under(tensors, "changes."))),
            ridge=None if plan.plain else _ridge(straight_count(encoder), plan, under(tensors, "ridge.")),
            own=_ridge(crossed_count(encoder), plan, own) if (own := under(tensors, "own.")) else None,
            forest=_forest(encoder, plan, under(tensors, "trees.")),
            hazards=_hazards(encoder, under(tensors, "hazards.")),
        )
        days = _array(tensors, "factors.days", None)
        if (ground.own is None) == (ground.forest is not None and bool(ground.forest.outright.any())):
            raise ArtifactError("the weights' regressions and trees are not of the same numbers")
        factors = Factors(days, _array(tensors, "factors.factor", (len(days), len(plan.targets))))
        networks = [
            _network(encoder, plan, grid, card["settings"], number, under(tensors, f"member{number}."))
            for number in range(_members(card, tensors))
        ]
    except ArtifactError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ArtifactError(f"the model card does not describe a forecaster: {error!r}") from error
    return Fitted(encoder, plan, ground, grid, factors, _array(tensors, "trust", (len(plan.targets),)), networks)


def _ridge(width: int, plan: Plan, tensors: dict[str, Tensor]) -> Ridge:
    outputs = len(plan.targets)
    shapes = {"weight": (width, outputs), "intercept": (outputs,), "centre": (width,), "scale": (width,)}
    found = Ridge(**{k: _array(tensors, k, shape) for k, shape in shapes.items()})
    if not (found.scale > 0).all():
        raise ArtifactError("the weights' scales of the regressions are not above 0")
    return found


def _forest(encoder: Encoder, plan: Plan, tensors: dict[str, Tensor]) -> Forest | None:
    if not plan.trees:
        return None
    arrays = {k: v.numpy() for k, v in tensors.items()}
    return Forest.from_arrays(arrays, len(plan.targets), table_count(encoder))


def _hazards(encoder: Encoder, tensors: dict[str, Tensor]) -> HazardGround | None:
    if not encoder.events:
        return None
    width = risk_count(encoder)
    return HazardGround(
        weight=_array(tensors, "weight", (len(encoder.events), width)),
        centre=_array(tensors, "centre", (width,)),
        scale=_array(tensors, "scale", (width,)),
    )


def _members(card: dict[str, Any], tensors: dict[str, Tensor]) -> int:
    members = card["members"]
    stored = {k.split(".")[0] for k in tensors if k.startswith("member")}
    if not isinstance(members, int) or stored != {f"member{m}" for m in range(members)} or not stored:
        raise ArtifactError(f"the card tells of {members!r} members, the weights hold {len(stored)}")
    return members


def _check_encoder(encoder: Encoder) -> None:
    sizes = {
        "mean": len(encoder.columns),
        "scale": len(encoder.columns),
        "static_mean": len(encoder.statics),
        "static_scale": len(encoder.statics),
        "doses": len(encoder.treatments),
    }
    for name, size in sizes.items():
        array = getattr(encoder, name)
        if array.shape != (size,) or not np.isfinite(array).all():
            raise ArtifactError(f"the model card's {name} is not {size} finite numbers")
    if len(encoder.steps) != len(encoder.columns) or not 0 <= encoder.design_statics <= len(encoder.statics):
        raise ArtifactError("the model card's columns do not fit together")
    for name in ("time_scale", "span", "last_day"):
        if not np.isfinite(getattr(encoder, name)):
            raise ArtifactError(f"the model card's {name} is not a finite number")


def _array(tensors: dict[str, Tensor], name: str, shape: tuple[int, ...] | None) -> Array:
    """shape None: a row of any length but 0."""
    tensor = tensors.get(name)
    if tensor is not None and shape is None and tensor.ndim == 1 and len(tensor):
        shape = tuple(tensor.shape)
    if tensor is None or tuple(tensor.shape) != shape:
        got = "nothing" if tensor is None else tuple(tensor.shape)
        raise ArtifactError(f"the weights hold {got} for {name}, expected {shape}")
    array = tensor.double().numpy()
    if not np.isfinite(array).all():
        raise ArtifactError(f"the weights of {name} are not finite")
    return array


def _fixed(encoder: Encoder, tensors: dict[str, Tensor]) -> mm.Fixed:
    variables, width = len(encoder.columns), 3 + 2 * encoder.design_statics
    joint = tensors["covariance"].ndim == 2
    size = mm.RANDOM * variables
    shape = (size, size) if joint else (variables, mm.RANDOM, mm.RANDOM)
    return mm.Fixed(
        beta=_array(tensors, "beta", (variables, width)),
        covariance=_array(tensors, "covariance", shape),
        noise=_array(tensors, "noise", (variables,)),
    )


def _changes(encoder: Encoder, tensors: dict[str, Tensor]) -> Changes | None:
    if not tensors:
        return None
    m, t = len(tensors["columns"]), len(tensors["treatments"])
    statics = encoder.design_statics
    width = 2 + statics + 2 * t + statics * t
    by_column = ("centre", "spread", "unit", "low", "high", "most", "noise")
    shapes: dict[str, tuple[int, ...]] = {
        "columns": (m,),
        "treatments": (t,),
        "half_life": (t,),
        "step": (),
        **dict.fromkeys(by_column, (m,)),
        "shape": (m, t, 2),
        "beta": (m, width),
        "covariance": (m, 2 + t, 2 + t),
    }
    found: dict[str, Any] = {k: _array(tensors, k, shape) for k, shape in shapes.items()}
    for name, size in (("columns", len(encoder.columns)), ("treatments", len(encoder.treatments))):
        found[name] = found[name].astype(np.int64)
        if not ((found[name] >= 0) & (found[name] < size)).all():
            raise ArtifactError(f"the weights' {name} of changes are out of range")
    if not (found["step"] > 0 and (found["half_life"] > 0).all() and (found["noise"] > 0).all()):
        raise ArtifactError("the weights' scales of changes are not above 0")
    return Changes(**found)


def _network(
    encoder: Encoder, plan: Plan, grid: Grid, settings: dict[str, Any], member: int, tensors: dict[str, Tensor]
) -> LiquidNetwork:
    network = fitting.build(encoder, plan, grid, settings, member)
    expected = {k: tuple(v.shape) for k, v in network.state_dict().items()}
    got = {k: tuple(v.shape) for k, v in tensors.items()}
    if got != expected:
        wrong = sorted({k for k in got.keys() | expected.keys() if got.get(k) != expected.get(k)})
        raise ArtifactError(f"the weights do not fit the network of the card: {', '.join(wrong[:5])}")
    if not all(torch.isfinite(v).all() for v in tensors.values()):
        raise ArtifactError("the weights are not finite")
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ArtifactError(f"the weights do not fit the network of the card: {error}") from error
    network.eval()
    return network


def check_settings(settings: object, known: Sequence[str]) -> dict[str, Any]:
    """The settings of a card. Raises ArtifactError where they are not settings of this forecaster."""
    if not isinstance(settings, dict) or not set(settings) <= set(known):
        raise ArtifactError("the model card's settings are not those of a forecaster")
    return settings
