"""The ten tasks by mouse and keyboard, in both languages and dresses: each has its effect, and nothing looks wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from app import i18n
from app.domain.records import ValueKind
from app.store.clinic import Clinic, Credentials
from app.ui import forecasting
from app.ui.entry import Face
from tests.ui.tasks import ten
from tests.ui.tasks.sheet import contact_sheet
from tests.ui.tasks.stage import PULSE, Desk, Setting, desk, invented

SETTINGS = {
    "Chinese, light": Setting("zh", "light", (1280, 800)),
    "English, dark": Setting("en", "dark", (1920, 1080)),
}


@pytest.fixture(params=SETTINGS.values(), ids=list(SETTINGS))
def at(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(forecasting, "SETTLE_MS", 20)
    monkeypatch.setattr(forecasting, "POLL_MS", 10)
    with desk(invented(tmp_path), request.param) as made:
        yield made


def stored(at: Desk) -> Clinic:
    """The file, opened beside the window: what lies there, whatever the window shows."""
    return Clinic.open(at.scene.file, create=False, credentials=Credentials(passphrase=at.scene.passphrase))


def found_alone(at: Desk) -> None:
    model = at.window.patients.model
    assert [model.code_at(row) for row in range(model.rowCount())] == [at.scene.code]


def opened(at: Desk) -> None:
    assert at.case.patient.code == at.scene.code
    assert at.window.header.name.text() == at.case.patient.name
    assert at.window.outlook is not None and at.window.outlook.patient == at.scene.code


def entered(at: Desk) -> None:
    with stored(at) as clinic:
        visit = clinic.queries.case(at.scene.code).visits[-1]
        signed = clinic.signatures.list(at.scene.code)
        assert clinic.visit_drafts.get(at.scene.code) is None
    assert (visit.number, visit.date) == (6, dt.date.today())
    scores = {one.concept: one.number for one in visit.observations if one.kind is ValueKind.SCORE}
    assert [scores["sym.insomnia"], scores["sym.palpitation"], scores["sym.hypochondriac_pain"]] == [2, 0, 1]
    assert {one.raw for one in visit.pulses} == {PULSE}
    assert ten.ADDED in [(one.raw_name, one.grams) for one in visit.prescriptions[0].items]
    assert visit.text == ten.NOTE
    assert [(one.visit, one.reason) for one in signed] == [(6, ten.REASON)]
    assert at.window.visits.editor.isHidden()


def compared(at: Desk) -> None:
    page = at.window.compare
    assert at.window.pages.currentWidget() is page
    assert [visit.number for visit in page.visits.chosen()] == [5, 6]
    row = next(
        i for i in range(page.table.rows.rowCount()) if page.table.rows.index(i, 0).data() in ("心悸", "Palpitation")
    )
    assert page.table.rows.index(row, 2).data() == "0"


def forecast(at: Desk) -> None:
    assert at.window.pages.currentWidget() is at.window.forecast
    assert at.window.outlook is not None and at.window.outlook.course_end == at.case.visits[-1].day
    assert len(at.case.visits) == 6


def explained(at: Desk) -> None:
    assert at.window.pages.currentWidget() is at.window.trajectory
    view = at.window.trajectory.view
    assert view.drivers.effects()
    assert view.trajectory.chosen in view.drivers.sentences()[0]


def printed(at: Desk) -> None:
    assert at.pages == 1
    assert at.case.patient.name in at.window.printing._body
    assert ("百合" if i18n.language() == "zh" else "bǎihé") in at.window.printing._body


def undone(at: Desk) -> None:
    with stored(at) as clinic:
        assert [visit.number for visit in clinic.queries.case(at.scene.code).visits] == [1, 2, 3, 4, 5]
    assert at.window.actions_table["redo"].isEnabled()


def locked_and_unlocked(at: Desk) -> None:
    with stored(at) as clinic:
        told = [entry.action for entry in clinic.audit.entries(limit=20)]
    assert {"lock", "unlock"} <= set(told)
    assert at.window.front.currentIndex() == Face.WORK
    assert at.case.patient.code == at.scene.code


def switched(at: Desk) -> None:
    assert i18n.language() != at.setting.language
    assert at.window.header.buttons["visit"].text() == {"zh": "新增复诊", "en": "New visit"}[i18n.language()]
    assert at.window.settings.language == i18n.language()


EFFECTS: dict[str, Callable[[Desk], None]] = {
    "find": found_alone,
    "open": opened,
    "enter": entered,
    "compare": compared,
    "forecast": forecast,
    "explain": explained,
    "print": printed,
    "undo": undone,
    "lock": locked_and_unlocked,
    "language": switched,
}


def test_each_task_has_its_effect_and_nothing_looks_wrong(at: Desk, tmp_path: Path) -> None:
    assert list(EFFECTS) == list(ten.TASKS)
    for name, task in ten.TASKS.items():
        at.play(name, task)
        EFFECTS[name](at)
    assert [f"{step}: {finding}" for step, finding in at.found] == []
    contact_sheet(at.pictures, tmp_path / "sheet.png")
    sheet = QPixmap(str(tmp_path / "sheet.png"))
    assert sheet.width() == 1280
    assert (tmp_path / "sheet.png").stat().st_size < 250_000
