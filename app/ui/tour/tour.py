"""Goes from stop to stop; a stop whose widget is not in sight is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.ui import theme
from app.ui.tour.callout import Callout, Ring


@dataclass(frozen=True, slots=True)
class Stop:
    """widget: finds what it is about, None: the window as a whole; words: title and text in the present language."""

    name: str
    widget: Callable[[], QWidget | None] | None
    words: Callable[[], tuple[str, str]]


class Tour(QObject):
    """over: gone through, or skipped."""

    over = Signal()

    def __init__(self, window: QMainWindow, stops: Sequence[Stop]) -> None:
        super().__init__(window)
        self._window, self._stops = window, stops
        self._shown: list[Stop] = []
        self._at = -1
        self._before: QWidget | None = None
        self.ring, self.callout = Ring(window), Callout(window)
        self.callout.onward.connect(self.go_on)
        self.callout.backward.connect(self.go_back)
        self.callout.skipped.connect(self.leave)
        window.installEventFilter(self)
        theme.notifier.changed.connect(self._later)

    @property
    def stop(self) -> Stop | None:
        """Where it is; None where it is not under way."""
        return self._shown[self._at] if 0 <= self._at < len(self._shown) else None

    def start(self) -> None:
        self._shown = [stop for stop in self._stops if stop.widget is None or _seen(stop.widget())]
        self._at = 0
        self._before = QApplication.focusWidget()
        self._show()
        self.callout.next.setFocus()

    def go_on(self) -> None:
        self._at += 1
        if self.stop is None:
            self.leave()
        else:
            self._show()

    def go_back(self) -> None:
        self._at = max(self._at - 1, 0)
        self._show()

    def leave(self) -> None:
        if self._at < 0:
            return
        inside = self.callout.isAncestorOf(QApplication.focusWidget() or self.callout.next)
        self._put_away()
        if inside and _seen(self._before) and self._before is not None:
            self._before.setFocus()
        self.over.emit()

    def break_off(self) -> None:
        """The clinic is locked or left: it counts as not seen."""
        self._put_away()

    def retranslate(self) -> None:
        if self.stop is not None:
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LanguageChange):
            self._later()
        return super().eventFilter(watched, event)

    def _put_away(self) -> None:
        self._at = -1
        self.ring.hide()
        self.callout.hide()

    def _later(self, *_: object) -> None:
        """When the window has found its new measures."""
        if self.stop is not None:
            QTimer.singleShot(0, self, self.retranslate)

    def _show(self) -> None:
        stop = self.stop
        if stop is None:
            return
        title, text = stop.words()
        self.callout.say(title, text, f"{self._at + 1} / {len(self._shown)}", last=self._at == len(self._shown) - 1)
        target = self._rect(stop.widget() if stop.widget is not None else None)
        self.ring.setVisible(target is not None)
        if target is not None:
            around = theme.px(4)
            self.ring.setGeometry(target.adjusted(-around, -around, around, around).intersected(self._window.rect()))
        self.callout.stand(target, self._window.rect())
        self.ring.raise_()
        self.callout.show()
        self.callout.raise_()

    def _rect(self, widget: QWidget | None) -> QRect | None:
        if widget is None or not _seen(widget):
            return None
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())


def _seen(widget: QWidget | None) -> bool:
    return widget is not None and widget.isVisible()
