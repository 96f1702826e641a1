"""Comparisons on the command line, and what the audit log is told of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from app.cli import run
from app.store.clinic import Clinic
from tests.app.cli.test_records import told
from tests.ui import people


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(people.fill(tmp_path_factory.mktemp("compare") / "clinic.db"))


def compared(db: str, capsys: pytest.CaptureFixture[str], *words: str):
    return json.loads(told(["compare", "--db", db, *words, "--json"], capsys))


def test_the_first_and_last_visit_are_compared_where_none_are_named(db: str, capsys: pytest.CaptureFixture[str]):
    (found,) = compared(db, capsys, "P0001")
    assert found["visits"] == [1, 7]
    assert found["effects"][0]["index"] == pytest.approx(10 / 12)
    assert found["effects"][0]["class"] == "显效"
    insomnia = next(row for row in found["rows"] if row["subject"] == "sym.insomnia")
    assert [cell["number"] for cell in insomnia["cells"]] == [6, 1]
    assert insomnia["cells"][1]["verdict"] == "better"


def test_lines_tell_the_same_in_words(db: str, capsys: pytest.CaptureFixture[str]):
    text = told(["compare", "P0001", "--visits", "1,3,5", "--changed", "--db", db], capsys)
    assert "[症状]" in text
    assert "失眠\t6\t4 ↓ 2 好转\t2 ↓ 2 好转" in text
    assert "酸枣仁\t16 g\t18 g ↑ 2 g\t20 g ↑ 2 g" in text
    assert "左关" not in text
    assert "总分 12 → 5，依据两诊均评分的 3 项症状" in text


def test_a_course_before_and_under_a_formula(db: str, capsys: pytest.CaptureFixture[str]):
    (found,) = compared(db, capsys, "P0001", "--formula", "酸枣仁汤加减")
    assert found["visits"] == [1, 7]
    assert "用过的方有：酸枣仁汤" in told(["compare", "P0001", "--formula", "六味地黄丸", "--db", db], capsys, code=1)


def test_two_patients_are_aligned_and_both_looks_are_logged(db: str, capsys: pytest.CaptureFixture[str]):
    found = compared(db, capsys, "P0001", "--with", "P0002", "--by", "visits")
    first, second = found["courses"]
    assert [point["at"] for point in second["points"]] == [1, 2, 3, 4]
    assert first["effect"]["class"] == "显效"
    assert second["effect"]["index"] < 0
    assert found["herbs"]["shared"] == ["herb.suanzaoren", "herb.chaihu", "herb.huanglian"]
    with Clinic.open(Path(db), create=False) as clinic:
        views = clinic.audit.entries(action="view", limit=2)
    assert [entry.detail["patient"] for entry in views] == ["P0002", "P0001"]
    assert "两人同用：酸枣仁、柴胡、黄连" in told(["compare", "P0001", "--with", "P0002", "--db", db], capsys)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--visits", "1,9"], 1, "没有第 9 诊"),
        (["--visits", "1,1"], 2, "两个至 4 个不同的诊次"),
        (["--visits", "1", "--with", "P0002"], 2, "只能给出其一"),
        (["--with", "P0002", "--by", "weeks"], 2, "days | visits"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    db: str, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
):
    assert said in told(["compare", "P0001", *words, "--db", db], capsys, code=code)


def test_help_tells_of_it(capsys: pytest.CaptureFixture[str]):
    assert run(["compare", "--help"]) == 0
    assert "--formula" in capsys.readouterr().out


def test_the_history_of_one_field_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    db = people.fill(tmp_path / "clinic.db")
    with Clinic.open(db, create=False) as clinic:
        record = clinic.patients.open("P0001")
        first = record.case.visits[0]
        without = dataclasses.replace(first, observations=first.observations[1:])
        clinic.visits.change_visit("P0001", 1, without, version=record.visits[1])
    words = ["history", "--patient", "P0001", "--visit", "1", "--db", str(db), "--field"]
    assert "失眠  6 → 未记录" in told([*words, "失眠"], capsys)
    assert "失眠  6 → 未记录" in told([*words, "sym.insomnia"], capsys)
    assert told([*words, "心悸"], capsys) == ""
