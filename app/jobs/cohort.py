"""Whom a model learns from, is judged by and learns on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analysis import series
from app.domain.records import Case
from app.store.clinic import Clinic
from app.store.roles import Permission

if TYPE_CHECKING:
    from models.course import Course
    from models.forecaster import LiquidForecaster


def cases_to_learn_from(clinic: Clinic) -> list[Case]:
    """The cases with two visits or more: of all patients, or the cohort of a researcher, who may not see them."""
    whole = clinic.actor.may(Permission.PATIENTS_READ)
    read = clinic.queries.cases() if whole else clinic.queries.cohort()
    return [case for case in read if len(case.visits) >= 2]


def courses_for(clinic: Clinic, forecaster: LiquidForecaster) -> list[Course]:
    """The same cases as courses of the variables the forecaster was trained on."""
    return series.courses(cases_to_learn_from(clinic), series.SeriesPlan.from_dict(forecaster.card["series"]))
