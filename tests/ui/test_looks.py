"""Each checker of looks sees what is wrong on a widget that is wrong on purpose, and nothing on one that is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui import theme, translation
from app.ui.labels import SafeLabel
from tests.ui import looks, people

LONG = "Learned from 128 cases and 1,103 visits"


@pytest.fixture
def room(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    return widget


def put(room: QWidget, widget: QWidget, width: int, height: int = 30) -> QWidget:
    """Without a layout: as narrow as the test wants it."""
    widget.setParent(room)
    widget.setGeometry(10, 10, width, height)
    room.show()
    widget.show()
    return widget


def combo() -> QComboBox:
    box = QComboBox()
    box.addItem(LONG)
    return box


def hinted() -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(LONG)
    return line


def tabs() -> QTabWidget:
    made = QTabWidget()
    made.addTab(QWidget(), LONG)
    made.setStyleSheet("QTabBar::tab { max-width: 60px; }")
    return made


def headed() -> QTableWidget:
    table = QTableWidget(1, 1)
    table.setHorizontalHeaderLabels([LONG])
    table.setColumnWidth(0, 40)
    return table


class Painted(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font())
        painter.drawText(QRect(0, 0, self.width(), 20), int(Qt.AlignmentFlag.AlignLeft), LONG)


NARROW: dict[str, Callable[[], QWidget]] = {
    "label": lambda: SafeLabel(LONG),
    "wrapped label": lambda: SafeLabel(LONG, wrap=True),
    "shortened label": lambda: SafeLabel(LONG, elide=True),
    "button": lambda: QPushButton(LONG),
    "check box": lambda: QCheckBox(LONG),
    "combo box": combo,
    "hint": hinted,
    "date": QDateEdit,
    "tabs": tabs,
    "heading": headed,
    "painted words": Painted,
}


@pytest.mark.parametrize("kind", NARROW)
def test_a_text_that_is_cut_is_seen(room: QWidget, kind: str) -> None:
    put(room, NARROW[kind](), 24 if kind in ("shortened label", "date") else 60, 120 if kind == "heading" else 30)
    found = looks.clipped(room, looks.painted_texts(room))
    assert found, kind
    assert all("lacks" in one.what or "shortened to nothing" in one.what for one in found)


@pytest.mark.parametrize("kind", [kind for kind in NARROW if kind not in ("tabs", "heading")])
def test_a_text_with_room_is_not(room: QWidget, kind: str) -> None:
    put(room, NARROW[kind](), 420)
    assert looks.clipped(room, looks.painted_texts(room)) == []


def test_a_label_that_is_too_low_is_seen(room: QWidget) -> None:
    put(room, SafeLabel(LONG), 500, 8)
    assert "of height" in looks.clipped(room)[0].what


def test_a_character_the_font_lacks_is_seen(room: QWidget) -> None:
    put(room, SafeLabel("喆 ↓ 5 better"), 300)
    assert looks.missing_glyphs(looks.shown_texts(room)) == []
    put(room, SafeLabel("\u2039 \U0001f600"), 300)
    (found,) = looks.missing_glyphs(looks.shown_texts(room))
    assert "U+2039" in found.what
    assert "U+1F600" in found.what


def test_a_text_in_a_font_of_the_machine_is_seen(room: QWidget) -> None:
    label = SafeLabel("Forecast")
    put(room, label, 300)
    font = label.font()
    font.setFamily("Monospace")
    label.setFont(font)
    assert "Monospace" in looks.missing_glyphs(looks.shown_texts(room))[0].what


def words(room: QWidget, language: str, data: looks.Data | None = None) -> list[str]:
    texts = [*looks.shown_texts(room), *looks.painted_texts(room)]
    return [one.what for one in looks.foreign(texts, language, data or looks.Data())]


def test_english_in_a_chinese_window_is_seen(room: QWidget) -> None:
    put(room, SafeLabel("What it rests on"), 300)
    assert any("is a source of the catalogue" in one for one in words(room, "zh"))
    assert words(room, "en") == []


def test_a_source_with_its_fields_filled_in_is_seen(room: QWidget) -> None:
    put(room, SafeLabel("Visit 6 is saved"), 300)
    assert any("is a source" in one for one in words(room, "zh"))


def test_a_strange_word_within_chinese_is_seen(room: QWidget) -> None:
    put(room, SafeLabel("失眠 (severity)"), 300)
    assert any("severity" in one for one in words(room, "zh"))


def test_chinese_in_an_english_window_is_seen(room: QWidget) -> None:
    put(room, SafeLabel("第 6 诊已保存"), 300)
    assert any("is a translation" in one for one in words(room, "en"))
    assert words(room, "zh") == []


def test_a_source_that_names_chinese_terms_is_english(room: QWidget) -> None:
    put(room, SafeLabel("Formula and changes, such as 酸枣仁汤 去黄连 加百合12"), 400)
    assert words(room, "en") == []


def test_names_and_herbs_of_a_record_are_in_neither_language(room: QWidget) -> None:
    put(room, SafeLabel("欧阳静 · 酸枣仁汤"), 300)
    assert words(room, "en", looks.Data(people.cases())) == []
    assert words(room, "en") != []


def test_a_name_for_screen_readers_in_the_other_language_is_seen(room: QWidget) -> None:
    put(room, QWidget(), 30).setAccessibleName("Close this notice")
    assert words(room, "zh") != []


def test_words_that_are_painted_are_heard(room: QWidget) -> None:
    put(room, Painted(), 400)
    assert [one.words for one in looks.painted_texts(room)] == [LONG]


def test_neighbours_that_overlap_are_seen(room: QWidget) -> None:
    put(room, QPushButton("One"), 100)
    second = put(room, QPushButton("Two"), 100)
    (found,) = looks.overlapping(room)
    assert "share 100 x 30 px" in found.what
    second.move(110, 10)
    assert looks.overlapping(room) == []


def test_a_widget_beyond_the_edge_is_seen(room: QWidget) -> None:
    widget = put(room, QPushButton("One"), 100)
    assert looks.outside(room) == []
    widget.move(550, 10)
    assert "550,10 100 x 30 in 600 x 400" in looks.outside(room)[0].what


def test_what_can_be_scrolled_to_is_not_beyond_the_edge_and_what_cannot_is(room: QWidget) -> None:
    area, content = QScrollArea(), QWidget()
    content.setMinimumSize(900, 900)
    area.setWidget(content)
    put(room, area, 200, 200)
    assert looks.outside(room) == []
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    assert "cannot be scrolled to" in looks.outside(room)[0].what


def test_a_control_without_a_name_is_seen(room: QWidget) -> None:
    line = put(room, QLineEdit(), 100)
    assert [one.kind for one in looks.nameless(room)] == ["name"]
    line.setAccessibleName("Search patients")
    assert looks.nameless(room) == []


def test_the_label_beside_a_field_names_it(room: QWidget) -> None:
    row, label, line = QHBoxLayout(room), SafeLabel("User"), QLineEdit()
    label.setBuddy(line)
    row.addWidget(label)
    row.addWidget(line)
    room.show()
    assert looks.nameless(room) == []


def test_a_plain_form_looks_right(room: QWidget, qapp: QApplication) -> None:
    translation.install(qapp, "zh")
    column = QVBoxLayout(room)
    field, button = QLineEdit(), QPushButton("保存")
    field.setPlaceholderText("姓名、拼音、首字母、编号")
    field.setAccessibleName("搜索患者")
    for widget in (SafeLabel("患者"), field, button):
        column.addWidget(widget)
    room.show()
    assert looks.findings("zh", looks.Data()) == []
