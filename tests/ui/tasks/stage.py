"""The desk the tasks are played at: a real window on a clinic of invented patients, or on the demo clinic."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import i18n
from app.domain.records import Case
from app.store.clinic import Clinic, Credentials
from app.ui import theme, translation
from app.ui.forecasting import Maker, start_service
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui import looks, people
from tests.ui.looks.shown import open_windows
from tests.ui.tasks.hands import Hands, until

PULSE = "沉细"
SETTLING = 3  # times that what looks wrong is looked at again
WORDS = ("demo", PULSE)  # a model's name, and what is felt: as somebody typed it, in either language
PATIENT = "P0008"  # among the invented ones: five visits, getting better


@dataclass(frozen=True)
class Scene:
    """Where the tasks are played. code, initials: of the patient they are about."""

    file: Path
    code: str
    initials: str
    make_service: Maker
    passphrase: str = ""


@dataclass(frozen=True)
class Setting:
    language: str = "zh"
    scheme: str = "light"
    size: tuple[int, int] = (1280, 800)


@dataclass
class Desk:
    """What a task is handed: the window, the hands, and ``step``, which looks at what has come of it."""

    window: MainWindow
    hands: Hands
    scene: Scene
    setting: Setting
    records: list[Case]
    who: str  # whoever is at the desk, by the name the system has
    out: Path | None = None
    pages: int = 0  # of the sheet that was looked at before printing
    found: list[tuple[str, looks.Finding]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    pictures: dict[str, QPixmap] = field(default_factory=dict)  # for the sheet, by their captions
    task: str = ""

    def play(self, name: str, task: Callable[[Desk], None]) -> None:
        """Raises StuckError where it cannot be done."""
        self.task = name
        task(self)

    def step(self, name: str, caption: str = "") -> None:
        """After something was done: a picture, and whatever looks wrong. caption: it stands on the sheet, too."""
        QTest.qWait(30)
        label = f"{len(self.steps) + 1:02d} {self.task}: {name}"
        self.steps.append(label)
        picture = picture_of(self.window)
        if caption:
            self.pictures[caption] = picture
        if self.out is not None:
            self.out.mkdir(parents=True, exist_ok=True)
            picture.save(str(self.out / (label.replace(": ", "-").replace(" ", "-") + ".png")))
        seen = {finding for _, finding in self.found}
        self.found += [(label, one) for one in self.wrong() if one not in seen]

    def wrong(self) -> list[looks.Finding]:
        """What looks wrong, and still does a moment later: a layout that is about to be made is not wrong."""
        now = self._wrong_now()
        for _ in range(SETTLING):
            if not now:
                break
            QTest.qWait(100)
            later = set(self._wrong_now())
            now = [one for one in now if one in later]
        return now

    def _wrong_now(self) -> list[looks.Finding]:
        return [*self.grown(), *looks.findings(i18n.language(), self.data())]

    def grown(self) -> list[looks.Finding]:
        """Windows larger than the screen the main one was fitted to."""
        room = QSize(*self.setting.size)
        if QGuiApplication.platformName() != "offscreen":  # there is a real one
            room = room.expandedTo(self.window.screen().availableSize())
        sizes = {type(one).__name__: one.size() for one in open_windows() if one is not self.window}
        found = {name: size for name, size in sizes.items() if size.boundedTo(room) != size}
        if self.window.size() != QSize(*self.setting.size):
            found["MainWindow"] = self.window.size()
        return [
            looks.Finding("outside", name, f"{size.width()} x {size.height()} is more than there is")
            for name, size in found.items()
        ]

    @property
    def clinic(self) -> Clinic:
        assert self.window.session.clinic is not None
        return self.window.session.clinic

    @property
    def case(self) -> Case:
        assert self.window.session.case is not None
        return self.window.session.case

    def stored(self) -> Case:
        """The patient's record as it lies in the clinic file now."""
        return self.clinic.queries.case(self.scene.code)

    def data(self) -> looks.Data:
        """Names and findings of everybody, and what is typed here: they are in neither language."""
        own = (self.scene.file.stem, str(self.scene.file.parent / f"{self.scene.file.stem}.backups"), self.who)
        return looks.Data(self.records, self.window.session.case, words=[*WORDS, *own])


@contextmanager
def desk(scene: Scene, setting: Setting, *, out: Path | None = None) -> Iterator[Desk]:
    """An open window at rest; closed at the end. The application is dressed and speaks as the setting says."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    translation.install(app, setting.language)
    theme.apply(app, setting.scheme)
    settings = Settings(language=setting.language, scheme=setting.scheme)
    window = MainWindow(settings, make_service=scene.make_service)
    try:
        window.resize(QSize(*setting.size))
        window.show()
        window.activateWindow()
        until("the window", window.isActiveWindow)
        credentials = Credentials(passphrase=scene.passphrase) if scene.passphrase else None
        window.session.open(scene.file, credentials)
        until("the first forecast", lambda: window.outlook is not None)
        clinic = window.session.clinic
        assert clinic is not None
        yield Desk(window, Hands(window), scene, setting, list(clinic.queries.cases()), clinic.actor.name, out)
    finally:
        window.close()
        QTest.qWait(1)


def invented(folder: Path) -> Scene:
    """The invented patients in an encrypted file, and a forecast that is worked out without a network."""
    file = people.fill_encrypted(folder / "clinic.db", model=True, first=dt.date.today() - dt.timedelta(days=92))
    return Scene(file, PATIENT, "zmx", people.FakeService, people.PASSPHRASE)


class Waiting:
    """Waits for a job to its end."""

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        """Nobody looks."""

    def cancelled(self) -> bool:
        return False


def demo(folder: Path, here: Path) -> Scene:
    """A copy in ``here`` of the demo clinic in ``folder``, which is made there first (minutes): a real network."""
    from pypinyin import Style, lazy_pinyin

    from app.jobs.demo import prepare

    made = Path(prepare(Waiting(), folder=str(folder))["db"])
    for file in folder.glob(f"{made.stem}*"):
        (shutil.copytree if file.is_dir() else shutil.copy2)(file, here / file.name)
    with Clinic.open(here / made.name, create=False) as clinic:
        someone = clinic.queries.search("", limit=3)[-1]
    initials = "".join(lazy_pinyin(someone.name, style=Style.FIRST_LETTER))
    return Scene(here / made.name, someone.code, initials, start_service)


def picture_of(window: MainWindow) -> QPixmap:
    """The window with the dialogs and menus before it, wherever the system has put them: at their place, or within."""
    picture = window.grab()
    painter = QPainter(picture)
    for top in open_windows():
        if top is not window:
            at = top.pos() - window.pos()
            room = window.size() - top.size()
            at.setX(max(0, min(at.x(), room.width())))
            at.setY(max(0, min(at.y(), room.height())))
            painter.drawPixmap(at, top.grab())
    painter.end()
    return picture
