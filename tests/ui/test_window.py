"""The window as a whole: patients, pages, language, dress, and nothing left when it closes."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QTableWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from app.store.clinic import Clinic
from app.ui import theme, translation
from app.ui.pages.patients import DEBOUNCE_MS
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow, settle
from tests.ui.seen import listed


def search(window: MainWindow, qtbot: QtBot, text: str) -> list[str]:
    window.patients.field.clear()
    if text.isascii():
        qtbot.keyClicks(window.patients.field, text)
    else:  # comes from an input method, not from keys
        window.patients.field.insert(text)
    qtbot.wait(DEBOUNCE_MS + 60)
    return listed(window)


def test_opening_a_clinic_lists_its_patients_and_chooses_the_first(window: MainWindow) -> None:
    assert len(listed(window)) == len(people.NAMES)
    assert window.session.case is not None
    assert window.session.case.patient.code == listed(window)[0]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("陈素云", "P0001"), ("chensu", "P0001"), ("csy", "P0001"), ("P0004", "P0004"), ("szy", "P0002")],
)
def test_a_patient_is_found_by_name_pinyin_initials_or_number(
    window: MainWindow, qtbot: QtBot, typed: str, found: str
) -> None:
    assert search(window, qtbot, typed) == [found]


def test_typing_waits_a_moment_before_it_searches(window: MainWindow, qtbot: QtBot) -> None:
    before = listed(window)
    qtbot.keyClicks(window.patients.field, "chensuyun")
    assert listed(window) == before
    qtbot.waitUntil(lambda: listed(window) == ["P0001"])


def test_a_search_without_result_says_so_and_keeps_the_patient_on_screen(window: MainWindow, qtbot: QtBot) -> None:
    case = window.session.case
    assert search(window, qtbot, "nobody at all") == []
    assert "No patient found" in texts(window.patients)
    assert window.session.case is case


def test_choosing_a_patient_shows_header_and_timeline(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    assert window.header.name.text() == "陈素云"
    assert window.header.about.text() == "F 46 years · 不寐 肝郁阴虚 · visit 7 · 84 days"
    assert window.header.effect.text() == "83% markedly better"
    assert window.timeline.view.sheet is not None
    qtbot.waitUntil(lambda: window.outlook is not None)


def test_a_worse_course_is_told_in_red(window: MainWindow) -> None:
    window.choose("P0002")
    assert window.header.effect.text().startswith("−")
    assert window.header.effect.palette().windowText().color() == theme.current().color("red")


def test_the_forecast_panel_gives_intervals_and_what_they_rest_on(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    qtbot.waitUntil(lambda: window.outlook is not None)
    panel = window.timeline.panel
    assert "+7 days" in texts(panel)
    assert "+30 days" in texts(panel)
    assert sum("–" in text for text in texts(panel)) >= 6
    assert "128 cases, 1,103 visits" in panel.basis
    assert "18% lower" in panel.verdict.text()
    assert panel.disclaimer.isVisibleTo(window)


def test_the_best_simple_forecast_stands_beside_the_models_error(window: MainWindow) -> None:
    assert window.outlook is not None
    panel = window.timeline.panel
    assert "Error 0.720; repeating the last value 0.880; best simple forecast (trees) 0.740" in panel.basis
    card = people.card()
    card["score"] |= {"trees": 0.7, "beats_simple": False}
    panel.show_outlook(window.outlook, card)
    assert "no better than the best simple forecast (trees) 0.700" in panel.basis


def test_the_table_of_a_model_follows_language_and_dress(window: MainWindow, qapp: QApplication) -> None:
    def cell(column: int) -> QTableWidgetItem:
        found = window.training.detail.item(0, column)
        assert found is not None
        return found

    assert cell(0).text() == "Insomnia"
    translation.install(qapp, "zh")
    theme.apply(qapp, "dark")
    assert cell(0).text() == "失眠"
    assert cell(3).foreground().color() == theme.current().color("green")


def test_a_model_that_does_not_beat_the_last_value_is_told_to_be_unreliable(window: MainWindow) -> None:
    assert window.outlook is not None
    window.timeline.panel.show_outlook(window.outlook, people.card(beats=False))
    assert "do not rely on it" in window.timeline.panel.verdict.text()
    assert window.timeline.panel.verdict.palette().windowText().color() == theme.current().color("red")


def test_next_and_previous_go_through_the_list_and_stop_at_its_ends(window: MainWindow) -> None:
    order = listed(window)
    window.next_patient()
    assert window.patients.current() == order[1]
    window.previous_patient()
    window.previous_patient()
    assert window.patients.current() == order[0]
    for _ in range(len(order) + 3):
        window.next_patient()
    assert window.patients.current() == order[-1]


def test_going_quickly_through_patients_forecasts_only_the_last(window: MainWindow, qtbot: QtBot) -> None:
    service = window.forecaster._service
    assert isinstance(service, people.FakeService)
    service.asked.clear()
    for _ in range(4):
        window.next_patient()
    qtbot.waitUntil(lambda: window.outlook is not None)
    assert service.asked == [("demo", window.patients.current())]


def test_names_that_look_like_markup_are_shown_as_they_are(window: MainWindow) -> None:
    window.choose("P0007")
    assert window.header.name.text() == "<img src=file:///etc/passwd>"
    for label in window.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_the_language_changes_everywhere_without_a_restart(window: MainWindow, qtbot: QtBot) -> None:
    window.choose("P0001")
    window.appearance.chinese()
    qtbot.waitUntil(lambda: window.header.about.text() == "女 46 岁 · 不寐 肝郁阴虚 · 第 7 诊 · 84 天")
    assert window.patients.field.placeholderText() == "姓名、拼音、编号"
    assert window.actions_table["train"].text() == "训练模型…"
    assert window.timeline.panel.title.text() == "预测"
    assert "脉流" in window.windowTitle()
    window.appearance.english()
    qtbot.waitUntil(lambda: window.patients.field.placeholderText() == "Name or number")
    assert window.timeline.panel.title.text() == "Forecast"


def test_light_and_dark_change_everything_at_once(window: MainWindow, qapp: QApplication) -> None:
    window.appearance.dark()
    assert theme.current() is theme.DARK
    assert qapp.palette().window().color() == theme.DARK.color("bg")
    assert window.header.name.palette().windowText().color() == theme.DARK.color("text")
    window.appearance.toggle()
    assert theme.current() is theme.LIGHT
    assert window.actions_table["theme_light"].isChecked()


def test_a_clinic_without_cases_offers_an_import_and_the_demo(open_window: OpenWindow, tmp_path: Path) -> None:
    with Clinic.open(tmp_path / "new.db", plain=True):
        pass
    window = open_window(tmp_path / "new.db")
    assert window.timeline.empty.isVisible()
    assert window.timeline.empty.buttons[0].text() == "Import case file…"
    assert not window.timeline.panel.isVisible()
    assert window.header.buttons["import"].property("filled")
    assert not window.actions_table["train"].isEnabled()


def test_a_clinic_without_a_model_offers_to_train_one(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(people.fill(tmp_path / "clinic.db"))
    assert "There is no model yet" in " ".join(texts(window.timeline.panel))
    assert window.header.buttons["train"].property("filled")
    window.show_trajectory()
    assert window.trajectory.empty.buttons[0].isVisible()


def test_a_file_that_is_no_clinic_is_refused_and_the_one_before_stays(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    wrong = tmp_path / "letter.db"
    wrong.write_text("Dear colleague", encoding="utf-8")
    before = window.session.path
    with qtbot.waitSignal(window.entry.over):
        window.entry.open(str(wrong))
    assert window.session.path == before
    assert window.notices.isVisible()
    assert window.notices.notice is not None
    assert not window.notices.notice.detail  # a refusal, not a bug


def test_a_folder_is_refused_as_a_clinic_file(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.entry.over):
        window.entry.open(str(tmp_path))
    assert window.notices.notice is not None
    assert window.session.clinic is not None


def test_settings_that_cannot_be_saved_do_not_keep_the_window_open(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("app.ui.settings.save", refuse)
    window.close()
    assert "not saved" in caplog.text
    settle()
    assert not shiboken6.isValid(window)


def test_what_a_service_commits_appears_in_the_list(window: MainWindow, clinic_file: Path, qtbot: QtBot) -> None:
    case = people.cases()[0]
    new = type(case)(type(case.patient)("P0099", "高翔", "M", age=31.0), case.visits)
    assert window.session.clinic is not None
    window.session.clinic.imports.commit([new], files=[], report_json="{}")
    qtbot.waitUntil(lambda: "P0099" in listed(window))


def test_any_place_of_a_long_list_is_read_at_once_and_only_that(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    case = people.cases()[2]
    many = [type(case)(type(case.patient)(f"N{i:04}", f"患者{i}"), case.visits[:1]) for i in range(450)]
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit(many, files=[], report_json="{}")
    window = open_window(path)
    model = window.patients.model
    assert model.rowCount() == 450
    assert model.code_at(449) == "N0000"
    assert len(model._pages) == 2  # the first, on screen, and the last
    assert len(set(listed(window))) == 450


def test_closing_leaves_no_widget_and_no_timer(open_window: OpenWindow, clinic_file: Path, qtbot: QtBot) -> None:
    settle()
    before = set(QApplication.allWidgets())
    window = open_window(clinic_file)
    window.chores.show_training()
    window.everywhere.guide.show_shortcuts()
    qtbot.waitUntil(lambda: window.outlook is not None)
    timers = window.findChildren(QTimer)
    service = window.forecaster._service
    assert isinstance(service, people.FakeService)
    window.close()
    settle()
    gc.collect()
    assert service.closed
    assert not shiboken6.isValid(window)
    assert not any(shiboken6.isValid(timer) for timer in timers)
    left = [w for w in QApplication.allWidgets() if w not in before and shiboken6.isValid(w)]
    assert left == []


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
