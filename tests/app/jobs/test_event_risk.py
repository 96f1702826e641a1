"""A clinic that records relapses: its model waits for them, and tells each patient's chance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from app import i18n
from app.analysis import series
from app.analysis.simulator import simulate, write_wide
from app.importing.run import import_files
from app.jobs import forecasting, surprising
from app.jobs.training import train
from app.jobs.worker import Reporter
from app.store.clinic import Clinic
from models.forecast import Forecast


@pytest.fixture(scope="module")
def fearing(tmp_path_factory: pytest.TempPathFactory):
    """A clinic whose table has a column of relapses: every other patient's last visit records one."""
    folder = tmp_path_factory.mktemp("fearing")
    table, db = folder / "visits.csv", folder / "clinic.db"
    write_wide(simulate(patients=24, seed=3), table)
    frame = pd.read_csv(table, dtype=str)
    patients = frame.iloc[:, 0]
    last = ~patients.duplicated(keep="last")
    frame["复发"] = np.where(last & patients.isin(patients.unique()[1::2]), "是", "否")
    frame.to_csv(table, index=False)
    with Clinic.open(db, plain=True) as clinic:
        import_files([table], clinic)
    train(Reporter(lambda event: None), db=str(db), name="m", epochs=3, device="cpu", compare="none")
    with Clinic.open(db, create=False) as clinic:
        yield clinic


def test_who_still_waits_is_told_a_chance_that_grows_with_time(fearing: Clinic):
    forecaster = forecasting.load(fearing, "m")
    assert forecaster.card["events"] == ["relapse"]
    waiting = next(iter(fearing.queries.patient_codes()))
    result = forecasting.predict(fearing, forecaster, waiting)
    living = Forecast.from_dict(result["curve"]).survival["relapse"]
    assert len(living) == forecasting.CURVE_POINTS
    assert all(0.0 < after <= before <= 1.0 for before, after in pairwise(living))
    assert living[-1] < living[0]
    with i18n.speaking("zh"):
        lines = forecasting.describe(forecasting.document(result, forecaster.card))
    assert any("届时未发生 复发" in line for line in lines)


def test_who_has_relapsed_is_told_none(fearing: Clinic):
    forecaster = forecasting.load(fearing, "m")
    codes = list(fearing.queries.patient_codes())
    result = forecasting.predict(fearing, forecaster, codes[1])
    assert Forecast.from_dict(result["forecast"]).survival == {}


def test_what_was_expected_of_the_last_visit_knew_of_no_relapse_at_it(fearing: Clinic):
    forecaster = forecasting.load(fearing, "m")
    plan = series.SeriesPlan.from_dict(forecaster.card["series"])
    case = fearing.queries.case(list(fearing.queries.patient_codes())[1])
    earlier = surprising.before_last(case)
    assert earlier is not None
    course = series.course(case, plan)
    assert [event.day for event in course.events] == [case.visits[-1].day]
    assert surprising.earlier_course(course, earlier, plan).events == ()
    assert forecasting.predict(fearing, forecaster, case.patient.code)["surprises"]
