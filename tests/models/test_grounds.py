"""The simple forecasts of numbers with very many rows: features of their own, and trees that tell the number itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import grounds, looking, packing, renewing, ridge, trees
from models.continual import update
from models.course import Course
from models.encoding import CLIP
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster
from models.grounds import SIMPLE
from models.history import encode
from models.looking import Looks, look
from tests.models.cohorts import cohort, patient

QUICK: dict[str, Any] = {"units": 8, "epochs": 2, "hidden": 8, "unfolds": 2, "members": 2, "validation_share": 0.5}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(60)


@pytest.fixture(scope="module", autouse=True)
def few_are_many() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "_ROOMY", 50)
        patch.setattr(trees, "_TOLD", 30)
        yield


@pytest.fixture(scope="module")
def fitted(courses: list[Course]) -> LiquidForecaster:
    return LiquidForecaster(**QUICK).fit(courses)


@pytest.fixture(scope="module")
def asked(fitted: LiquidForecaster) -> Looks:
    someone = patient(999, np.random.default_rng(999), visits=6)
    found = fitted.fitted_
    history = encode(found.encoder, found.ground.base, someone)
    return look(found.encoder, history, np.array([1, 3, 6, 6]), someone.times[-1] + np.array([0.0, 0.0, 7.0, 60.0]))


def test_the_regression_is_of_features_of_their_own_and_the_trees_tell_the_number(
    fitted: LiquidForecaster, asked: Looks
):
    encoder, plan, ground = fitted.fitted_.encoder, fitted.fitted_.plan, fitted.fitted_.ground
    assert ground.own is not None and ground.forest is not None and ground.ridge is not None
    assert not ground.ridge.weight.any()
    assert ground.forest.outright.all()
    said = grounds.answer(encoder, ground, plan, _posed(asked)).simple
    mixed = asked.mixed[:, list(plan.targets)]
    np.testing.assert_allclose(
        said[..., SIMPLE.index("ridge")], mixed + np.clip(ground.own(looking.crossed(encoder, asked)), -CLIP, CLIP)
    )
    np.testing.assert_allclose(said[..., SIMPLE.index("trees")], ground.forest(looking.table(encoder, asked)))


def _posed(asked: Looks) -> grounds.Posed:
    nothing = np.zeros(len(asked))
    rows = np.full(len(asked), -1)
    return grounds.Posed(asked, rows, nothing, rows, len(asked))


def test_what_is_near_a_column_is_its_table_and_its_own_times_how_far_ahead(fitted: LiquidForecaster, asked: Looks):
    encoder = fitted.fitted_.encoder
    read = looking.crossed(encoder, asked)
    assert read.shape == (4, looking.crossed_count(encoder))
    told = looking.table(encoder, asked)
    ahead = looking.log_time(asked.horizon, encoder.time_scale)
    own = np.arange(len(looking.TABLE)) * len(encoder.columns) + 1
    expected = np.concatenate([told[:, looking.table_near(encoder, 1)], ahead[:, None] * told[:, own]], 1)
    np.testing.assert_allclose(read[:, looking.crossed_near(encoder, 1)], expected, rtol=1e-6)


def test_a_model_of_them_is_saved_and_loaded_and_learns_on(
    fitted: LiquidForecaster, courses: list[Course], tmp_path: Path
):
    someone = patient(998, np.random.default_rng(998), visits=5)
    days = someone.times[-1] + np.array([3.0, 40.0])
    fitted.save(tmp_path, "m")
    loaded = LiquidForecaster.load(tmp_path, "m")
    np.testing.assert_array_equal(loaded.predict(someone, days).values, fitted.predict(someone, days).values)
    later = [Course(f"N{c.patient}", c.times, c.values, c.variables, c.static, c.treatments) for c in cohort(30, 7)]
    candidate = update(loaded, later, courses).candidate
    assert candidate.fitted_.ground.forest is not None and candidate.fitted_.ground.forest.outright.all()
    assert np.isfinite(candidate.predict(someone, days).values).all()
    assert (candidate.predict(someone, days).values != loaded.predict(someone, days).values).any()


@pytest.mark.parametrize("damage", ["no own", "no outright", "a scale of 0"])
def test_regressions_and_trees_that_do_not_fit_together_are_refused(damage: str, fitted: LiquidForecaster):
    card, tensors = packing.pack(fitted.card, fitted.fitted_)
    if damage == "no own":
        tensors = {k: v for k, v in tensors.items() if not k.startswith("own.")}
    elif damage == "no outright":
        tensors["trees.outright"] = torch.zeros_like(tensors["trees.outright"])
    else:
        tensors["own.scale"] = torch.zeros_like(tensors["own.scale"])
    with pytest.raises(ArtifactError):
        packing.unpack({**card, "settings": fitted.get_params()}, tensors)


def test_trees_that_stand_in_while_learning_on_tell_the_number_too(fitted: LiquidForecaster, courses: list[Course]):
    found = fitted.fitted_
    taught = renewing.lesson(found, courses, [len(c) for c in courses], 0)
    again = renewing.replayed(found, taught, 0)
    said = np.concatenate([again[i].simple for i in range(len(courses))])[..., SIMPLE.index("trees")]
    z = np.concatenate([h.values[p.row] for h, p in zip(taught.histories, taught.posed, strict=True)])
    assert ((said - z)[taught.told] ** 2).mean() < 0.8 * (z[taught.told] ** 2).mean()


def test_what_is_to_be_added_is_what_they_miss(fitted: LiquidForecaster, courses: list[Course]):
    found = fitted.fitted_
    taught = renewing.lesson(found, courses[:5], [0] * 5, 0)
    said = np.concatenate([grounds.answer(found.encoder, found.ground, found.plan, p).simple for p in taught.posed])
    z = np.concatenate([h.values[p.row] for h, p in zip(taught.histories, taught.posed, strict=True)])
    inside = taught.told & (np.abs(taught.ridge_misses) < 1)
    for name, missed in (("ridge", taught.ridge_misses), ("trees", taught.trees_miss)):
        np.testing.assert_allclose((z - said[..., SIMPLE.index(name)])[inside], missed[inside], atol=1e-6)


def test_where_rows_are_few_there_is_no_such_regression(courses: list[Course], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trees, "_ROOMY", 10_000)
    ground = LiquidForecaster(**{**QUICK, "epochs": 1}).fit(courses).fitted_.ground
    assert ground.own is None and ground.ridge is not None and ground.forest is not None
    assert ground.ridge.weight.any()
    assert not ground.forest.outright.any()


def test_a_number_known_too_seldom_in_a_part_is_0_there():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 6)).astype(np.float32)
    target = rows[:, :2].astype(np.float64) + 4.0
    known = np.ones((300, 2), dtype=bool)
    parts = {-1: np.ones(300, dtype=bool), 0: np.arange(300) < 150}
    known[5:150, 1] = False
    own = {0: np.array([0, 2]), 1: np.array([1, 3, 5])}
    found = ridge.fit_own(rows, target, known, np.arange(300) // 3, 0, own, parts)
    assert np.flatnonzero(found[-1].weight[:, 1]).tolist() == [1, 3, 5]
    assert np.flatnonzero(found[-1].weight[:, 0]).tolist() == [0, 2]
    assert np.abs(found[-1](rows)[:, 0] - target[:, 0]).max() < 0.2
    assert not found[0](rows)[:, 1].any()
