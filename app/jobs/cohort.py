"""Whom a model learns from, is judged by and learns on from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.analysis import series
from app.domain.records import Case
from app.store.clinic import Clinic
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.course import Course
    from models.forecaster import LiquidForecaster


def cases_to_learn_from(clinic: Clinic, *, named: bool = False) -> list[Case]:
    """The cases with two visits or more: of all patients, or the cohort of a researcher, who may not see them.

    They are called by their pseudonyms, whoever reads: a model's card tells by these whom it knows, to this clinic
    alone. named: by their numbers instead, for somebody who may see them. Raises NotAllowedError.
    """
    clinic.actor.require(Permission.PATIENTS_READ if named else Permission.COHORT_READ)
    if not clinic.actor.may(Permission.PATIENTS_READ):
        return [case for case in clinic.queries.cohort() if len(case.visits) >= 2]
    found = [case for case in clinic.queries.cases() if len(case.visits) >= 2]
    if named:
        return found
    call = clinic.queries.pseudonym()
    return [replace(case, patient=replace(case.patient, code=call(case.patient.code))) for case in found]


def courses_for(clinic: Clinic, forecaster: LiquidForecaster, *, named: bool = False) -> list[Course]:
    """The same cases as courses of the variables the forecaster was trained on."""
    plan = series.SeriesPlan.from_dict(forecaster.card["series"])
    return series.courses(cases_to_learn_from(clinic, named=named), plan)
