from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from hypothesis import HealthCheck, given, settings

from app.domain.deidentify import MAX_SHIFT, Deidentifier
from app.domain.records import Case, Observation, Patient, ValueKind
from tests.app.store.arbitrary_cases import arbitrary
from tests.app.store.cases import simulated

KEY, OTHER = b"k" * 32, b"o" * 32


def test_name_birth_date_and_number_are_gone_and_sex_and_age_are_there():
    case = simulated(3)
    found = Deidentifier(KEY).case(case).patient
    assert (found.name, found.birth_date, found.sex) == ("", None, case.patient.sex)
    assert found.age == 53
    assert found.code != case.patient.code and len(found.code) == 16


def test_everyone_of_90_and_more_is_told_as_90():
    old = Case(Patient("1", age=101.0), ())
    born = dataclasses.replace(simulated(1), patient=Patient("2", birth_date=dt.date(1920, 1, 1)))
    assert [Deidentifier(KEY).case(case).patient.age for case in (old, born)] == [90.0, 90.0]
    assert Deidentifier(KEY).case(Case(Patient("3", age=89.0), ())).patient.age == 89.0


def test_the_same_key_gives_the_same_pseudonym_and_shift_and_another_key_others():
    first, again, other = Deidentifier(KEY), Deidentifier(KEY), Deidentifier(OTHER)
    codes = [f"P{n}" for n in range(500)]
    assert [first.pseudonym(c) for c in codes] == [again.pseudonym(c) for c in codes]
    assert len({first.pseudonym(c) for c in codes} | {other.pseudonym(c) for c in codes}) == 1000
    shifts = [first.shift(c) for c in codes]
    assert shifts == [again.shift(c) for c in codes] != [other.shift(c) for c in codes]
    assert all(-MAX_SHIFT <= shift <= -1 for shift in shifts) and len(set(shifts)) > 200


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=arbitrary())
def test_intervals_stay_and_numbers_are_untouched(case: Case):
    found = Deidentifier(KEY).case(case)
    assert [v.day for v in found.visits] == [v.day for v in case.visits]
    dates = [
        (after.date, before.date)
        for after, before in zip(found.visits, case.visits, strict=True)
        if after.date and before.date
    ]
    assert len({after - before for after, before in dates}) <= 1
    assert [o.number for v in found.visits for o in v.observations] == [
        o.number for v in case.visits for o in v.observations
    ]


def test_every_text_of_a_case_is_cleaned():
    secret = "欧阳娜娜"
    case = simulated(1, visits=1, name="王小明")

    def marked(value: Any) -> Any:
        """The same record with the names in every text of it."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: marked(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name != "sex"}
            return dataclasses.replace(value, **fields)
        if isinstance(value, tuple):
            return tuple(map(marked, value))
        return f"{value} {secret} 王小明" if type(value) is str else value

    everywhere = dataclasses.replace(marked(case), attributes={"arm": f"{secret} a", "介绍人": secret})
    found = Deidentifier(KEY, [secret, "王小明"], ["P00001"]).case(everywhere)
    text = json.dumps(dataclasses.asdict(found), ensure_ascii=False, default=str)
    assert secret not in text
    assert "王小明" not in text
    assert "P00001" not in text


def test_attributes_are_kept_by_a_list_or_all_of_them_cleaned():
    case = Case(Patient("1", "王小明"), (), {"arm": "a", "邮箱": "a@b.cn", "王小明": "x"})
    assert Deidentifier(KEY).case(case).attributes == {"arm": "a"}
    assert Deidentifier(KEY, attributes=None).case(case).attributes == {"arm": "a", "邮箱": "[号码]", "[姓名]": "x"}


def test_codes_of_the_vocabulary_stay_as_they_are():
    seen = Observation("sym.insomnia", ValueKind.SCORE, 2.0)
    visit = dataclasses.replace(simulated(1, visits=1).visits[0], observations=(seen,))
    found = Deidentifier(KEY, ["失眠人"]).case(Case(Patient("1"), (visit,)))
    assert found.visits[0].observations == (seen,)
    assert found.visits[0].pulses == visit.pulses
    assert found.visits[0].prescriptions == visit.prescriptions
