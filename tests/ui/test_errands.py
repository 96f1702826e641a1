"""Work in a thread, answers in the window's."""

from __future__ import annotations

import threading

import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app import i18n
from app.ui.errands import Errands


class Asker(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[object] = []
        self.threads: list[threading.Thread] = []

    def take(self, answer: object) -> None:
        self.got.append(answer)
        self.threads.append(threading.current_thread())


def test_the_answer_comes_in_the_thread_of_the_window(qtbot: QtBot) -> None:
    errands, asker = Errands(), Asker()
    errands.run(threading.current_thread, asker.take, asker.take)
    qtbot.waitUntil(lambda: bool(asker.got))
    assert asker.got[0] is not threading.current_thread()
    assert asker.threads == [threading.current_thread()]


def test_an_error_is_an_answer_too(qtbot: QtBot) -> None:
    errands, asker = Errands(), Asker()
    errands.run(lambda: 1 / 0, asker.got.append, asker.take)
    qtbot.waitUntil(lambda: bool(asker.got))
    assert isinstance(asker.got[0], ZeroDivisionError)


def test_work_speaks_the_language_of_whoever_asked(qtbot: QtBot) -> None:
    errands, asker = Errands(), Asker()
    with i18n.speaking("en"):
        errands.run(i18n.language, asker.take, asker.take)
    qtbot.waitUntil(lambda: asker.got == ["en"])


def test_who_is_gone_by_then_is_not_told(qtbot: QtBot) -> None:
    errands, asker = Errands(), Asker()
    may_end = threading.Event()
    errands.run(may_end.wait, asker.take, asker.take)
    assert errands.busy
    shiboken6.delete(asker)
    may_end.set()
    errands.wait()
    qtbot.wait(20)
    assert asker.got == []
    assert not errands.busy
