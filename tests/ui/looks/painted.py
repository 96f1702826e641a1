"""Texts that widgets paint by hand: heard from ``QPainter.drawText`` while the window is drawn once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from tests.ui.looks.finding import Text, path_of

ELLIPSIS = "…"


@dataclass(frozen=True)
class Painted(Text):
    """lost: how many pixels of the text the painter cuts off at the rectangle it was given."""

    lost: float = 0.0


def painted_texts(root: QWidget) -> list[Painted]:
    found: list[Painted] = []
    with _heard(found, path_of(root)):
        _draw_anew(root)
        root.grab()
    return list(dict.fromkeys(found))


def _draw_anew(root: QWidget) -> None:
    """Plots keep what they drew; a view that can forget it is asked to."""
    for widget in root.findChildren(QWidget):
        redraw = getattr(widget, "redraw", None)
        if callable(redraw) and widget.isVisible():
            redraw()


@contextmanager
def _heard(found: list[Painted], where: str) -> Iterator[None]:
    draw = QPainter.drawText

    def listen(painter: QPainter, *args: Any) -> Any:
        words = next((one for one in args if isinstance(one, str)), "")
        if words.strip():
            lost = _lost(painter, args, words)
            found.append(Painted(f"{where} (painted)", words, painter.font(), False, words.endswith(ELLIPSIS), lost))
        return draw(painter, *args)

    QPainter.drawText = listen  # type: ignore[method-assign]
    try:
        yield
    finally:
        QPainter.drawText = draw  # type: ignore[method-assign]


def _lost(painter: QPainter, args: tuple[Any, ...], words: str) -> float:
    """Pixels that do not fit, in width or, where it is wrapped, in height."""
    if len(args) < 3 or not isinstance(args[1], int) or not hasattr(args[0], "width"):
        return 0.0
    room, flags = QRectF(args[0]), args[1]
    metrics = QFontMetricsF(painter.font())
    if flags & int(Qt.TextFlag.TextWordWrap.value):
        return max(0.0, metrics.boundingRect(QRectF(0, 0, room.width(), 1e6), flags, words).height() - room.height())
    if flags & int(Qt.TextFlag.TextDontClip.value):
        return 0.0
    return max(0.0, metrics.horizontalAdvance(words) - room.width())
