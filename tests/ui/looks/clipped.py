"""Text that does not fit where it stands: labels, buttons, boxes, tabs, menus, headings, hints, painted words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QToolButton,
    QWidget,
)

from app.ui.labels import SafeLabel
from tests.ui.looks.finding import Finding, path_of
from tests.ui.looks.painted import Painted
from tests.ui.looks.shown import plain, visible

SLACK = 1.5  # pixels of rounding
TALL = 4  # a line's own leading may be cut without harm to a letter
READABLE = 3  # letters that have to be left of a shortened text
FIELD_MARGIN, TAB_MARGIN, HEADING_MARGIN = 4, 8, 8


def clipped(root: QWidget, painted: Iterable[Painted] = ()) -> list[Finding]:
    found = [Finding("clipped", path_of(widget), what) for widget in visible(root) for what in _cut(widget)]
    found += [
        Finding("clipped", one.where, f"{one.words!r} lacks {one.lost:.0f} px") for one in painted if one.lost > SLACK
    ]
    return found


def _cut(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _label(widget)
    elif isinstance(widget, QPushButton | QCheckBox | QRadioButton | QToolButton):
        lacks = widget.sizeHint().width() - widget.width()
        if widget.text() and lacks > SLACK:
            yield f"{plain(widget.text())!r} lacks {lacks} px"
    elif isinstance(widget, QComboBox):
        yield from _lacking(widget.currentText(), widget, _room_of_combo(widget).width())
    elif isinstance(widget, QLineEdit):
        yield from _line(widget)
    elif isinstance(widget, QTabBar):
        for index in range(widget.count()):
            yield from _lacking(plain(widget.tabText(index)), widget, widget.tabRect(index).width() - TAB_MARGIN)
    elif isinstance(widget, QMenuBar | QMenu):
        for action in widget.actions():
            if (
                action.isVisible()
                and not action.isSeparator()
                and not widget.rect().contains(widget.actionGeometry(action))
            ):
                yield f"{plain(action.text())!r} is not within the menu"
    elif isinstance(widget, QHeaderView):
        yield from _headings(widget)
    elif isinstance(widget, QGroupBox):
        yield from _lacking(plain(widget.title()), widget, widget.width())


def _lacking(text: str, widget: QWidget, room: float) -> Iterator[str]:
    lacks = QFontMetrics(widget.font()).horizontalAdvance(text) - room
    if text and lacks > SLACK:
        yield f"{text!r} lacks {lacks:.0f} px"


def _label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if not text.strip():
        return
    room = label.contentsRect().adjusted(label.margin(), label.margin(), -label.margin(), -label.margin())
    metrics = QFontMetrics(label.font())
    if label.wordWrap():
        flags = int(Qt.TextFlag.TextWordWrap.value)
        needed = metrics.boundingRect(QRect(0, 0, room.width(), 100_000), flags, text)
        if needed.height() - room.height() > TALL:
            yield f"{text!r} lacks {needed.height() - room.height()} px of height"
        if needed.width() - room.width() > SLACK:
            yield f"{text!r} has a word that lacks {needed.width() - room.width()} px"
        return
    needed = metrics.size(0, text)
    if needed.height() - room.height() > TALL:
        yield f"{text!r} lacks {needed.height() - room.height()} px of height"
    if needed.width() - room.width() <= SLACK:
        return
    if not (isinstance(label, SafeLabel) and label._elide):
        yield f"{text!r} lacks {needed.width() - room.width()} px"
    elif len(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())) <= READABLE:
        yield f"{text!r} is shortened to nothing"


def _room_of_combo(combo: QComboBox) -> QRect:
    option = QStyleOptionComboBox()
    option.initFrom(combo)
    return combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )


def _line(line: QLineEdit) -> Iterator[str]:
    """A typed text scrolls; a hint, and what stands in a spin box, should be seen whole."""
    option = QStyleOptionFrame()
    option.initFrom(line)
    room = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line).width() - FIELD_MARGIN
    if isinstance(line.parentWidget(), QAbstractSpinBox | QComboBox):
        yield from _lacking(line.displayText(), line, room)
    elif not line.text():
        yield from _lacking(line.placeholderText(), line, room)


def _headings(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    if model is None or header.orientation() is not Qt.Orientation.Horizontal:
        return
    for section in range(header.count()):
        if not header.isSectionHidden(section):
            text = str(model.headerData(section, header.orientation()) or "")
            yield from _lacking(text, header, header.sectionSize(section) - HEADING_MARGIN)
