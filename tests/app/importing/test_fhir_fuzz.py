"""Whatever stands anywhere in a bundle, it is read, or refused with entry, path and reason, and fit for the store."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.units import UnitConvention
from app.importing.fhir import read_bundle
from app.importing.report import ImportReport
from app.store.content import check_case
from tests.app.importing.test_fhir import about, bundle, observation, request
from tests.app.importing.test_fuzz import JSON, examples

pytestmark = pytest.mark.promise("R8")

RECORD = "https://mailiu.app/fhir/record"
QUANTITY = {"value": 38, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"}
DOSE = {"text": "三钱", "doseAndRate": [{"doseQuantity": {"value": 9, "unit": "g"}}]}
WHOLE = bundle(
    observation("体温", valueQuantity=QUANTITY, effectiveDateTime="2024-01-05"),
    observation("血压", component=[{"code": {"text": "收缩压"}, "valueQuantity": QUANTITY}]),
    observation("脉象", valueString="左弦右滑", extension=[{"url": RECORD, "valueString": '{"raw": "x"}'}]),
    {**observation("", valueInteger=3), "code": {"coding": [{"system": "https://mailiu.app/concept", "code": "a"}]}},
    about("Condition", code={"text": "不寐"}, recordedDate="2024-01-05"),
    request("归脾汤", note=[{"text": "黄芪15g 当归10g"}], groupIdentifier={"value": "1"}, dosageInstruction=[DOSE]),
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything inside, the deepest included."""
    parts: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    return [place for key, part in parts for place in ((*path, key), *places(part, (*path, key)))]


def put(whole: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = copy.deepcopy(whole)
    held = changed
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = value
    return changed


def taken_in(text: str, name: str) -> None:
    report = ImportReport()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            cases = read_bundle(path, UnitConvention.MODERN, report)
        except KnownError:
            return
    assert report.rows_read == report.rows_accepted + report.rows_refused
    assert all(refusal.row >= 1 and refusal.reason for refusal in report.refused)
    for case in cases:
        check_case(case)


ODD = st.one_of(
    JSON,
    st.sampled_from(
        ["=1+1", "1e400", 10**400, -0.0, 1e308, "2024-02-30", "0000-01-01", "9999-99-99", "Patient/1", "Encounter/e1",
         "#", "urn:uuid:p", "\ud800", "entered-in-error", RECORD, "pulse", "left.cun",
         {"reference": "Patient/1"}, {"coding": [{"code": "x"}]}, [{"text": "x"}], '{"number": 1e400}', '{"terms": 3}'],
    ),
)  # fmt: skip
PLACES = places(WHOLE)


@examples(300)
@given(st.sampled_from(PLACES), ODD, st.sampled_from(PLACES), ODD)
def test_anything_anywhere_in_a_bundle_is_read_or_refused(one: tuple, value: object, two: tuple, other: object):
    changed = put(WHOLE, one, value)
    with contextlib.suppress(KeyError, IndexError, TypeError):  # the first change may take the second's place away
        changed = put(changed, two, other)
    taken_in(json.dumps(changed), "a.json")
    entry = changed["entry"] if isinstance(changed.get("entry"), list) else []
    taken_in("\n".join(json.dumps(part) for part in entry), "a.ndjson")


@examples(100)
@given(st.integers(0, 4000), st.text(max_size=5))
def test_a_torn_bundle_is_read_or_refused(at: int, noise: str):
    text = json.dumps(WHOLE)
    taken_in(text[:at] + noise + text[at + len(noise) :], "a.json")
    taken_in(text[:at], "a.ndjson")


def test_the_bundle_that_is_mutated_is_read_whole():
    report = ImportReport()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(json.dumps(WHOLE), encoding="utf-8")
        read_bundle(path, UnitConvention.MODERN, report)
    assert (report.rows_accepted, report.refused) == (8, [])


@pytest.mark.parametrize("name", ["valueQuantity", "valueInteger", "valueString", "valueCodeableConcept", "code"])
def test_null_says_nothing(name: str):
    """Found by the long run: a component whose value is null."""
    for path in PLACES:
        if path[-1] == name:
            taken_in(json.dumps(put(WHOLE, path, None)), "a.json")
    for path in [path for path in PLACES if path[-1] == "valueQuantity"]:
        taken_in(json.dumps(put(WHOLE, (*path[:-1], name), None)), "a.json")
