"""The training page tells what a model was compared with, and whether it has earned to be relied on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.domain import standing
from app.store.clinic import Clinic, Credentials
from app.store.shelf import StoredModel
from app.ui.pages.training import TrainingPage, signed_text
from app.ui.session import Session
from app.ui.window import MainWindow
from tests.ui import people

LONGER = 600  # ms: more than a double click takes (400), by timers that are up to 5 % early

SCORE = {
    "better_by": {"value": 0.1, "low": 0.05, "high": 0.15},
    "model": 0.6,
    "last_value": 0.8,
    "beats_last_value": True,
    "beats_simple": True,
    "per_variable": {},
}


def line(model: str, rmse: float | None, behind: tuple[float, float, float] | None = None, why: str = "") -> Any:
    low, high = (None, None) if rmse is None else (rmse - 0.02, rmse + 0.02)
    return {"model": model, "rmse": rmse, "low": low, "high": high, "behind": behind, "why": why}


def stored(name: str, *table: Any) -> StoredModel:
    card: dict[str, Any] = {"score": SCORE, "training": {"patients": 40}}
    if table:
        card["comparison"] = {"patients": 9, "seed": 0, "table": list(table)}
    return StoredModel(name, card, Path(f"{name}.json"), dt.datetime(2026, 1, 2, tzinfo=dt.UTC))


@pytest.fixture
def page(qtbot: QtBot) -> TrainingPage:
    made = TrainingPage()
    qtbot.addWidget(made)
    return made


def cells(page: TrainingPage, row: int) -> list[str]:
    found = [page.beside.item(row, column) for column in range(page.beside.columnCount())]
    return [item.text() for item in found if item is not None]


def test_the_table_of_the_chosen_model_is_shown_with_the_best_in_bold(page: TrainingPage) -> None:
    table = (line("liquid", 0.6), line("boosted_trees", 0.59, (-0.01, -0.02, 0.0)), line("cox", None, why="no events"))
    page.show_models([stored("a", *table)], "a")
    page.table.selectRow(0)
    assert page.beside.rowCount() == 3
    assert cells(page, 0)[1:] == ["0.600", "0.58–0.62", "–"]
    assert cells(page, 1)[1:] == ["0.590", "0.57–0.61", "−0.010"]
    assert cells(page, 2)[1:] == ["–", "–", "–"]
    bold = [item.font().bold() for row in range(3) if (item := page.beside.item(row, 0)) is not None]
    assert bold == [False, True, False]


def test_a_model_beaten_in_its_table_does_not_beat_all_simple_ones(page: TrainingPage) -> None:
    beaten = stored("beaten", line("liquid", 0.6), line("boosted_trees", 0.59, (-0.01, -0.02, -0.005)))
    fine = stored("fine", line("liquid", 0.6), line("boosted_trees", 0.7, (0.1, 0.05, 0.15)))
    page.show_models([fine, beaten], "fine")
    verdicts = [item.text() for row in range(2) if (item := page.table.item(row, 6)) is not None]
    assert verdicts[0] != verdicts[1]


def test_no_head_of_the_narrow_tables_is_cut(page: TrainingPage) -> None:
    page.resize(960, 700)
    page.show()
    page.show_models([stored("m", line("liquid", 0.6), line("mixed_effects", 0.61, (0.01, 0.0, 0.02)))], "m")
    for table in (page.detail, page.beside):
        head = table.horizontalHeader()
        assert all(head.sectionSize(c) >= head.sectionSizeHint(c) for c in range(table.columnCount()))


def test_a_model_without_a_table_says_so(page: TrainingPage) -> None:
    page.show_models([stored("a", line("liquid", 0.6), line("cox", 0.7)), stored("b")], "b")
    page.table.selectRow(1)
    assert page.beside.rowCount() == 0
    assert "9" not in page._beside_title.text()
    page.table.selectRow(0)
    assert "9" in page._beside_title.text()


def test_where_no_model_is_in_use_the_newest_is_looked_at(page: TrainingPage) -> None:
    page.show_models([stored("a", line("liquid", 0.6), line("cox", 0.7))], "")
    assert page.table.currentRow() == 0
    assert page.beside.rowCount() == 2


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.0312, "+0.031"), (-0.004, "−0.004")])
def test_a_difference_bears_its_sign(value: float | None, text: str) -> None:
    assert signed_text(value) == text


@pytest.fixture
def two_models(tmp_path: Path) -> Path:
    path = people.fill(tmp_path / "clinic.db", model=True)
    with Clinic.open(path, create=False) as clinic:
        clinic.models.register("second", people.card(), clinic.models_folder / "second.json")
    return path


def chosen(path: Path, wanted: str, who: Credentials | None = None) -> str:
    """What forecasts once the clinic is opened again after ``wanted`` was chosen."""
    for name in (wanted, ""):
        session = Session()
        session.open(path, who)
        if name:
            session.prefer_model(name, lambda _: None)
            assert session.model == name
        session.errands.wait()
        found = session.model
        session.close()
    return found


@pytest.mark.usefixtures("qtbot")
def test_the_model_chosen_is_in_use_when_the_clinic_is_opened_again(two_models: Path) -> None:
    assert [chosen(two_models, name) for name in ("demo", "second", "demo")] == ["demo", "second", "demo"]


@pytest.mark.usefixtures("qtbot")
def test_who_may_not_write_models_chooses_for_himself_until_he_leaves(two_models: Path) -> None:
    people.staff(two_models)
    assert chosen(two_models, "demo", Credentials(people.PASSPHRASE, user="王主任")) == "second"
    assert chosen(two_models, "demo", Credentials(people.PASSPHRASE, user="李医师")) == "demo"


def test_the_button_prefers_a_model_and_says_so_a_double_click_only_looks_through_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    clinic = _with_another(window, "second")
    page = window.training
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    rows = {item.text(): row for row in range(2) if (item := page.table.item(row, 0)) is not None}
    page.table.setCurrentCell(rows["demo"], 0)
    page.table.itemDoubleClicked.emit(page.table.item(rows["demo"], 0))
    window.session.errands.wait()
    assert window.session.model == "demo"
    assert [m.name for m in clinic.models.list() if m.card.get(standing.PREFERRED)] == []
    page.use.click()
    qtbot.waitUntil(lambda: "demo forecasts from now on." in window.notices._text.text())
    assert [m.name for m in clinic.models.list() if m.card.get(standing.PREFERRED)] == ["demo"]
    qtbot.waitUntil(lambda: page.use.text() == "Choose automatically again")
    page.use.click()  # as the second half of a double click does
    window.session.errands.wait()
    assert _preferred(window) == ["demo"]
    qtbot.wait(LONGER)
    page.table.itemDoubleClicked.emit(page.table.item(rows["second"], 0))
    page.table.setCurrentCell(rows["demo"], 0)
    assert page.use.text() == "Forecast with this one"  # the other is looked through: back to the one all use
    page.use.click()
    assert window.session.model == "demo"
    qtbot.wait(LONGER)
    assert page.use.text() == "Choose automatically again"
    page.use.click()
    qtbot.waitUntil(lambda: "second forecasts." in window.notices._text.text())
    assert _preferred(window) == []
    assert window.session.model == "second"
    assert page.use.text() == "Forecast with this one"


def test_a_model_preferred_elsewhere_forecasts_here_unless_another_is_looked_through(
    window: MainWindow, qtbot: QtBot
) -> None:
    clinic = _with_another(window, "second")
    qtbot.waitUntil(lambda: window.session.model == "second")
    with Clinic.open(clinic.path, create=False) as elsewhere:
        elsewhere.models.prefer("demo")
        qtbot.waitUntil(lambda: "demo forecasts from now on." in window.notices._text.text())
        assert window.session.model == "demo"
        window.session.use_model("second")
        elsewhere.models.prefer_none("demo")
        _with_another(window, "third")
        qtbot.waitUntil(lambda: window.training.table.rowCount() == 3)
        assert window.session.model == "second"  # what is looked through stays
        window.session.use_model("third")  # the one in use is no longer anything to be looked through
        elsewhere.models.prefer("demo")
        qtbot.waitUntil(lambda: window.session.model == "demo")


def test_who_trained_a_model_that_is_not_in_use_sees_its_own_forecast(window: MainWindow, qtbot: QtBot) -> None:
    clinic = _with_another(window, "second")
    clinic.models.prefer("demo")
    window.choose(clinic.queries.search("", limit=1)[0].code)
    qtbot.waitUntil(lambda: window.outlook is not None and window.outlook.model == "demo")
    qtbot.wait(LONGER)  # whatever else was told of the two models has arrived
    window.chores._trained("second")
    qtbot.waitUntil(lambda: window.outlook is not None and window.outlook.model == "second")


def _with_another(window: MainWindow, name: str) -> Clinic:
    """The window's clinic, with one more model."""
    clinic = window.session.clinic
    assert clinic is not None
    clinic.models.register(name, people.card(), clinic.models_folder / f"{name}.json")
    return clinic


def _preferred(window: MainWindow) -> list[str]:
    assert window.session.clinic is not None
    return [m.name for m in window.session.clinic.models.list() if m.card.get(standing.PREFERRED)]


def test_where_only_models_from_elsewhere_are_left_giving_one_up_is_told(window: MainWindow, qtbot: QtBot) -> None:
    clinic = window.session.clinic
    assert clinic is not None
    card = {**people.card(), standing.IMPORTED: "2024-01-01T00:00:00+00:00"}
    clinic.models.register("demo", card, clinic.models_folder / "demo.json")
    clinic.models.prefer("demo")
    page = window.training
    qtbot.waitUntil(lambda: page.use.text() == "Choose automatically again")
    page.use.click()
    qtbot.waitUntil(lambda: "has to be chosen by hand" in window.notices._text.text())
    assert window.session.model == ""


def test_an_answer_that_comes_after_the_clinic_was_left_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    session, told = window.session, []
    assert session.clinic is not None
    session.clinic.models.prefer("demo")
    session.stop_preferring("demo", told.append)
    session.errands.wait()
    session.close()
    qtbot.wait(50)
    assert told == []


def test_who_may_not_write_models_is_not_offered_to_end_a_preference(two_models: Path, window: MainWindow) -> None:
    with Clinic.open(two_models, create=False) as clinic:
        clinic.models.prefer("demo")
        models = clinic.models.list()
    for may, words in ((True, "Choose automatically again"), (False, "Forecast with this one")):
        window.training.show_models(models, "demo", may)
        assert window.training.use.text() == words


def test_a_choice_made_meanwhile_is_not_given_up(two_models: Path) -> None:
    with Clinic.open(two_models, create=False) as clinic:
        clinic.models.prefer("second")
        clinic.models.prefer_none("demo")
        assert [m.name for m in clinic.models.list() if m.card.get(standing.PREFERRED)] == ["second"]
