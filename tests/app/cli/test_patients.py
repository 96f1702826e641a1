"""Patients are listed and filtered on the terminal by the same questions as in the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run
from app.domain.patient_filter import PatientFilter
from app.store.clinic import Clinic
from tests.ui import people


@pytest.fixture
def db(tmp_path: Path) -> str:
    place = people.fill(tmp_path / "clinic.db")
    with Clinic.open(place) as clinic:
        clinic.marks.add_tag("P0001", "随访")
        clinic.marks.pin("P0005")
        clinic.filters.save("加重", PatientFilter(worse=True))
    return str(place)


def told(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    assert run(words) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def codes(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [row["number"] for row in json.loads(told([*words, "--json"], capsys))]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], 8),
        (["wangzhe"], 1),
        (["--tag", "随访"], 1),
        (["--diagnosis", "不寐"], 8),
        (["--syndrome", "肝郁阴虚"], 8),
        (["--syndrome", "心脾两虚"], 0),
        (["--formula", "酸枣仁汤"], 8),
        (["--herb", "柴胡", "--herb", "枣仁"], 8),
        (["--herb", "柴胡", "--herb", "人参"], 0),
        (["--seen-within", "0"], 0),
        (["--filter", "加重"], 3),
        (["--worse", "--sex", "M"], 1),
        (["--pinned"], 1),
    ],
)
def test_the_terminal_asks_what_the_window_asks(
    db: str, capsys: pytest.CaptureFixture[str], words: list[str], found: int
) -> None:
    assert len(codes(["patients", "--db", db, *words], capsys)) == found


def test_the_lines_tell_who_and_how_many(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(["patients", "--db", db, "--limit", "2"], capsys).splitlines()
    assert lines[0].startswith("P0005  李桂芳  F  67")
    assert lines[0].endswith("钉选")
    assert lines[1].endswith("随访")
    assert lines[2] == "共 8 位患者，显示 2 位。"
    assert told(["patients", "--db", db, "--limit", "0", "--worse"], capsys).strip() == "共 3 位患者，显示 0 位。"


def test_a_filter_that_is_none_is_refused_in_words(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有名为“消失”" in told(["patients", "--db", db, "--filter", "消失"], capsys, code=1)
    assert "sex" in told(["patients", "--db", db, "--sex", "X"], capsys, code=1)
