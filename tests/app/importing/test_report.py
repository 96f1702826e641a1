"""The import report: complete, aggregated, saved whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.importing.report import VALUE_SHOWN, ImportReport


def test_every_refusal_is_kept_in_order():
    report = ImportReport()
    for row in range(2, 5002):
        report.refuse("a.csv", row, "值", "x", "不是数值")
    written = report.to_dict()["refused"]
    assert len(written) == 5000
    assert written[0] == {"file": "a.csv", "row": 2, "column": "值", "value": "x", "reason": "不是数值"}


def test_equal_normalisations_are_counted_on_one_line_commonest_first():
    report = ImportReport()
    report.normalise("男", "M", "性别")
    for _ in range(3):
        report.normalise("女", "F", "性别")
    assert report.normalised == [
        {"from": "女", "to": "F", "rule": "性别", "count": 3},
        {"from": "男", "to": "M", "rule": "性别", "count": 1},
    ]


def test_a_long_value_is_cut_and_a_torn_character_made_visible():
    report = ImportReport()
    report.refuse("a.csv", 2, "c", "长" * 1000, "r")
    report.refuse("a.csv", 3, "c", "\ud800\x00", "r")
    assert len(report.refused[0].value) == VALUE_SHOWN
    assert report.refused[1].value == "\\ud800\\0"


def test_the_saved_report_is_json_with_the_promised_fields(tmp_path: Path):
    report = ImportReport(rows_read=3, rows_accepted=2, rows_refused=1)
    report.refuse("a.csv", 2, "c", 1.5, "r")
    report.save(tmp_path / "r.json")
    read = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    promised = (
        "rows_read rows_accepted rows_refused patients visits visits_with_symptom pulse_terms_total pulse_terms_coded "
        "herb_items_total herb_items_mapped refused normalised"
    )
    assert set(promised.split()) <= set(read)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_report_that_cannot_be_written_is_refused_with_its_path(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(KnownError, match="report"):
        ImportReport().save(tmp_path / "report.json")


def test_the_summary_tells_what_was_refused_and_that_more_was():
    report = ImportReport(rows_read=20, rows_accepted=5, rows_refused=15)
    for row in range(15):
        report.refuse("a.csv", row, "", "v", "why")
    lines = report.summary()
    assert "15" in lines[0]
    assert sum("why" in line for line in lines) == 10
    assert any("5" in line and "a.csv" not in line for line in lines[-2:])
