"""A mouse, a keyboard and an input method: events go to the window in front, as the system sends them.

The window finds out itself who has the focus and what lies under the pointer: a button that something covers, or a
shortcut that something swallows, does not work here either.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QMenu, QMenuBar, QWidget

from tests.ui import keyboard

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
PATIENCE = 20.0  # seconds until a window that does not answer is given up


class StuckError(AssertionError):
    """What was waited for did not come."""


def until(what: str, come: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Let the window live until it has come. Raises StuckError."""
    end = time.monotonic() + patience
    while not come():
        if time.monotonic() > end:
            raise StuckError(f"waited {patience:g} s for: {what}")
        QTest.qWait(5)


class Hands:
    def __init__(self, window: QWidget) -> None:
        self._window = window

    def press(self, keys: str) -> None:
        """ "Ctrl+F", "Return"; to whatever has the focus."""
        combination = QKeySequence(keys)[0]  # pyright: ignore[reportIndexIssue] - the stub lacks it
        QTest.keyClick(self._front(), combination.key(), combination.keyboardModifiers())
        QTest.qWait(1)

    def write(self, text: str) -> None:
        """Latin letters as keys; Chinese as an input method commits it."""
        for letter in text:  # each to whatever has the focus by then
            keyboard.write(self._focus(), letter)

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        window, at = self._target(widget, place)
        QTest.mouseClick(window, LEFT, NONE, at)
        QTest.qWait(1)

    def click_row(self, view: QAbstractItemView, row: int) -> None:
        index = view.model().index(row, 0)
        view.scrollTo(index)
        self.click(view.viewport(), view.visualRect(index).center())

    def click_menu(self, bar: QMenuBar, menu: QMenu, action: str) -> None:
        """Open a menu, choose its action of this object name."""
        self.open_menu(bar, menu)
        self.choose(menu, action)

    def open_menu(self, bar: QMenuBar, menu: QMenu) -> None:
        self.click(bar, bar.actionGeometry(menu.menuAction()).center())
        until(f"the menu {menu.title()}", menu.isVisible)

    def choose(self, menu: QMenu, action: str) -> None:
        (wanted,) = (one for one in menu.actions() if one.objectName() == action)
        self.click(menu, menu.actionGeometry(wanted).center())

    def point_at(self, widget: QWidget, place: QPoint) -> None:
        """Move the pointer there, in two steps: what follows a pointer wants to see it come."""
        window, at = self._target(widget, place)
        QTest.mouseMove(window, at - QPoint(2, 2))
        QTest.qWait(1)
        QTest.mouseMove(window, at)
        QTest.qWait(1)

    def _front(self) -> QWindow:
        """Where keys go: the list or menu, else the dialogue, else the window.

        It is brought to the front where nobody has: without a window manager nothing is, after a list was closed.
        """
        dialogs = [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]
        popup = QApplication.activePopupWidget()
        widget = popup or QApplication.activeModalWidget() or (dialogs[-1] if dialogs else self._window)
        handle = widget.windowHandle()
        assert handle is not None
        if popup is None and QGuiApplication.focusWindow() is not handle:
            widget.activateWindow()
            until("the window in front", lambda: QGuiApplication.focusWindow() is handle)
        return handle

    def _focus(self) -> QWidget:
        focus = QGuiApplication.focusObject()
        return focus if isinstance(focus, QWidget) else self._window

    def _target(self, widget: QWidget, place: QPoint | None) -> tuple[QWindow, QPoint]:
        top = widget.window()
        handle = top.windowHandle()
        assert handle is not None
        at = widget.mapTo(top, place if place is not None else widget.rect().center())
        if not QRect(QPoint(0, 0), top.size()).contains(at) or not widget.isVisible():
            raise StuckError(f"{type(widget).__name__} {widget.accessibleName()!r} is out of reach of the mouse")
        return handle, at
