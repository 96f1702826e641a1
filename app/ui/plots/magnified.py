"""Painted plots at another text size: drawn in the same measures as ever, on paper that is magnified as a whole.

A plot asks ``room`` for its size and ``at`` for where the mouse is, both in its own measures, and paints through
``painter`` or on ``paper``; then lines, markers and words grow together and stay sharp. ``Ink.zoom`` is the factor.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap, QSinglePointEvent
from PySide6.QtWidgets import QWidget


def room(widget: QWidget, zoom: float) -> QRectF:
    """The whole widget."""
    return QRectF(0, 0, widget.width() / zoom, widget.height() / zoom)


def at(event: QSinglePointEvent, zoom: float) -> QPointF:
    place = event.position()
    return QPointF(place.x() / zoom, place.y() / zoom)


def painter(widget: QWidget, zoom: float) -> QPainter:
    out = QPainter(widget)
    out.scale(zoom, zoom)
    return out


def paper(widget: QWidget, zoom: float) -> QPixmap:
    """Of the widget's size, with every pixel of the screen; laid down by ``painter`` at (0, 0)."""
    ratio = widget.devicePixelRatioF()
    out = QPixmap(round(widget.width() * ratio), round(widget.height() * ratio))
    out.setDevicePixelRatio(ratio * zoom)
    return out
