"""A kept mapping is found by the headers, and serves as long as it fits the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.importing.mapping import Mapping, suggest
from app.importing.profiles import apply_profile, header_signature
from app.importing.roles import Role
from tests.app.importing.tables_in_text import table_of

TEXT = "病历号,就诊日期,Score,备用\n1,2024-01-05,2,\n1,2024-01-12,1,\n"


def settled(folder: Path) -> Mapping:
    mapping = suggest(table_of(folder, TEXT))
    variables = {"Score": mapping.variables["Score"].model_copy(update={"unit": "分", "upper": 3.0})}
    return mapping.model_copy(update={"variables": variables, "header_row": 1, "encoding": "utf-8"})


@given(st.lists(st.text(max_size=6), max_size=6), st.randoms(use_true_random=False))
def test_the_signature_does_not_depend_on_order_width_or_case(headers: list[str], random):
    shuffled = list(headers)
    random.shuffle(shuffled)
    assert header_signature(headers, "wide") == header_signature(shuffled, "wide")


def test_the_signature_tells_columns_and_kinds_apart():
    one = header_signature(["病历号", "Ａge"], "wide")
    assert one == header_signature([" aGE", "病历号"], "wide")
    assert len({one, header_signature(["病历号"], "wide"), header_signature(["病历号", "age"], "long")}) == 3
    assert header_signature(["ab", "c"], "") != header_signature(["a", "bc"], "")


def test_a_profile_serves_a_table_of_the_same_columns_spelt_otherwise(tmp_path: Path):
    again = table_of(tmp_path, "ＳＣＯＲＥ,病历号,就诊日期\n2,1,2024-02-01\n", "b.csv")
    fitted = apply_profile(again, settled(tmp_path))
    assert fitted is not None
    assert fitted.columns == {"SCORE": Role.OBSERVATION, "病历号": Role.PATIENT, "就诊日期": Role.DATE}
    assert (fitted.variables["SCORE"].upper, fitted.header_row, fitted.encoding) == (3.0, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "病历号,就诊日期,备用\n1,2024-01-05,\n",  # a column that was used is missing
        "病历号,就诊日期,Score,备用,新列\n1,2024-01-05,2,,3\n",  # a column nobody has decided on
        "病历号,就诊日期,Score,备用\n1,05/02/2024,2,\n1,2024-01-05,2,\n1,07/02/2024,2,\n",  # another style of dates
    ],
)
def test_a_profile_that_no_longer_fits_is_not_applied(tmp_path: Path, text: str):
    assert apply_profile(table_of(tmp_path, text, "b.csv"), settled(tmp_path)) is None


def test_a_mapping_is_kept_as_json_with_its_version(tmp_path: Path):
    mapping = settled(tmp_path)
    assert json.loads(mapping.to_json())["version"] == 2
    assert Mapping.from_json(mapping.to_json()) == mapping


def test_a_mapping_of_an_older_version_is_understood_and_of_a_newer_one_refused():
    old = '{"version": 1, "kind": "wide", "columns": {"号": "patient"}, "date_format": "mdy"}'
    assert Mapping.from_json(old).date_style == "mdy"
    with pytest.raises(KnownError, match="3"):
        Mapping.from_json(old.replace('"version": 1', '"version": 3'))
    with pytest.raises(KnownError, match=r"a\.json"):
        Mapping.from_json("[]", "a.json")
