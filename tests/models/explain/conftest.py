"""A forecaster fitted in a moment, with networks of any cell that do correct something."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from models import fitting
from models.course import Course
from models.forecaster import LiquidForecaster
from tests.models import kinds

QUICK: dict[str, Any] = {"units": 8, "epochs": 1, "hidden": 8, "unfolds": 2, "members": 2, "trees": False}

Shaken = Callable[..., LiquidForecaster]


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def courses() -> list[Course]:
    return kinds.cohort(24, seed=3)


@pytest.fixture(scope="package")
def someone() -> Course:
    return kinds.patient(999, np.random.default_rng(5), visits=5)


@pytest.fixture(scope="package")
def shaken(courses: list[Course]) -> Shaken:
    """shaken(cell, **settings): the forecaster with fresh networks of that cell, their read-out drawn at random."""
    fitted = LiquidForecaster(**QUICK).fit(courses)

    def make(cell: str = "ltc", **settings: Any) -> LiquidForecaster:
        out = copy.copy(fitted)
        out.set_params(cell=cell, **settings)
        parts = fitted.fitted_
        networks = []
        for member in range(out.members):
            network = fitting.build(parts.encoder, parts.plan, parts.grid, out.get_params(), member).eval()
            torch.manual_seed(member)
            torch.nn.init.normal_(network.outer.weight, std=0.3)
            if network.initial is not None:
                torch.nn.init.normal_(network.initial.weight, std=0.3)
            torch.nn.init.normal_(network.mix, std=0.2)
            network.layer.backend = "reference"  # the same to the last bit while kernels compile elsewhere
            networks.append(network)
        out.fitted_ = parts._replace(networks=networks, trust=np.full_like(parts.trust, 0.7))
        return out

    return make
