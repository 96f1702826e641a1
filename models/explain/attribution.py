"""What one forecast rests on: visits, variables, treatments and static facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.course import Course, Treatment
from models.explain import integrated
from models.explain.asking import Told, level_of, question
from models.explain.integrated import Gradients, check_cell
from models.explain.plain import plain
from models.explain.removal import Effects, effects, nothing_known, parts_of, variants
from models.forecast import Array
from models.forecaster import LiquidForecaster


@dataclass(frozen=True)
class Attribution:
    """What the forecast of ``variable`` on day ``at`` rests on.

    scale: of forecast, simple, baseline and both removals: "value": in the variable's own unit; "chance": of a binary
        variable, of a level (``level``, its place among the levels) of a categorical one
    forecast: the mean, before it is clipped to the variable's range; simple: what the simple forecasts (mixed model,
        trees, last value and running means) say, so that forecast - simple is the networks' correction; baseline: the
        forecast for the same patient of whom nothing is known (``removal.nothing_known``)
    days (n,): of the visits; observed (n, V): what there was; variables, treatments, statics: their names
    removal: effects on the whole forecast, exact; removal_simple: the same of the simple forecasts alone, so that the
        difference is what the networks make of it
    gradients: of the networks' correction alone, in its own scale; None where it was not asked for
    """

    patient: str
    variable: str
    unit: str
    level: int | None
    at: float
    scale: str
    forecast: float
    simple: float
    baseline: float
    days: Array
    observed: NDArray[np.bool_]
    variables: tuple[str, ...]
    treatments: tuple[str, ...]
    statics: tuple[str, ...]
    removal: Effects
    removal_simple: Effects
    gradients: Gradients | None

    @property
    def correction(self) -> float:
        """What the networks add to the simple forecasts, in the same scale."""
        return self.forecast - self.simple

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for what is not finite."""
        return plain(self)


def attribute(
    forecaster: LiquidForecaster,
    course: Course,
    at: float,
    variable: str,
    *,
    plan: Sequence[Treatment] | None = None,
    level: int | None = None,
    gradients: bool = True,
    each_value: bool = False,
) -> Attribution:
    """What the forecast of ``variable`` on day ``at`` rests on; all members together.

    plan: as of ``LiquidForecaster.predict``; level: of a categorical variable, None: the most probable; gradients:
    also those of the networks' correction; each_value: also take every single value away, for which the time grows
    Raises ModelError for a variable not forecast, a day before the last visit, a level there is none of, a cell without
    gradients (``gradients=False`` works for every cell), NotFittedError.
    """
    asked = question(forecaster, course, at, variable, plan)
    parts, encoder = asked.parts, asked.parts.encoder
    if gradients:
        for network in parts.networks:
            check_cell(network)
    patient, blank = asked.patient, nothing_known(asked.patient)
    there = parts_of(patient, encoder)
    answers = asked.tell([patient, *variants(patient, there, each=each_value), blank])
    told = Told(*(table[:-1] for table in answers))
    column, chosen = level_of(asked, level, told)
    whole, simple = effects(there, told, column, each=each_value)
    found = None
    if gradients:
        found = integrated.gradients(asked, asked.batch([patient]), asked.batch([blank]), column)
        found = _of_these(found, encoder.treatments, there.treatments, encoder.statics, there.statics)
    return Attribution(
        patient=course.patient,
        variable=variable,
        unit=asked.variable.unit,
        level=chosen,
        at=asked.at,
        scale="chance" if asked.variable.kind in ("binary", "categorical") else "value",
        forecast=float(told.whole[0, column]),
        simple=float(told.simple[0, column]),
        baseline=float(answers.whole[-1, column]),
        days=patient.course.times,
        observed=there.observed,
        variables=encoder.names,
        treatments=there.treatments,
        statics=there.statics,
        removal=whole,
        removal_simple=simple,
        gradients=found,
    )


def _of_these(
    found: Gradients, known: Sequence[str], given: Sequence[str], statics: Sequence[str], told: Sequence[str]
) -> Gradients:
    """Treatments and statics of this patient alone; the others contribute nothing, nor do unknown treatments."""
    drugs = dict(zip(known, found.treatments.tolist(), strict=True))
    facts = dict(zip(statics, found.statics.tolist(), strict=True))
    return replace(
        found,
        treatments=np.array([drugs.get(name, 0.0) for name in given]),
        statics=np.array([facts[name] for name in told]),
    )
