"""Ridge regression: scikit-learn's own numbers, whichever rows an output is known in."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge as Published

from models import ridge
from models.forecast import Array
from models.ridge import PENALTIES, RIDGE_CLIP, fit_own, fit_ridge


class Table:
    """Rows of few hidden causes, outputs each known in a share of them of its own."""

    def __init__(self, outputs: int, rows: int = 600, width: int = 30) -> None:
        rng = np.random.default_rng(outputs)
        hidden = rng.normal(size=(rows, 5))
        self.rows: NDArray[np.float32] = (hidden @ rng.normal(size=(5, width)) + rng.normal(size=(rows, width))).astype(
            np.float32
        )
        answer = hidden @ rng.normal(size=(5, outputs)) + 0.5 * rng.normal(size=(rows, outputs)) + 3.0
        self.known = rng.random((rows, outputs)) < np.linspace(1.0, 0.1, outputs)
        self.target: Array = np.where(self.known, answer, 0.0)
        self.owner = np.arange(rows) // 4


def _published(table: Table, column: int, penalty: float) -> Array:
    """What scikit-learn answers to all rows, of the same scaled numbers."""
    x = table.rows.astype(np.float64)
    x = np.clip((x - x.mean(0)) / x.std(0), -RIDGE_CLIP, RIDGE_CLIP)
    here = table.known[:, column]
    return Published(alpha=penalty).fit(x[here], table.target[here, column]).predict(x)


@pytest.mark.parametrize("outputs", [3, 6, 9, 25])
def test_outputs_known_in_rows_of_their_own_answer_as_scikit_learn_does(outputs: int, monkeypatch: pytest.MonkeyPatch):
    table = Table(outputs)
    monkeypatch.setattr(ridge, "PENALTIES", (40.0,))
    found = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1](table.rows)
    for column in range(outputs):
        np.testing.assert_allclose(found[:, column], _published(table, column, 40.0), atol=1e-4)


@pytest.mark.parametrize(("told", "best"), [(0.0, PENALTIES[3]), (0.3, PENALTIES[1]), (10.0, PENALTIES[0])])
def test_the_penalty_is_the_one_that_forecasts_left_out_patients_best(told: float, best: float):
    table = Table(1, rows=200, width=150)
    cause = table.rows[:, 0].astype(np.float64) + table.rows[:, 1]
    table.target[:, 0] = told * cause + 0.5 * np.random.default_rng(7).normal(size=200)
    x = table.rows.astype(np.float64)
    x = np.clip((x - x.mean(0)) / x.std(0), -RIDGE_CLIP, RIDGE_CLIP)
    lost = dict.fromkeys(PENALTIES, 0.0)
    for penalty in PENALTIES:
        for out in (table.owner % 5 == f for f in range(5)):
            # the middle of all rows, as the weights alone are judged
            y = table.target[:, 0] - table.target[:, 0].mean()
            centred = x - x.mean(0)
            weights = Published(alpha=penalty, fit_intercept=False).fit(centred[~out], y[~out])
            lost[penalty] += float(((y[out] - weights.predict(centred[out])) ** 2).sum())
    assert min(lost, key=lost.__getitem__) == best
    found = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1](table.rows)
    np.testing.assert_allclose(found[:, 0], _published(table, 0, best), atol=1e-6)


def test_an_output_hardly_known_says_nothing_beside_many_that_are():
    table = Table(12)
    table.known[5:, 4] = False
    found = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1](table.rows)
    assert not found[:, 4].any()
    assert (np.delete(found, 4, 1).std(0) > 0.1).all()


def test_each_part_is_learnt_without_the_rows_left_out():
    table = Table(9)
    half = table.owner % 2 == 0
    parts = {-1: np.ones(len(half), dtype=bool), 0: half}
    found = fit_ridge(table.rows, table.target, table.known, table.owner, 0, apart=parts)
    alone = fit_ridge(table.rows[half], table.target[half], table.known[half], table.owner[half], 0)[-1]
    np.testing.assert_allclose(found[0](table.rows), alone(table.rows), atol=1e-4)


def test_an_output_known_seldom_among_very_many_rows_keeps_them_all(monkeypatch: pytest.MonkeyPatch):
    table = Table(9)
    table.known[:, 8] = False
    table.known[:12, 8] = True
    monkeypatch.setattr(ridge, "PENALTIES", (40.0,))
    whole = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1]
    monkeypatch.setattr(ridge, "_MOST_ROWS", 300)
    monkeypatch.setattr(ridge, "_FEW", 100)
    drawn = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1]
    assert np.isfinite(drawn.weight).all()
    np.testing.assert_allclose(drawn(table.rows)[:, 8], whole(table.rows)[:, 8], atol=0.1)


def test_an_output_that_settles_at_once_keeps_its_answer_while_another_takes_long():
    rng = np.random.default_rng(0)
    few = np.arange(400) < 60
    x = rng.normal(size=(400, 40)) * np.where(few[:, None], np.logspace(-1, 0, 40), np.logspace(0, -1, 40))
    told = np.stack([np.ones(400), few], 1).astype(np.float64)
    away = (x.T @ told) / told.sum(0)
    off = (x @ rng.normal(size=(40, 2))) * told
    off -= told * off.sum(0) / told.sum(0)
    centred = x - x.mean(0)
    inverse = np.linalg.inv(centred.T @ centred + 0.1 * np.eye(40))  # of the first, which one step solves for
    found = ridge._descended(off, x, told, away, 0.1, lambda left: inverse @ left)
    for column in range(2):
        rows = (x - away[:, column])[told[:, column] > 0]
        y = off[told[:, column] > 0, column]
        expected = np.linalg.solve(rows.T @ rows + 0.1 * np.eye(40), rows.T @ y)
        np.testing.assert_allclose(found[:, column], expected, atol=1e-3)


def test_a_number_with_features_of_its_own_is_left_to_them():
    table = Table(9)
    found = fit_ridge(table.rows, table.target, table.known, table.owner, 0, without=[4])[-1](table.rows)
    others = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1](table.rows)
    assert not found[:, 4].any()
    np.testing.assert_allclose(np.delete(found, 4, 1), np.delete(others, 4, 1), atol=1e-4)


def test_from_features_of_their_own_numbers_answer_as_scikit_learn_does(monkeypatch: pytest.MonkeyPatch):
    table = Table(2)
    monkeypatch.setattr(ridge, "PENALTIES", (40.0,))
    own = {0: np.array([1, 5, 7, 20]), 1: np.arange(12)}
    everyone = {-1: np.ones(len(table.rows), dtype=bool)}
    found = fit_own(table.rows, table.target, table.known, table.owner, 0, own, everyone)[-1](table.rows)
    x = table.rows.astype(np.float64)
    x = np.clip((x - x.mean(0)) / x.std(0), -RIDGE_CLIP, RIDGE_CLIP)
    for column, columns in own.items():
        here = table.known[:, column]
        alone = Published(alpha=40.0).fit(x[here][:, columns], table.target[here, column])
        np.testing.assert_allclose(found[:, column], alone.predict(x[:, columns]), atol=1e-9)


@pytest.mark.parametrize("rows", [0, 1, 255, 256, 600])
def test_any_number_of_rows_is_answered(rows: int):
    table = Table(3)
    fitted = fit_ridge(table.rows, table.target, table.known, table.owner, 0)[-1]
    np.testing.assert_allclose(fitted(table.rows[:rows]), fitted(table.rows)[:rows], rtol=1e-12)
