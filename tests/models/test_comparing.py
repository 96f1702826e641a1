"""The table beside the forecaster: the same unseen patients, the others fitted on the rest, nothing hidden."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.comparing import Compared, best_of, compare, parted
from models.course import mark
from models.errors import ModelError
from models.forecaster import LiquidForecaster
from tests.models.cohorts import cohort

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def fitted() -> LiquidForecaster:
    return LiquidForecaster(units=6, epochs=3, hidden=8, unfolds=1, members=1, trees=False, device="cpu").fit(
        cohort(60)
    )


@pytest.fixture(scope="module")
def table(fitted: LiquidForecaster) -> list[Compared]:
    return compare(fitted, cohort(60), models=("last_value", "mixed_effects", "lstm"))


def test_the_patients_of_the_table_are_those_the_card_says_were_never_seen(fitted: LiquidForecaster) -> None:
    learn, held = parted(fitted, cohort(60))
    told = fitted.card["training"]
    assert len(held) == told["holdout_patients"] == len(told["held_out"])
    assert len(learn) == told["patients"]
    assert not {c.patient for c in learn} & {c.patient for c in held}
    grown = [c for c in cohort(60) if mark(c) in set(told["held_out"])]
    assert {c.patient for c in grown} == {c.patient for c in held}


def test_the_forecasters_own_line_says_what_its_card_says(fitted: LiquidForecaster, table: list[Compared]) -> None:
    own = table[0]
    assert own.model == "liquid"
    assert own.behind is None
    assert own.rmse == pytest.approx(fitted.card["score"]["model"], rel=0.02)
    assert (own.low or 9.0) < (own.rmse or 0.0) < (own.high or 0.0)


def test_every_other_line_tells_how_far_it_is_behind_and_the_best_comes_first(
    fitted: LiquidForecaster, table: list[Compared]
) -> None:
    rest = table[1:]
    assert {line.model for line in rest} == {"last_value", "mixed_effects", "lstm"}
    errors = [line.rmse or 0.0 for line in rest]
    assert errors == sorted(errors)
    best = best_of(table)
    assert best is not None and best.rmse == errors[0]
    for line in rest:
        assert line.behind is not None
        assert line.behind[0] == pytest.approx((line.rmse or 0.0) - (table[0].rmse or 0.0))
        assert line.behind[1] <= line.behind[0] <= line.behind[2]
    last = next(line for line in rest if line.model == "last_value")
    assert last.rmse == pytest.approx(fitted.card["score"]["last_value"], rel=0.05)
    json.dumps([line.to_dict() for line in table], allow_nan=False)


def test_it_ends_early_where_it_is_told_to_and_refuses_what_it_does_not_know(fitted: LiquidForecaster) -> None:
    told: list[str] = []
    found = compare(
        fitted,
        cohort(60),
        models=("last_value", "patient_mean"),
        progress=lambda done, total, name: told.append(f"{done}/{total} {name}"),
        cancel=lambda: len(told) == 1,
    )
    assert told == ["0/2 last_value"]
    assert [line.model for line in found] == ["liquid", "last_value"]
    with pytest.raises(ModelError, match="unknown models oracle"):
        compare(fitted, cohort(60), models=("oracle",))
    with pytest.raises(ModelError, match="0 patients were held out"):
        compare(fitted, cohort(20, seed=9))


def test_a_model_that_cannot_learn_from_so_little_is_told_with_its_reason(
    fitted: LiquidForecaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import baselines

    def refuse(self: object, courses: object, **_: object) -> None:
        raise ModelError("too little")

    monkeypatch.setattr(baselines.get("last_value"), "fit", refuse)
    found = compare(fitted, cohort(60), models=("patient_mean", "last_value"))
    assert [(line.model, line.rmse is None, line.why) for line in found[1:]] == [
        ("patient_mean", False, ""),
        ("last_value", True, "too little"),
    ]
    assert np.isfinite(found[1].rmse or np.nan)
