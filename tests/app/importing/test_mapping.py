"""Columns are recognised by header and value, shown, saved, and checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.domain.records import ValueKind
from app.importing.mapping import Mapping, suggest
from app.importing.roles import Role
from tests.app.importing.tables_in_text import table_of

CLINIC = (
    "病历号,姓名,性别,年龄,就诊日期,诊次,主诉,诊断,证型,失眠,口苦,体重(kg),舌质,舌苔,左寸,左关,左尺,右寸,右关,右尺,方名,处方,剂数,疗效,备注\n"
    "1,张三,女,40,2024-01-01,1,失眠,不寐,心脾两虚证,6,2,61.5,淡,白,弦,弦,沉,弱,弱,沉,归脾汤,黄芪15g,7,有效,\n"
    "1,张三,女,40,2024-01-09,2,失眠,不寐,心脾两虚证,4,1,61,淡,白,弦,弦,沉,弱,弱,沉,归脾汤,黄芪15g,7,有效,\n"
)


def test_every_column_of_a_clinic_sheet_is_recognised(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, CLINIC))
    assert mapping.kind == "wide"
    assert Role.IGNORE not in mapping.columns.values()
    assert mapping.columns["左关"] == Role.LEFT_GUAN
    assert mapping.columns["证型"] == Role.SYNDROME
    assert [h for h, role in mapping.columns.items() if role == Role.OBSERVATION] == ["失眠", "口苦", "体重(kg)"]


def test_symptom_columns_get_their_concept_and_scale(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, CLINIC))
    insomnia, weight = mapping.variables["失眠"], mapping.variables["体重(kg)"]
    assert (insomnia.concept, insomnia.scale, insomnia.kind) == ("sym.insomnia", "main", ValueKind.SCORE)
    assert (weight.code, weight.unit, weight.scale) == ("x.体重", "kg", "")


def test_one_mistyped_score_does_not_change_the_scale(tmp_path: Path):
    rows = "".join(
        f"{n},2024-01-{n:02d},{score}\n" for n, score in enumerate([0, 2, 4, 6, 2, 4, 2, 0, 6, 4, 7], start=1)
    )
    mapping = suggest(table_of(tmp_path, "病历号,日期,失眠\n" + rows))
    assert mapping.variables["失眠"].scale == "main"


def test_a_scale_to_one_hundred_is_a_number_with_limits(tmp_path: Path):
    rows = "".join(f"{n},2024-01-{n:02d},{n * 9}\n" for n in range(1, 11))
    assert suggest(table_of(tmp_path, "病历号,日期,失眠\n" + rows)).variables["失眠"].scale == "vas100"


def test_variable_and_value_columns_make_a_long_table(tmp_path: Path):
    text = "patient,time,variable,value,unit,trt\n1,0,bili,1.2,mg/dl,1\n1,7,edema,none,,1\n2,0,bili,3,mg/dl,2\n"
    mapping = suggest(table_of(tmp_path, text))
    assert mapping.kind == "long"
    assert mapping.columns["trt"] == Role.STATIC
    assert mapping.variables["bili"].unit == "mg/dl"
    assert mapping.variables["edema"].kind == ValueKind.TEXT
    assert mapping.variables["edema"].code == "x.edema"  # an English name is the study's own, not the vocabulary's


def test_a_column_called_time_that_holds_dates_is_a_date(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, "id,time,variable,value\n1,2024-01-05,x,1\n"))
    assert mapping.columns["time"] == Role.DATE


def test_the_order_of_day_and_month_is_found_where_a_value_proves_it(tmp_path: Path):
    proven = suggest(table_of(tmp_path, "id,date,x\n1,03/05/2024,1\n1,25/05/2024,2\n"))
    open_ = suggest(table_of(tmp_path, "id,date,x\n1,03/05/2024,1\n1,04/05/2024,2\n"))
    assert (proven.date_style, open_.date_style) == ("dmy", "auto")


def test_hours_are_seen_in_the_header(tmp_path: Path):
    assert suggest(table_of(tmp_path, "id,hours,variable,value\n1,2,x,1\n")).time_unit == "hour"


def test_columns_that_look_private_or_unknown_are_not_imported(tmp_path: Path):
    rows = "".join(f"{n},2024-01-01,某路{n}号,{n}\n" for n in range(30))
    mapping = suggest(table_of(tmp_path, "病历号,日期,地址,x\n" + rows))
    assert mapping.columns["地址"] == Role.IGNORE


def test_words_that_come_back_are_an_observation_in_text_or_a_fact_of_the_patient(tmp_path: Path):
    rows = "".join(f"{n % 3},2024-01-{n:02d},{'yes' if n % 2 else 'no'},{'abc'[n % 3]}\n" for n in range(1, 20))
    mapping = suggest(table_of(tmp_path, "id,date,smoke,arm\n" + rows))
    assert mapping.columns["smoke"] == Role.OBSERVATION
    assert mapping.variables["smoke"].kind == ValueKind.TEXT
    assert mapping.columns["arm"] == Role.STATIC


def test_a_table_without_a_patient_is_refused_with_its_columns(tmp_path: Path):
    with pytest.raises(KnownError, match="高度"):
        suggest(table_of(tmp_path, "高度,宽度\n1,2\n"))


def test_a_name_serves_as_the_patient_where_there_is_no_number(tmp_path: Path):
    assert suggest(table_of(tmp_path, "姓名,日期,失眠\n张三,2024-01-01,2\n")).columns["姓名"] == Role.PATIENT


def test_a_mapping_survives_saving_and_loading(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, CLINIC))
    mapping.save(tmp_path / "m.json")
    assert Mapping.load(tmp_path / "m.json") == mapping


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"kind": "tall"}, "kind"),
        ({"kind": "wide", "columns": {"a": "patiant"}}, "columns.a"),
        (
            {"kind": "wide", "columns": {"a": "patient"}, "variables": {"x": {"name": "x", "lower": "low"}}},
            "variables.x.lower",
        ),
        ({"kind": "wide", "columns": {"a": "patient"}, "colour": 1}, "colour"),
    ],
)
def test_a_wrong_mapping_names_the_field(tmp_path: Path, content: dict, field: str):
    (tmp_path / "m.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(KnownError, match=field.replace(".", r"\.")):
        Mapping.load(tmp_path / "m.json")


@pytest.mark.parametrize(
    "columns",
    [{}, {"a": "patient", "b": "patient"}],
)
def test_a_mapping_needs_exactly_one_patient_column(tmp_path: Path, columns: dict):
    (tmp_path / "m.json").write_text(json.dumps({"kind": "wide", "columns": columns}), encoding="utf-8")
    with pytest.raises(KnownError, match=r"m\.json"):
        Mapping.load(tmp_path / "m.json")


def test_a_mapping_that_is_no_json_is_refused(tmp_path: Path):
    (tmp_path / "m.json").write_text("{", encoding="utf-8")
    with pytest.raises(KnownError, match=r"m\.json"):
        Mapping.load(tmp_path / "m.json")


def test_a_mapping_of_other_columns_than_the_table_has_is_refused(tmp_path: Path):
    mapping = Mapping(kind="wide", columns={"号": Role.PATIENT, "备用": Role.IGNORE})
    with pytest.raises(KnownError, match="号"):
        mapping.check(table_of(tmp_path, "id,v\n1,2\n"))


def test_a_mapping_from_another_process_is_checked_like_a_saved_one(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, CLINIC))
    assert Mapping.of(mapping.model_dump(mode="json")) == mapping
    with pytest.raises(KnownError, match="kind"):
        Mapping.of({"kind": "tall"})


def test_the_description_shows_every_column_in_order(tmp_path: Path):
    lines = suggest(table_of(tmp_path, CLINIC)).describe()
    assert len(lines) == 1 + 25
    assert any(line.startswith("失眠 →") and "sym.insomnia" in line and "0/2/4/6" in line for line in lines)
