"""Two visits held against each other: days between, how every value changed, which herbs came, went or changed dose."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from app.domain.comparison.visits import effect_between
from app.domain.records import Visit
from app.ui.plots.axis import TimeAxis
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.ink import Ink
from app.ui.plots.reading.remedies import HerbChanges, herb_changes
from app.ui.plots.readout import ReadOut, Row, days_text
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Line, Sheet
from app.ui.words import effect_word

_SIGNS = 8
_ARROW = " → "


def measure(sheet: Sheet, axis: TimeAxis, first: int, second: int) -> ReadOut:
    """From the earlier of two visits (indices) to the later one; values recorded at only one of them are left out."""
    first, second = sorted((first, second))
    before, after = sheet.visits[first], sheet.visits[second]
    title = f"{axis.visit_number(before.number)}{_ARROW}{axis.visit_number(after.number)}"
    if not sheet.ordered_only:
        title = f"{title} · {days_text(after.day - before.day)}"
    dated = [text for text in map(axis.visit_date, (before, after)) if text]
    rows = [_row(x, before.day, after.day, i) for i, x in enumerate(sheet.scores)]
    rows += _total(before, after)
    rows += [_presence(x, before.day, after.day) for x in sheet.signs[:_SIGNS]]
    rows += [_row(x, before.day, after.day, i) for i, x in enumerate(sheet.labs)]
    rows += [_row(x, before.day, after.day, None) for x in sheet.elements]
    rows += _herbs(herb_changes(before, after, sheet.language))
    found = tuple(row for row in rows if row is not None)
    return ReadOut(title, found, after.day, second, subtitle=_ARROW.join(dated) if len(dated) == 2 else "")


def paint_measure(
    painter: QPainter, ink: Ink, scale: TimeScale, sheet: Sheet, ends: tuple[int, int], area: QRectF
) -> None:
    """The time between as a shaded strip. area: the lanes' part of the viewport."""
    left, right = sorted(scale.x(sheet.visits[end].day) for end in ends)
    painter.fillRect(QRectF(left, area.top(), right - left, area.height()), ink.colour("gold", 0.08))
    for x in (left, right):
        ink.vertical(painter, x, HEADER - 14, area.bottom(), ink.colour("gold"), 2)
    painter.fillRect(QRectF(left, HEADER - 2, right - left, 2), ink.colour("gold"))


def _row(line: Line, before: float, after: float, series: int | None) -> Row | None:
    old, new = line.at(before), line.at(after)
    if math.isnan(old) or math.isnan(new):
        return None
    return Row(line.label, f"{_change(old, new)} {line.unit}".rstrip(), series)


def _change(old: float, new: float) -> str:
    told = f"{new - old:+.3g}".replace("-", "−") if new != old else "±0"
    return f"{old:.4g}{_ARROW}{new:.4g} ({told})"


def _presence(line: Line, before: float, after: float) -> Row | None:
    old, new = line.at(before), line.at(after)
    if math.isnan(old) or math.isnan(new):
        return None
    words = {
        (True, True): QCoreApplication.translate("TimelineReadOut", "still present"),
        (True, False): QCoreApplication.translate("TimelineReadOut", "gone"),
        (False, True): QCoreApplication.translate("TimelineReadOut", "new"),
        (False, False): QCoreApplication.translate("TimelineReadOut", "still denied"),
    }
    return Row(line.label, words[old > 0, new > 0])


def _total(before: Visit, after: Visit) -> list[Row]:
    """The sum and its effect index, over the symptoms both visits grade."""
    found = effect_between(before, after)
    rows = []
    if len(found.shared) > 1:
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Total"), _change(found.before, found.after)))
    if found.index is not None:
        words = QCoreApplication.translate("TimelineReadOut", "Effect index")
        rows.append(Row(words, f"{found.index:.0%} {effect_word(found.label)}".replace("-", "−")))
    return rows


def _herbs(changes: HerbChanges | None) -> list[Row]:
    if changes is None:
        return []
    told = (
        (QCoreApplication.translate("TimelineReadOut", "Herbs in"), changes.added),
        (QCoreApplication.translate("TimelineReadOut", "Herbs out"), changes.removed),
        (QCoreApplication.translate("TimelineReadOut", "Dose changed"), changes.changed),
    )
    rows = [Row(label, ", ".join(names), lines=3) for label, names in told if names]
    if rows:
        return rows
    label = QCoreApplication.translate("TimelineReadOut", "Formula")
    return [Row(label, QCoreApplication.translate("TimelineReadOut", "unchanged"))]


def place_box(scale: TimeScale, sheet: Sheet, ends: tuple[int, int]) -> QPointF:
    """Where the read-out of the two stands: at the right end."""
    return QPointF(max(scale.x(sheet.visits[end].day) for end in ends), HEADER + 40)
