"""A fitted forecaster as a card and tensors, and back. Every fitted figure is in one of the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models import fitting
from models.baselines import mixed_model as mm
from models.encoding import Encoder
from models.errors import ArtifactError
from models.forecast import Array
from models.network import LiquidNetwork
from models.training import under


class Fitted(NamedTuple):
    """factors: (V,) interval factors; networks: one a member."""

    encoder: Encoder
    fixed: mm.Fixed
    factors: Array
    networks: list[LiquidNetwork]


def pack(
    card: dict[str, Any], encoder: Encoder, fixed: mm.Fixed, factors: Array, networks: Sequence[LiquidNetwork]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The card with the encoder in it, and all tensors."""
    tensors = {f"mixed.{k}": torch.from_numpy(v.copy()) for k, v in fixed._asdict().items()}
    tensors["factors"] = torch.from_numpy(factors.copy())
    for number, network in enumerate(networks):
        tensors |= {f"member{number}.{k}": v for k, v in network.state_dict().items()}
    return {**card, "encoder": encoder.to_dict(), "members": len(networks)}, tensors


def unpack(card: dict[str, Any], tensors: dict[str, Tensor]) -> Fitted:
    """Raises ArtifactError where card and tensors do not make a whole forecaster."""
    try:
        encoder = Encoder.from_dict(card["encoder"])
        _check_encoder(encoder)
        fixed = _fixed(encoder, under(tensors, "mixed."))
        factors = _array(tensors, "factors", (len(encoder.variables),))
        networks = [
            _network(encoder, card["settings"], number, under(tensors, f"member{number}."))
            for number in range(_members(card, tensors))
        ]
    except ArtifactError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"the model card does not describe a forecaster: {error!r}") from error
    return Fitted(encoder, fixed, factors, networks)


def _members(card: dict[str, Any], tensors: dict[str, Tensor]) -> int:
    members = card["members"]
    stored = {k.split(".")[0] for k in tensors if k.startswith("member")}
    if not isinstance(members, int) or stored != {f"member{m}" for m in range(members)} or not stored:
        raise ArtifactError(f"the card tells of {members!r} members, the weights hold {len(stored)}")
    return members


def _check_encoder(encoder: Encoder) -> None:
    sizes = {
        "mean": len(encoder.variables),
        "scale": len(encoder.variables),
        "static_mean": len(encoder.statics),
        "static_scale": len(encoder.statics),
        "doses": len(encoder.treatments),
    }
    for name, size in sizes.items():
        array = getattr(encoder, name)
        if array.shape != (size,) or not np.isfinite(array).all():
            raise ArtifactError(f"the model card's {name} is not {size} finite numbers")
    for name in ("time_scale", "span", "last_day"):
        if not np.isfinite(getattr(encoder, name)):
            raise ArtifactError(f"the model card's {name} is not a finite number")


def _array(tensors: dict[str, Tensor], name: str, shape: tuple[int, ...]) -> Array:
    tensor = tensors.get(name)
    if tensor is None or tuple(tensor.shape) != shape:
        got = "nothing" if tensor is None else tuple(tensor.shape)
        raise ArtifactError(f"the weights hold {got} for {name}, expected {shape}")
    array = tensor.double().numpy()
    if not np.isfinite(array).all():
        raise ArtifactError(f"the weights of {name} are not finite")
    return array


def _fixed(encoder: Encoder, tensors: dict[str, Tensor]) -> mm.Fixed:
    variables, width = len(encoder.variables), 3 + 2 * len(encoder.statics)
    joint = tensors["covariance"].ndim == 2
    size = mm.RANDOM * variables
    shape = (size, size) if joint else (variables, mm.RANDOM, mm.RANDOM)
    return mm.Fixed(
        beta=_array(tensors, "beta", (variables, width)),
        covariance=_array(tensors, "covariance", shape),
        noise=_array(tensors, "noise", (variables,)),
    )


def _network(encoder: Encoder, settings: dict[str, Any], member: int, tensors: dict[str, Tensor]) -> LiquidNetwork:
    network = fitting.build(encoder, settings, member)
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
