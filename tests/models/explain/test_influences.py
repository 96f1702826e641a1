"""What raises and lowers a forecast, of all targets at once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.course import Course
from models.explain import attribute, influences
from tests.models.explain.conftest import Shaken


def test_every_target_is_told_as_it_is_told_alone(shaken: Shaken, someone: Course):
    model, day = shaken("ltc"), float(someone.times[-1]) + 20.0
    told = influences(model, someone, day)
    assert len(told.variables) > 1
    for place, variable in enumerate(told.variables):
        alone = attribute(model, someone, day, variable.name, gradients=False)
        assert told.forecast[place] == pytest.approx(alone.forecast, abs=1e-4)
        assert told.baseline[place] == pytest.approx(alone.baseline, abs=1e-4)
        wanted = {
            **dict(zip(alone.variables, alone.removal.variables, strict=True)),
            **dict(zip(alone.treatments, alone.removal.treatments, strict=True)),
            **dict(zip(alone.statics, alone.removal.statics, strict=True)),
        }
        for source, effect in zip(told.sources, told.effect[:, place], strict=True):
            assert effect == pytest.approx(wanted[source.name], abs=1e-4)
    json.dumps(told.to_dict(), allow_nan=False)


def test_what_was_never_recorded_raises_nothing(shaken: Shaken, someone: Course):
    values = someone.values.copy()
    values[:, 0] = np.nan
    bare = Course(someone.patient, someone.times, values, someone.variables)
    told = influences(shaken("ltc"), bare, float(someone.times[-1]) + 5.0)
    assert someone.names[0] not in [source.name for source in told.sources]
    assert {source.kind for source in told.sources} == {"value"}
