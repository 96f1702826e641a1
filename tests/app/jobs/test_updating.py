"""A model learns on from what has come since, and tells what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import i18n
from app.analysis.simulator import simulate, write_wide
from app.domain.errors import KnownError
from app.importing.run import import_files
from app.jobs import cohort, forecasting, keeping, updating
from app.store.clinic import Clinic
from app.store.roles import Actor, NotAllowedError, Role
from models import continual, generations
from models.card import rows_known
from models.course import mark
from models.rolling import Compared, Finding
from tests.app.jobs.conftest import PATIENTS, quiet


def _come(folder: Path, clinic: Clinic) -> None:
    """The visits and patients that had not come yet."""
    table = folder / "later.csv"
    write_wide(simulate(patients=PATIENTS, seed=3), table)
    import_files([table], clinic)


def test_without_a_new_visit_nothing_is_changed(clinic: Clinic):
    with pytest.raises(KnownError, match="No visit has come"), i18n.speaking("en"):
        updating.update(quiet(), clinic, "m")


def test_only_later_visits_and_new_patients_count_as_new(folder: Path, clinic: Clinic):
    before = {c.patient: len(c) for c in cohort.courses_for(clinic, forecasting.load(clinic, "m"))}
    _come(folder, clinic)
    forecaster = forecasting.load(clinic, "m")
    courses = cohort.courses_for(clinic, forecaster)
    seen, came = updating.parted(forecaster.card, courses, forecaster.fitted_.encoder.align)
    assert {c.patient: len(c) for c in seen} == before
    assert {c.patient for c in came} == {c.patient for c in courses if len(c) > before.get(c.patient, 0)}
    assert len(came) > len(before)


@pytest.mark.parametrize("better", [True, False])
def test_it_takes_its_place_only_where_it_is_better_and_can_be_taken_back(
    better: bool, folder: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
):
    _come(folder, clinic)

    def judged(new: Compared, old: Compared) -> Finding:
        return Finding("better", {}) if better else Finding("worse_on_new", {"worse": 0.1, "z": 2.0})

    monkeypatch.setattr(continual, "verdict", judged)
    old = forecasting.load(clinic, "m").card
    document = updating.update(quiet(), clinic, "m")
    json.dumps(document, allow_nan=False)
    now = forecasting.load(clinic, "m").card
    assert document["promoted"] is better
    assert document["generation"] == (1 if better else None)
    assert clinic.models.get("m").card["training"]["visits"] == now["training"]["visits"]
    with i18n.speaking("en"):
        told = updating.describe(document)
    assert ("has learnt on" in told[0]) is better
    assert ("stays as it was" in told[0]) is not better
    if not better:
        assert now == old
        return
    assert now["training"]["visits"] > old["training"]["visits"]
    courses = cohort.courses_for(clinic, forecasting.load(clinic, "m"))
    assert sum(rows_known(now).values()) > sum(rows_known(old).values())
    assert len(rows_known(now)) == len(courses)
    with pytest.raises(KnownError, match="No visit has come"), i18n.speaking("en"):
        updating.update(quiet(), clinic, "m")
    assert keeping.take_back(clinic, "m") == 0
    assert forecasting.load(clinic, "m").card["training"] == old["training"]


def test_a_model_that_learnt_from_nobody_here_is_to_be_trained_again(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    forecaster.card["training"]["rows"] = {"0123456789abcdef": 4}
    keeping.shelve(clinic, forecaster, "m")
    with pytest.raises(KnownError, match="Train it again"), i18n.speaking("en"):
        updating.update(quiet(), clinic, "m")


def test_a_researcher_and_a_clinician_find_the_same_patients_known(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    known = rows_known(forecaster.card)
    actor = Actor("researcher", frozenset({Role.RESEARCHER}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(clinic), "actor", property(lambda _: actor))
        patch.setattr(type(clinic.queries), "actor", property(lambda _: actor))
        courses = cohort.courses_for(clinic, forecaster)
        with pytest.raises(NotAllowedError):
            cohort.courses_for(clinic, forecaster, named=True)
    assert {mark(forecaster.fitted_.encoder.align(c)) for c in courses} == set(known)
    codes = {case.patient.code for case in clinic.queries.cases()}
    assert not codes & {c.patient for c in courses}


def test_a_promotion_that_was_not_entered_is_entered_next_time(folder: Path, clinic: Clinic):
    generations.promote(folder / "clinic.models", "m", forecasting.load(clinic, "m"))
    with pytest.raises(KnownError, match="No visit has come"), i18n.speaking("en"):
        updating.update(quiet(), clinic, "m")
    assert clinic.models.get("m").card["generation"] == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("shift_large", {"name": "age", "difference": 0.6}),
        ("spread", {"name": "sym.insomnia", "ratio": 2.0}),
        ("unknown_treatment", {"name": "herb.chaihu", "share": 0.4}),
        ("error_rising", {"latest": 0.9, "expected": 0.7}),
        ("coverage_low", {"latest": 0.7}),
    ],
)
def test_every_sign_of_drift_is_put_in_words(language: str, code: str, parameters: dict[str, object]):
    nothing = {"patients": 0, "before": None, "after": None}
    reason = {"code": "too_few", "parameters": {"patients": 3, "needed": 8}}
    document = {"model": "m", "promoted": False, "reason": reason, "new": nothing, "old": nothing}
    with i18n.speaking(language):
        told = updating.describe({**document, "drift": {"told": [{"code": code, "parameters": parameters}]}})
    assert len(told) == 2
    assert "3" in told[0]
    assert told[1].strip()
