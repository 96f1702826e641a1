"""The PDF report: searchable text as written, whole tables, A4 pages with numbers."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.reporting import build_report, write_pdf
from app.reporting.model import Report
from tests.app.reporting.conftest import card, make_case, make_forecast, png, visit


def full_report(case: Case, language: str = "zh", **options: str) -> Report:
    return build_report(
        case,
        forecast=make_forecast(case),
        card=card(),
        pictures={"timeline": png(1240, 780), "forecast": png(1240, 780)},
        clinic_name=options.get("clinic", "示范门诊"),
        language=language,
    )


def pages(report: Report) -> list[str]:
    from app.reporting.pdf import to_pdf

    return [page.extract_text() for page in PdfReader(io.BytesIO(to_pdf(report))).pages]


def pictures(page: PageObject) -> list[Any]:
    resources: Any = page["/Resources"]
    objects = [reference.get_object() for reference in resources.get("/XObject", {}).values()]
    return [item for item in objects if item["/Subtype"] == "/Image"]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_text_layer_holds_the_words_as_written(language, qapp):
    text = squeezed("".join(pages(full_report(make_case(4), language))))
    assert not [c for c in text if "\u2e80" <= c <= "\u2fdf" or "\uf900" <= c <= "\ufaff"]
    for words in ("示范门诊", "单雨喆", "血瘀", "酸枣仁汤", "2024-03-25", "1053", "0.671", "0.832", "90.2%"):
        if language == "en" and words == "血瘀":
            continue  # a disease the vocabulary may name in English
        assert words in text
    if language == "zh":
        for words in ("气血两虚", "弦细", "↓", "仅供参考，不替代医师诊断", "医师签名", "1.0(0.1–2.6)"):
            assert words in text
    else:
        assert "Forreferenceonly" in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_another_reader_finds_the_same_words(qapp, tmp_path):
    path = write_pdf(full_report(make_case(3)), tmp_path / "report.pdf")
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode("utf-8")
    for words in ("气血两虚", "血瘀", "单雨喆", "P007", "0.832", "2024-03-18"):
        assert words in squeezed(text)


def test_pages_are_a4_and_numbered(qapp):
    from app.reporting.pdf import to_pdf

    reader = PdfReader(io.BytesIO(to_pdf(full_report(make_case(16)))))
    count = len(reader.pages)
    assert count > 1
    for number, page in enumerate(reader.pages, 1):
        assert [float(x) for x in page.mediabox[2:]] == pytest.approx([595, 842], abs=1)
        assert f"第{number}页，共{count}页" in squeezed(page.extract_text())
    assert "P007" in reader.pages[1].extract_text()


def test_pictures_stay_sharp(qapp):
    from app.reporting.pdf import to_pdf

    reader = PdfReader(io.BytesIO(to_pdf(full_report(make_case(2)))))
    images = [image for page in reader.pages for image in pictures(page)]
    assert {(o["/Width"], o["/Height"]) for o in images} == {(1240, 780)}
    assert all("DCT" not in str(o["/Filter"]) for o in images)  # lossless


def test_a_table_longer_than_a_page_loses_no_row_and_repeats_its_head(qapp):
    scores = {f"x.item {n:03d}": 2.0 for n in range(90)}
    report = build_report(Case(Patient("A", "王喆"), (visit(1, scores), visit(2, scores))))
    some = pages(report)
    assert len(some) >= 3
    together = squeezed("".join(some))
    assert [n for n in range(90) if f"item{n:03d}" not in together] == []
    assert all("第2诊" in squeezed(page) for page in some[:2])


def test_no_heading_stands_alone_at_the_foot_of_a_page(qapp):
    from app.reporting.pdf import to_pdf

    above_text = ("病程对照", "最近处方", "疗效评价", "预测", "预测依据")
    for count in (1, 6, 12):
        for rows in (2, 17):
            scores = {f"x.item {n}": 2.0 for n in range(rows)}
            case = Case(Patient("A"), tuple(visit(n, scores) for n in range(1, count + 1)))
            for page in PdfReader(io.BytesIO(to_pdf(full_report(case)))).pages:
                lines = [squeezed(line) for line in page.extract_text().splitlines() if line.strip()]
                assert lines[-1] not in above_text
                titles = sum(line in ("病程时间轴", "预测图") for line in lines)
                assert titles == len(pictures(page))


def test_markup_in_data_stays_text(qapp):
    evil = '<img src="file:///etc/hostname"><b>喆</b>'
    text = squeezed("".join(pages(full_report(make_case(2, name=evil), clinic=evil))))
    assert text.count('<imgsrc="file:///etc/hostname"><b>喆</b>') >= 1


def test_a_course_without_visits_still_makes_a_page(qapp):
    (only,) = pages(build_report(Case(Patient("A", "王喆"), ())))
    assert "王喆" in only


def test_a_broken_picture_is_refused_and_the_old_file_stays(qapp, tmp_path):
    target = tmp_path / "report.pdf"
    target.write_bytes(b"before")
    with pytest.raises(KnownError, match="timeline"):
        write_pdf(build_report(make_case(1), pictures={"timeline": b"\x89PNG\r\n\x1a\nbroken"}), target)
    assert target.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["report.pdf"]


def test_a_place_that_cannot_be_written_is_told(qapp, tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "report.pdf"):
        with pytest.raises(KnownError):
            write_pdf(build_report(make_case(1)), place)
