"""Learning on: a copy learns from new visits, is promoted only where forecasts do not worsen, and tells its lineage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import artifact, continual, packing, renewing
from models.continual import Updated, UpdateProgress, update, verdict
from models.course import Course
from models.errors import ModelError, NotFittedError, TrainingError
from models.forecaster import LiquidForecaster
from models.rolling import Compared
from tests.models import kinds
from tests.models.cohorts import cohort, patient

QUICK: dict[str, Any] = {"units": 8, "epochs": 4, "hidden": 8, "unfolds": 2, "members": 2}


pytestmark = pytest.mark.usefixtures("one_thread")


def _elsewhere(number: int, seed: int = 1) -> list[Course]:
    """Another clinic: older patients who sleep longer, whose pain does not tell of their sleep."""
    out = []
    for i, course in enumerate(cohort(number, seed=seed)):
        values = course.values.copy()
        values[:, 1] = 16.0 - values[:, 1]
        out.append(replace(course, patient=f"N{i:03d}", values=values, static={"age": course.static["age"] + 45.0}))
    return out


@pytest.fixture(scope="module")
def old() -> list[Course]:
    return cohort(60)


@pytest.fixture(scope="module")
def fitted(old: list[Course]) -> LiquidForecaster:
    return LiquidForecaster(**QUICK).fit(old)


@pytest.fixture(scope="module")
def updated(fitted: LiquidForecaster, old: list[Course]) -> Updated:
    return update(fitted, _elsewhere(48), old)


def _tensors(model: LiquidForecaster) -> dict[str, torch.Tensor]:
    return packing.pack(model.card, model.fitted_)[1]


def _said(model: LiquidForecaster, someone: Course) -> np.ndarray:
    return model.predict(someone, someone.times[-1:] + 20).values


@pytest.fixture
def someone() -> Course:
    return patient(999, np.random.default_rng(999), visits=5)


def test_a_change_of_population_is_learnt_and_the_copy_promoted(updated: Updated):
    assert updated.new.after is not None and updated.new.before is not None
    assert updated.new.after < 0.8 * updated.new.before
    assert updated.old.worse <= continual.UNSURE
    assert (updated.promote, updated.reason.code) == (True, "better")


def test_the_model_in_force_is_as_it_was(old: list[Course]):
    model = LiquidForecaster(**{**QUICK, "epochs": 1, "members": 1}).fit(old)
    before, card = {k: v.clone() for k, v in _tensors(model).items()}, json.dumps(model.card)
    candidate = update(model, _elsewhere(20), old).candidate
    assert all(torch.equal(before[k], v) for k, v in _tensors(model).items())
    assert json.dumps(model.card) == card
    assert candidate.fitted_.encoder is model.fitted_.encoder
    assert any(not torch.equal(before[k], v) for k, v in _tensors(candidate).items() if k.startswith("member0"))


def test_the_card_tells_parent_patients_and_scores(updated: Updated, fitted: LiquidForecaster):
    card = json.loads(json.dumps(updated.candidate.card, allow_nan=False))
    lineage = card["lineage"]
    assert lineage["parent"]["sha256"] == artifact.digest(_tensors(fitted))
    assert lineage["parent"]["created"] == fitted.card["created"]
    assert lineage["patients_added"] == 48 - round(0.15 * 48)
    assert card["training"]["patients"] == fitted.card["training"]["patients"] + lineage["patients_added"]
    assert lineage["new"]["before"] == updated.new.before
    assert lineage["promote"] and lineage["reason"]["code"] == "better"
    assert len(lineage["rolling"]) == continual.BLOCKS - 1
    assert card["score"]["scored_on"] == "rolling"
    assert 0.7 <= card["coverage90"] <= 1


def test_the_old_patients_compared_on_are_those_held_out_when_it_was_fitted(
    updated: Updated, fitted: LiquidForecaster, old: list[Course]
):
    assert updated.candidate.card["lineage"]["held_out_unseen"]
    assert updated.old.patients <= fitted.card["training"]["holdout_patients"]
    part = update(fitted, _elsewhere(20), old[:50])  # the card tells who of them was
    assert part.candidate.card["lineage"]["held_out_unseen"]
    assert 0 < part.old.patients < updated.old.patients
    strangers = [replace(c, patient=f"S{c.patient}") for c in old[:50]]
    other = update(fitted, _elsewhere(20), strangers)
    assert not other.candidate.card["lineage"]["held_out_unseen"]
    assert other.old.patients > 0


def test_nobody_held_out_is_learnt_from_in_the_next_generation(updated: Updated, old: list[Course]):
    first = updated.candidate
    later = [replace(c, patient=f"L{c.patient}") for c in _elsewhere(20, seed=5)]
    second = update(first, later, [*old, *_elsewhere(48)]).candidate
    lineage = second.card["lineage"]
    assert set(first.card["lineage"]["held_out"]) <= set(lineage["held_out"])
    assert [p["sha256"] for p in lineage["ancestors"]] == [first.card["lineage"]["parent"]["sha256"]]


def test_a_candidate_is_saved_and_loaded_like_any_model(updated: Updated, someone: Course, tmp_path: Path):
    updated.candidate.save(tmp_path, "next")
    again = LiquidForecaster.load(tmp_path, "next")
    np.testing.assert_array_equal(_said(again, someone), _said(updated.candidate, someone))
    assert again.card["lineage"] == updated.candidate.card["lineage"]


def test_the_same_seed_gives_the_same_candidate(
    updated: Updated, fitted: LiquidForecaster, old: list[Course], someone: Course
):
    again = update(fitted, _elsewhere(48), old)
    np.testing.assert_array_equal(_said(again.candidate, someone), _said(updated.candidate, someone))


def test_of_a_patient_who_comes_again_only_the_later_visits_are_new(fitted: LiquidForecaster, old: list[Course]):
    again = [c for c in old if len(c) >= 4][:20]
    earlier = [c.until_row(len(c) - 1) if c in again else c for c in old]
    found = update(fitted, again, earlier).candidate.card
    assert found["lineage"]["visits_added"] <= 20
    assert found["training"]["patients"] == fitted.card["training"]["patients"]
    with pytest.raises(TrainingError, match="no course has a visit that is new"):
        update(fitted, old[:5], old)


def test_a_stronger_penalty_keeps_the_networks_nearer_to_what_they_were(fitted: LiquidForecaster, old: list[Course]):
    def moved(strength: float) -> float:
        candidate = update(fitted, _elsewhere(20), old, strength=strength, epochs=8).candidate
        pairs = zip(fitted.fitted_.networks[0].parameters(), candidate.fitted_.networks[0].parameters(), strict=True)
        return sum(float(((a - b).detach() ** 2).sum()) for a, b in pairs)

    assert moved(100.0) < moved(0.0)


def test_the_penalty_is_nothing_at_the_old_weights_and_grows_with_what_old_patients_need():
    courses = cohort(40)
    model = LiquidForecaster(**{**QUICK, "members": 1, "trees": False}).fit(courses)
    taught = renewing.lesson(model.fitted_, courses, [len(c) for c in courses], 0)
    patients = renewing.patients_of(
        model.fitted_, taught, np.arange(40), {}, renewing.replayed(model.fitted_, taught, 0)
    )
    held = renewing.anchor(model.fitted_.networks[0], patients, np.arange(40), 0)
    assert all((f >= 0).all() and torch.isfinite(f).all() for f in held.fisher)
    network = renewing.copied(model.fitted_.networks)[0]
    assert held(network).item() == 0.0
    with torch.no_grad():
        network.bias.add_(0.1)
    which = [n for n, p in network.named_parameters() if p.requires_grad].index("bias")
    assert held(network).item() == pytest.approx(0.1**2 / 2 * held.fisher[which].sum().item(), rel=1e-3)
    assert sum(float(f.sum()) for f in held.fisher) > 0


def test_progress_is_told_and_cancelling_promotes_nothing(fitted: LiquidForecaster, old: list[Course]):
    heard: list[UpdateProgress] = []
    found = update(fitted, _elsewhere(20), old, progress=heard.append, cancel=lambda: len(heard) >= 3)
    assert [(h.block, h.member, h.epoch) for h in heard] == [(1, 1, 1), (1, 2, 1), (2, 1, 1)]
    assert (found.promote, found.reason.code) == (False, "cancelled")
    assert json.loads(json.dumps(heard[0].to_dict(), allow_nan=False))["members"] == 2


def test_few_new_patients_are_learnt_from_but_not_judged_by(
    fitted: LiquidForecaster, old: list[Course], someone: Course
):
    found = update(fitted, _elsewhere(4), old)
    assert (found.promote, found.reason.code) == (False, "too_few")
    assert np.isfinite(_said(found.candidate, someone)).all()


@pytest.mark.parametrize(
    ("new", "old", "code"),
    [
        ((-0.1, -3.0), (0.00, 0.0), "better"),
        ((-0.1, -3.0), (0.015, 3.0), "better"),  # a gain beyond noise is worth a cost within the margin
        ((-0.01, -0.5), (0.015, 3.0), "worse_on_old"),
        ((-0.1, -3.0), (0.03, 0.5), "better"),  # may be noise
        ((-0.1, -3.0), (0.03, 2.0), "worse_on_old"),
        ((-0.1, -3.0), (0.08, 0.5), "worse_on_old"),
        ((0.001, 0.1), (-0.1, -3.0), "worse_on_new"),
    ],
)
def test_the_verdict_weighs_new_and_old_patients(new: tuple[float, float], old: tuple[float, float], code: str):
    sides = [Compared(50, 500, 1.0, 1.0 + worse, worse, z) for worse, z in (new, old)]
    assert verdict(*sides).code == code


def test_noise_learnt_from_is_not_promoted_for_long(fitted: LiquidForecaster, old: list[Course]):
    """Values without any pattern cannot be forecast better than by what the model says, and harm the old."""
    rng = np.random.default_rng(3)
    noise = [
        replace(c, patient=f"X{i}", values=rng.permuted(c.values, axis=0)) for i, c in enumerate(cohort(30, seed=9))
    ]
    found = update(fitted, noise, old, learning_rate=0.1, strength=0.0, epochs=5)
    assert found.promote == (found.reason.code == "better")
    if found.promote:
        assert found.new.worse <= 0 and found.old.worse <= continual.UNSURE


def test_every_kind_of_variable_and_events_are_learnt_on(someone: Course):
    old = kinds.cohort(40)
    model = LiquidForecaster(**{**QUICK, "epochs": 1, "members": 1}, trees=False).fit(old)
    new = [replace(c, patient=f"N{i}") for i, c in enumerate(kinds.cohort(20, seed=2))]
    found = update(model, new, old)
    course = kinds.patient(99, np.random.default_rng(99), visits=4)
    forecast = found.candidate.predict(course, course.times[-1:] + 10)
    assert np.isfinite(forecast.values).all()
    assert set(forecast.survival) == {"relapse", "death"}


def test_impossible_requests_are_refused_with_the_reason(fitted: LiquidForecaster, old: list[Course]):
    with pytest.raises(NotFittedError):
        update(LiquidForecaster(), old, old)
    with pytest.raises(TrainingError, match="nothing to learn from"):
        update(fitted, [], old)
    with pytest.raises(ModelError, match="lacks the variables sleep"):
        update(fitted, [c.select(["pain"]) for c in old[:3]], old)
    with pytest.raises(ModelError, match="strength at least 0"):
        update(fitted, _elsewhere(3), old, strength=-1.0)
    with pytest.raises(TrainingError, match="smaller learning rate"):
        update(fitted, _elsewhere(20), old, learning_rate=1e8)


def test_a_plain_model_and_no_replay_at_all_learn_on_too(old: list[Course], someone: Course):
    model = LiquidForecaster(**{**QUICK, "epochs": 1, "members": 1}, plain=True).fit(old)
    for replay in (old, []):
        found = update(model, _elsewhere(20), replay)
        assert np.isfinite(_said(found.candidate, someone)).all()
