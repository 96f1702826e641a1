"""Trees kept as arrays answer as scikit-learn's do, and damaged ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.ensemble
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from models import trees
from models.errors import ArtifactError
from models.trees import Forest, fit_forest, roomy

ROWS, FEATURES = 90, 5


def _watched(monkeypatch: pytest.MonkeyPatch, kind: Any) -> list[Any]:
    """Every such ensemble that scikit-learn grows from here on."""
    kept: list[Any] = []

    class Kept(kind):
        def fit(self, *data: Any, **more: Any) -> Any:
            kept.append(self)
            return super().fit(*data, **more)

    monkeypatch.setattr(sklearn.ensemble, kind.__name__, Kept)
    return kept


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    return _watched(monkeypatch, ExtraTreesRegressor)


def _data(outputs: int, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(outputs)
    x = rng.normal(size=(rows, FEATURES)).astype(np.float32)
    y = np.sin(2 * x[:, :1]) + x[:, 1:2] * np.arange(1, outputs + 1) + rng.normal(0, 0.1, (rows, outputs))
    return x, y, rng.random((rows, outputs)) < 0.8


@pytest.fixture(scope="module")
def forest() -> Forest:
    return fit_forest(*_data(2), seed=0)


@pytest.fixture(scope="module")
def shared() -> Forest:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "_APART", 0)
        return fit_forest(*_data(2), seed=0)


def test_a_boosted_output_answers_as_scikit_learn_does_from_the_features_it_reads(monkeypatch: pytest.MonkeyPatch):
    kept = _watched(monkeypatch, HistGradientBoostingRegressor)
    x, y, known = _data(3, rows=800)
    read = {0: np.array([0, 1]), 2: np.array([1, 3])}
    found = fit_forest(x, np.where(known, y, np.nan), known, seed=3, guess=np.zeros_like(y), boosted=read)
    fresh = np.random.default_rng(1).normal(size=(200, FEATURES)).astype(np.float32) * 2
    expected = np.stack([e.predict(fresh[:, columns]) for e, columns in zip(kept, read.values(), strict=True)], -1)
    assert len(kept) == 2
    assert [e.n_iter_ for e in kept] == [150, 150]
    np.testing.assert_allclose(found(fresh)[:, [0, 2]], expected, rtol=1e-5, atol=1e-5)
    assert (np.abs(found(x) - y).mean(0) < 0.7 * np.abs(y - y.mean(0)).mean(0)).all()  # the one between has its own
    again = Forest.from_arrays(found.to_arrays(), outputs=3, features=FEATURES)
    np.testing.assert_array_equal(again(fresh), found(fresh))


def test_a_boosted_output_without_trees_says_that_nothing_is_missed():
    x, y, known = _data(2, 400)
    known[19:, 1] = False
    grown = fit_forest(x, y, known, 0, boosted={0: np.arange(FEATURES), 1: np.arange(FEATURES)})
    assert grown.outright.tolist() == [True, False]
    assert not grown(x)[:, 1].any()


def test_an_output_hardly_ever_known_is_not_boosted():
    x, y, known = _data(2, rows=800)
    known[:, 1] = np.arange(800) < 10
    every = np.arange(FEATURES)
    found = fit_forest(x, np.where(known, y, np.nan), known, seed=3, boosted={0: every, 1: every})
    assert (found.output == 0).all()


@pytest.mark.parametrize(
    ("rows", "outputs", "boosted"), [(9_999, 3, 0), (10_000, 3, 2), (10_000, 2, 1), (10_000, 1, 0), (10_000, 42, 0)]
)
def test_of_many_rows_the_numbers_known_often_are_boosted(rows: int, outputs: int, boosted: int):
    known = np.ones((rows, outputs + 1), dtype=bool)
    known[1_999:, 0] = outputs == 1
    odds = np.arange(outputs + 1) == outputs
    chosen = roomy(known, odds)
    assert chosen.sum() == boosted
    assert not chosen[0]
    assert not chosen[-1]


def test_an_output_with_trees_of_its_own_answers_as_scikit_learn_does_from_what_is_known_of_it(grown: list[Any]):
    x, y, known = _data(2)
    found = fit_forest(x, np.where(known, y, np.nan), known, seed=3)
    fresh = np.random.default_rng(1).normal(size=(200, FEATURES)).astype(np.float32) * 2
    assert [e.n_features_in_ for e in grown] == [FEATURES] * 2
    np.testing.assert_allclose(found(fresh), np.stack([e.predict(fresh) for e in grown], -1), rtol=1e-5, atol=1e-6)
    alone = ExtraTreesRegressor(**grown[1].get_params()).fit(x[known[:, 1]], y[known[:, 1], 1])
    np.testing.assert_allclose(found(fresh)[:, 1], alone.predict(fresh), rtol=1e-5, atol=1e-6)


def test_outputs_that_share_their_trees_answer_as_scikit_learn_does_with_the_guess_for_the_unknown(
    grown: list[Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trees, "_APART", 100)
    x, y, known = _data(3)
    known[:7] = False  # rows of which nothing is known are not learnt from
    guess = np.full(y.shape, 0.25)
    found = fit_forest(x, np.where(known, y, np.nan), known, seed=3, guess=guess)
    fresh = np.random.default_rng(1).normal(size=(200, FEATURES)).astype(np.float32) * 2
    assert len(grown) == 1
    np.testing.assert_allclose(found(fresh), grown[0].predict(fresh), rtol=1e-5, atol=1e-6)
    here = known.any(1)
    alone = ExtraTreesRegressor(**grown[0].get_params()).fit(x[here], np.where(known, y, guess)[here])
    np.testing.assert_allclose(found(fresh), alone.predict(fresh), rtol=1e-5, atol=1e-6)


def test_many_outputs_share_their_trees_however_few_their_rows_and_a_chance_among_them_has_its_own():
    x, y, known = _data(14, 120)
    y[:, 13] = (y[:, 13] > 0.5).astype(float)
    odds = np.arange(14) == 13
    found = fit_forest(x, y, known, 3, odds)
    assert set(found.output.tolist()) == {-1}
    alone = fit_forest(x, y[:, 13:], known[:, 13:], 3, np.array([True]))
    np.testing.assert_allclose(found(x)[:, 13:], alone(x), atol=1e-5)
    others = fit_forest(x, y[:, :13], known[:, :13], 3)
    np.testing.assert_allclose(found(x)[:, :13], others(x), atol=1e-5)


@pytest.mark.parametrize(("outputs", "sees"), [(20, 1.0), (21, 0.5)])
def test_where_very_many_outputs_share_trees_each_sees_a_part_of_a_large_table(
    outputs: int, sees: float, grown: list[Any], monkeypatch: pytest.MonkeyPatch
):
    x, y, known = _data(outputs, 400)
    known[:] = True
    monkeypatch.setattr(trees, "_MOST_CELLS", 200 * FEATURES)
    fit_forest(x, y, known, seed=3)
    inside = grown[0].estimators_[0].tree_.weighted_n_node_samples[0]
    assert inside == pytest.approx(sees * 400)


def test_trees_are_the_same_however_many_grow_at_a_time():
    x, y, known = _data(14, 120)
    answers = []
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        answers.append(fit_forest(x, y, known, seed=3)(x))
    torch.set_num_threads(before)
    np.testing.assert_array_equal(*answers)


def test_of_a_chance_the_log_odds_come_out_as_scikit_learns_boosting_has_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trees, "_BOOSTINGS", 1)
    x, y, known = _data(2, 400)
    y[:, 1] = (y[:, 1] + np.random.default_rng(0).normal(0, 1, len(y)) > 0.5).astype(float)
    found = fit_forest(x, y, known, 3, np.array([False, True]))(x)[:, 1]
    here = known[:, 1]
    deep: Any = {"max_depth": None}  # scikit-learn's own types leave None out
    model = GradientBoostingClassifier(
        **deep,
        n_estimators=150,
        min_samples_leaf=20,
        max_leaf_nodes=8,
        subsample=0.5,
        max_features=max(0.05, min(1.0, 4.0 / FEATURES)),
        learning_rate=0.05,
        random_state=3,
    ).fit(x[here], y[here, 1])
    off = found - model.decision_function(x)
    assert np.abs(off - off.mean()).max() < 1e-4  # their first leaf is the plain share
    assert abs(off.mean()) < 0.02
    rare = fit_forest(x, (np.arange(400) < 6).astype(float)[:, None], np.ones((400, 1), bool), 3, np.array([True]))(x)
    np.testing.assert_allclose(rare, np.log(6.5 / 394.5), atol=1e-5)


def test_of_a_chance_read_from_many_features_the_log_odds_are_the_mean_of_binned_boostings(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(trees, "_WIDE", FEATURES)
    kept = _watched(monkeypatch, HistGradientBoostingClassifier)
    x, y, known = _data(2, 400)
    y[:, 1] = (y[:, 1] + np.random.default_rng(0).normal(0, 1, len(y)) > 0.5).astype(float)
    found = fit_forest(x, y, known, 3, np.array([False, True]))(x)[:, 1]
    assert len({e.random_state for e in kept}) == len(kept) == 4
    np.testing.assert_allclose(found, np.mean([e.decision_function(x) for e in kept], 0), rtol=1e-4, atol=1e-5)


def test_a_value_on_a_threshold_goes_left_as_scikit_learns_does(grown: list[Any]):
    x, y, known = _data(1)
    found = fit_forest(x, y, known, seed=0)
    cuts = np.concatenate([t.tree_.threshold[t.tree_.feature >= 0] for t in grown[0].estimators_])[:300]
    on = np.tile(cuts[:, None], (1, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(found(on)[:, 0], grown[0].predict(on), rtol=1e-5, atol=1e-6)


def test_only_some_rows_are_learnt_from_where_they_are_many(grown: list[Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trees, "_MOST_ROWS", 40)
    x, y, _ = _data(1)
    first, second = (fit_forest(x, y, np.ones_like(y, dtype=bool), seed=5) for _ in range(2))
    assert {int(t.tree_.n_node_samples[0]) for e in grown for t in e.estimators_} == {40}
    np.testing.assert_array_equal(first(x), second(x))


@pytest.mark.parametrize("kind", ["forest", "shared"])
def test_trees_come_back_from_their_arrays(kind: str, request: pytest.FixtureRequest):
    grown: Forest = request.getfixturevalue(kind)
    again = Forest.from_arrays({k: v.copy() for k, v in grown.to_arrays().items()}, 2, FEATURES)
    x = _data(2)[0]
    np.testing.assert_array_equal(again(x), grown(x))
    assert not any(v.dtype == object for v in grown.to_arrays().values())


def test_older_trees_that_say_nothing_of_it_tell_what_the_mixed_model_misses(forest: Forest):
    arrays = forest.to_arrays()
    del arrays["outright"]
    again = Forest.from_arrays(arrays, 2, FEATURES)
    assert not again.outright.any()
    np.testing.assert_array_equal(again(_data(2)[0]), forest(_data(2)[0]))


def test_an_output_with_too_few_rows_stays_zero_and_the_other_does_not():
    x, y, known = _data(2)
    known[:, 0] = np.arange(ROWS) < 19
    known[:, 1] = np.arange(ROWS) < 20
    found = fit_forest(x, y, known, seed=0)(x)
    assert not found[:, 0].any()
    assert found[:, 1].any()


@pytest.mark.parametrize("outputs", [1, 3, 1200])
def test_too_few_rows_give_zeros_that_come_back_too(outputs: int):
    x = np.zeros((18, FEATURES), dtype=np.float32)
    nothing = fit_forest(x, np.ones((18, outputs)), np.ones((18, outputs), dtype=bool), seed=0)
    np.testing.assert_array_equal(nothing(x), np.zeros((18, outputs)))
    again = Forest.from_arrays(nothing.to_arrays(), outputs, FEATURES)
    np.testing.assert_array_equal(again(x), np.zeros((18, outputs)))


def test_no_row_asked_gives_no_answer(forest: Forest):
    assert forest(np.zeros((0, FEATURES), dtype=np.float32)).shape == (0, 2)


def test_rows_of_another_width_are_refused(forest: Forest):
    with pytest.raises(ValueError, match="4 features, the trees read 5"):
        forest(np.zeros((1, 4), dtype=np.float32))


def _put(name: str, place: Callable[[dict[str, Any]], int], value: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(arrays: dict[str, Any]) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name][place(arrays)] = value

    return spoil


def _inner(arrays: dict[str, Any]) -> int:
    """A node that splits, and is not the first."""
    return int(np.flatnonzero(arrays["feature"] >= 0)[1])


def _last(arrays: dict[str, Any]) -> int:
    return -1


def _own(name: str) -> Callable[[dict[str, Any]], None]:
    def spoil(arrays: dict[str, Any]) -> None:
        _put(name, _inner, _inner(arrays))(arrays)

    return spoil


DAMAGE: dict[str, Callable[[dict[str, Any]], None]] = {
    "a node that is its own child": _own("left"),
    "a walk that goes back": _put("right", _inner, 0),
    "a child before the first node": _put("left", _inner, -1),
    "a child past the last node": _put("right", _inner, 10**6),
    "a feature past the last": _put("feature", _inner, FEATURES),
    "a feature before the first": _put("feature", _inner, -2),
    "a root past the last node": _put("root", _last, 10**6),
    "a root before the first": _put("root", _last, -1),
    "a tree for an output that is not": _put("output", _last, 2),
    "a tree for output -2": _put("output", _last, -2),
    "a value that is no number": _put("value", _last, np.nan),
    "a value without end": _put("value", _last, np.inf),
    "a threshold that is no number": _put("threshold", _inner, np.nan),
    "a last node that splits": _put("feature", _last, 0),
    "a missing array": lambda a: a.pop("right"),
    "an array too many": lambda a: a.update(more=a["left"]),
    "fewer thresholds": lambda a: a.update(threshold=a["threshold"][:-1]),
    "fewer values": lambda a: a.update(value=a["value"][:-1]),
    "values of one dimension": lambda a: a.update(value=a["value"][:, 0]),
    "values too wide": lambda a: a.update(value=np.tile(a["value"], (1, 3))),
    "fewer outputs than trees": lambda a: a.update(output=a["output"][:-1]),
    "roots in a table": lambda a: a.update(root=a["root"][:, None]),
    "features in a table": lambda a: a.update(feature=a["feature"][:, None]),
    "nodes gone": lambda a: a.update({k: a[k][:0] for k in ("feature", "threshold", "left", "right", "value")}),
    "nodes that are no whole numbers": lambda a: a.update(left=np.full(len(a["left"]), np.nan)),
    "a word on an output too many": lambda a: a.update(outright=np.zeros(3, dtype=bool)),
    "a word that is neither yes nor no": lambda a: a.update(outright=np.zeros(2)),
    "nodes too large for their kind": lambda a: a.update(left=a["left"].astype(np.int64) + 2**32),
}


@pytest.mark.parametrize("kind", ["forest", "shared"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_trees_are_refused(damage: str, kind: str, request: pytest.FixtureRequest):
    arrays = dict(request.getfixturevalue(kind).to_arrays())
    DAMAGE[damage](arrays)
    with pytest.raises(ArtifactError, match="trees"):
        Forest.from_arrays(arrays, 2, FEATURES)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_arrays_are_refused_or_walked_to_an_end(data: st.DataObject):
    nodes, count = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 2))

    def whole(size: int, low: int, high: int) -> np.ndarray:
        return np.array(data.draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), dtype=np.int32)

    arrays: dict[str, Any] = {
        "feature": whole(nodes, -1, 2),
        "threshold": np.zeros(nodes),
        "left": whole(nodes, -1, nodes),
        "right": whole(nodes, -1, nodes),
        "root": whole(count, 0, nodes - 1),
        "output": whole(count, 0, 1),
        "value": np.ones((nodes, 1), dtype=np.float32),
    }
    try:
        found = Forest.from_arrays(arrays, 2, 2)
    except ArtifactError:
        return
    answers = found(np.array([[-1.0, 1.0], [1.0, -1.0]], dtype=np.float32))
    assert (answers.sum(1) == count).all()


def test_trees_of_another_size_are_refused(forest: Forest, shared: Forest):
    with pytest.raises(ArtifactError):
        Forest.from_arrays(forest.to_arrays(), 1, FEATURES)
    with pytest.raises(ArtifactError):
        Forest.from_arrays(shared.to_arrays(), 3, FEATURES)
    with pytest.raises(ArtifactError):
        Forest.from_arrays(forest.to_arrays(), 2, 1)
