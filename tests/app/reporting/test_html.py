"""The HTML report: self-contained, and data stays data."""

from __future__ import annotations

import re

import pytest

from app.domain.errors import KnownError
from app.reporting import build_report, to_html, write_html
from tests.app.reporting.conftest import card, make_case, make_forecast, png

EVIL = "<img src=file:///etc/passwd onerror=alert(1)><script>x</script>&\"'"


@pytest.mark.promise("R10")
def test_every_word_of_data_is_escaped():
    case = make_case(2, name=EVIL)
    report = build_report(
        case, forecast=make_forecast(case), card=card() | {"name": EVIL}, clinic_name=EVIL, pictures={EVIL: png()}
    )
    page = to_html(report)
    assert "<script" not in page
    assert "<img src=file" not in page
    assert page.count("&lt;script&gt;") >= 3


@pytest.mark.promise("R10")
def test_the_page_refers_to_nothing_outside_itself(case):
    page = to_html(build_report(case, pictures={"timeline": png(), "forecast": png()}))
    assert re.findall(r"(?:src|href)\s*=\s*\"(?!data:image/png;base64,)", page) == []
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert page.count("data:image/png;base64,") == 2


def test_the_page_says_what_the_report_says(case):
    page = to_html(build_report(case, forecast=make_forecast(case), card=card(beats=False), clinic_name="示范门诊"))
    for words in (
        "示范门诊",
        "单雨喆",
        "气血两虚",
        "血瘀",
        "↓",
        "未优于末次值",
        "仅供参考，不替代医师诊断",
        "医师签名",
    ):
        assert words in page
    assert '<html lang="zh-Hans">' in page
    assert '<html lang="en">' in to_html(build_report(case, language="en"))


def test_a_picture_that_is_no_png_is_refused(case):
    with pytest.raises(KnownError, match="timeline"):
        to_html(build_report(case, pictures={"timeline": b"<svg/>"}))


def test_the_file_is_written_whole_or_not_at_all(case, tmp_path):
    target = tmp_path / "report.html"
    target.write_text("before")
    with pytest.raises(KnownError):
        write_html(build_report(case, pictures={"timeline": b"no"}), target)
    assert target.read_text() == "before"
    write_html(build_report(case), target)
    assert "单雨喆" in target.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_told(case, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError):
        write_html(build_report(case), tmp_path / "file" / "report.html")
    with pytest.raises(KnownError):
        write_html(build_report(case), tmp_path)
