"""The prescription sheet: one language, and ink on paper whatever the window looks like."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from app import i18n
from app.domain.records import Case
from app.reporting.pdf import sheet_document
from app.reporting.sheet import prescription_sheet
from app.store.signatures import Signed

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")


def sheet(case: Case) -> str:
    """Of the last visit, a dose of which was signed for a second time."""
    last = case.visits[-1]
    now = dt.datetime(2024, 3, 18, 9)
    signed = Signed(last.number, "dose_above", ("herb.suanzaoren",), "as the case asks", "Li", now, "")
    return prescription_sheet(case, last, [signed])


def test_an_english_sheet_holds_no_chinese_but_what_a_physician_wrote(case: Case) -> None:
    with i18n.speaking("en"):
        text = sheet(case)
    written = {case.patient.name, "气血两虚", "血瘀", "酸枣仁汤", "川芎"}  # the last: of a code that no list holds
    assert set(HAN.findall(text)) <= written
    assert "Signed again for suānzǎorén: as the case asks (Li)" in text
    assert "7 doses, one dose a day" in text


def test_a_chinese_sheet_names_herbs_as_they_are_written(case: Case) -> None:
    assert "酸枣仁 15 g" in sheet(case)
    assert "7 剂，" in sheet(case) or "7剂，" in sheet(case)


@pytest.fixture
def dark(qapp: QApplication):
    before = qapp.palette()
    light_on_dark = QPalette(before)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        light_on_dark.setColor(role, QColor("#E7EAE7"))
    qapp.setPalette(light_on_dark)
    yield
    qapp.setPalette(before)


def darkest(text: str) -> list[int]:
    """Of each fifth of a painted page, from top to bottom: 0 black, 255 white."""
    document = sheet_document(text)
    document.setPageSize(QSizeF(500, 700))
    image = QImage(500, 700, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    document.drawContents(painter)
    painter.end()
    tall = int(document.size().height())
    grey = [min(image.pixelColor(x, y).lightness() for x in range(500)) for y in range(min(tall, 700))]
    step = len(grey) // 5
    return [min(grey[at : at + step]) for at in range(0, 5 * step, step)]


def test_a_dark_window_prints_dark_letters(case: Case, dark: None) -> None:
    assert max(darkest(sheet(case))) < 120
