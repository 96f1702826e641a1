"""Widgets that lie over their neighbours, or beyond the edge of what holds them."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QMainWindow,
    QMenu,
    QRubberBand,
    QScrollArea,
    QSizeGrip,
    QSplitterHandle,
    QTabBar,
    QTabWidget,
    QWidget,
)

from tests.ui.looks.finding import Finding, path_of
from tests.ui.looks.shown import visible

TOUCH = 1  # pixels that two widgets may share
OVERLAYS = (QFocusFrame, QRubberBand, QSizeGrip, QSplitterHandle)  # lie over others on purpose
OWN_PARTS = (QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLineEdit, QMenu, QTabBar, QTabWidget)  # arranged by Qt


def overlapping(root: QWidget) -> list[Finding]:
    found: list[Finding] = []
    for parent in visible(root):
        if isinstance(parent, OWN_PARTS):
            continue
        for first, second in combinations(_children(parent), 2):
            shared = first.geometry() & second.geometry()
            if shared.width() > TOUCH and shared.height() > TOUCH:
                what = f"and {type(second).__name__} share {shared.width()} x {shared.height()} px"
                found.append(Finding("overlap", path_of(first), f"{_told(first)} {what} {_told(second)}"))
    return found


def _children(parent: QWidget) -> list[QWidget]:
    if isinstance(parent, QMainWindow):  # whatever else it holds is laid over the page on purpose, as a palette is
        return [one for one in (parent.menuWidget(), parent.centralWidget()) if one is not None and one.isVisible()]
    return [
        child
        for child in parent.children()
        if isinstance(child, QWidget)
        and child.isVisible()
        and not child.isWindow()
        and not isinstance(child, OVERLAYS)
        and not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    ]


def _told(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    return repr(text()) if callable(text) else ""


def outside(root: QWidget) -> list[Finding]:
    """What a scroll area can bring into sight is inside; what it cannot, as it does not scroll that way, is not."""
    found: list[Finding] = []
    for widget in visible(root):
        parent = widget.parentWidget()
        content = widget.widget() if isinstance(widget, QScrollArea) else None
        if isinstance(widget, QScrollArea) and content is not None:
            off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            lost = content.width() - widget.viewport().width()
            if widget.horizontalScrollBarPolicy() is off and lost > TOUCH:
                found.append(Finding("outside", path_of(widget), f"{lost} px to the right cannot be scrolled to"))
        if widget.isWindow() or parent is None or isinstance(parent, OWN_PARTS) or _scrolls(parent):
            continue
        room = QRect(QPoint(0, 0), parent.size()).adjusted(-TOUCH, -TOUCH, TOUCH, TOUCH)
        if not room.contains(widget.geometry()):
            at, size = widget.geometry(), parent.size()
            what = f"{_told(widget)} {at.x()},{at.y()} {at.width()} x {at.height()} in {size.width()} x {size.height()}"
            found.append(Finding("outside", path_of(widget), what))
    return found


def _scrolls(parent: QWidget) -> bool:
    area = parent.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is parent
