"""What the crosshair says: all values of the nearest visit, or the forecast where the cursor stands in the future."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.domain.almanac import almanac
from app.domain.records import DateBasis
from app.domain.scores import effect_class
from app.ui.figures import figure_texts, likelihood
from app.ui.plots.almanac_words import almanac_text, full_lunar_text, term_text
from app.ui.plots.axis import TimeAxis
from app.ui.plots.ink import LEFT, MARKERS, RIGHT, Ink
from app.ui.plots.sheet import Line, Sheet
from app.ui.words import effect_word
from app.wording import chance_text

_WIDTH, _PAD, _ROW = 268.0, 10.0, 17.0
_NOTE_LINES = 4
_SIGNS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """series: index of the plotted line, None where the row has no colour."""

    label: str
    value: str
    series: int | None = None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class ReadOut:
    """index: the visit read, None in the future; day: where the line snaps to; subtitle: what the almanac says."""

    title: str
    rows: tuple[Row, ...]
    day: float
    index: int | None
    subtitle: str = ""


def read_out(sheet: Sheet, axis: TimeAxis, day: float) -> ReadOut | None:
    """Values at the visit nearest to ``day``; after the last visit and today, the forecast. None without visits."""
    if not sheet.visits:
        return None
    ahead = sheet.forecast_until is not None and sheet.today is not None and day > sheet.today
    if ahead and day > (max(sheet.today or 0.0, sheet.last_day) + 1e-6):
        return _future(sheet, axis, min(day, sheet.forecast_until or day))
    return _visit(sheet, axis, sheet.nearest(day))


def axis_read_out(sheet: Sheet, axis: TimeAxis, day: float) -> ReadOut | None:
    """What a place on the axis is: date, lunar date, solar term, days from the first and to the last visit."""
    if not sheet.visits or axis.basis is DateBasis.ORDER:
        return None
    date = axis.date_at(day)
    ahead = day - sheet.last_day
    rows = [Row(QCoreApplication.translate("TimelineReadOut", "Since the first visit"), days_text(round(day)))]
    if round(ahead):
        later = QCoreApplication.translate("TimelineReadOut", "After the last visit")
        earlier = QCoreApplication.translate("TimelineReadOut", "Before the last visit")
        rows.append(Row(later if ahead > 0 else earlier, days_text(round(abs(ahead)))))
    if date is None:
        return ReadOut(axis.day_number(round(day)), tuple(rows), day, None)
    found = almanac(date)
    if found is not None:
        moon, term = full_lunar_text(found, axis.language), term_text(found, axis.language)
        words = QCoreApplication.translate("TimelineReadOut", "Lunar date")
        rows = [Row(words, moon), Row(QCoreApplication.translate("TimelineReadOut", "Solar term"), term), *rows]
    return ReadOut(axis.date_text(date, year=True), tuple(rows), day, None)


def _almanac(axis: TimeAxis, day: float) -> str:
    date = axis.date_at(day)
    return "" if date is None else almanac_text(date, axis.language)


def _visit(sheet: Sheet, axis: TimeAxis, index: int) -> ReadOut:
    visit = sheet.visits[index]
    title = [axis.visit_number(visit.number)]
    dated = axis.visit_date(visit)
    if dated:
        title.append(dated)
    if axis.basis is not DateBasis.ORDER and (index or not dated):
        title.append(axis.day_number(visit.day))
    if len(title) == 1:
        title.append(QCoreApplication.translate("TimelineReadOut", "no date recorded"))
    rows = [Row(x.label, _number(x, x.at(visit.day)), i) for i, x in enumerate(sheet.scores) if _has(x, visit.day)]
    if sheet.total is not None and _has(sheet.total, visit.day):
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Total"), f"{sheet.total.at(visit.day):g}"))
    if sheet.effect is not None and _has(sheet.effect, visit.day):
        effect = sheet.effect.at(visit.day)
        words = f"{effect:.0%} {effect_word(effect_class(effect))}".replace("-", "−")
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Effect index"), words))
    rows += [Row(x.label, _presence(x.at(visit.day))) for x in sheet.signs[:_SIGNS] if _has(x, visit.day)]
    rows += [Row(x.label, _number(x, x.at(visit.day)), i) for i, x in enumerate(sheet.labs) if _has(x, visit.day)]
    rows += _findings(sheet, index)
    return ReadOut(" · ".join(title), tuple(rows), visit.day, index, _almanac(axis, visit.day))


def _findings(sheet: Sheet, index: int) -> list[Row]:
    day = sheet.visits[index].day
    rows = []
    pulse = next((p for p in sheet.pulses if p.index == index), None)
    if pulse is not None:
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Pulse"), pulse.name))
    for label, found in (
        (QCoreApplication.translate("TimelineReadOut", "Tongue"), sheet.tongue),
        (QCoreApplication.translate("TimelineReadOut", "Syndrome"), sheet.syndromes),
    ):
        text = next((b.text for b in found if b.start <= day < b.end), "")
        if text:
            rows.append(Row(label, text, lines=2))
    happened = list(dict.fromkeys(effect_word(e.text) for e in sheet.events if e.day == day))
    if happened:
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Events"), " · ".join(happened), lines=2))
    by_visit = sheet.remedies.by_visit
    if index < len(by_visit) and by_visit[index]:
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Formula"), by_visit[index], lines=_NOTE_LINES))
    label = QCoreApplication.translate("TimelineReadOut", "Annotation")
    rows += [Row(label, flag.text, lines=3) for flag in sheet.flags if sheet.nearest(flag.day) == index]
    if sheet.notes and sheet.notes[index]:
        rows.append(Row(QCoreApplication.translate("TimelineReadOut", "Note"), sheet.notes[index], lines=_NOTE_LINES))
    return rows


def _future(sheet: Sheet, axis: TimeAxis, day: float) -> ReadOut:
    ahead = day - (sheet.today or 0.0)
    title = [QCoreApplication.translate("TimelineReadOut", "Forecast +{n} days").format(n=f"{ahead:.0f}")]
    if axis.place(day):
        title.append(axis.place(day))
    rows = []
    for lines in (sheet.scores, sheet.signs, sheet.labs):
        for index, line in enumerate(lines):
            path = line.forecast
            if path is not None:
                middle, low, high = (
                    float(np.interp(day, path.days, v)) for v in (path.median, path.outer[0], path.outer[1])
                )
                if path.chance:
                    rows.append(Row(line.label, f"{chance_text(middle)} {likelihood(middle)}", index))
                    continue
                median, interval = figure_texts(middle, low, high)
                rows.append(Row(line.label, f"{median} ({interval})", index))
    return ReadOut(" · ".join(title), tuple(rows), day, None, _almanac(axis, day))


def days_text(days: float) -> str:
    text = f"{days:.0f}" if abs(days - round(days)) < 0.05 else f"{days:.1f}"
    return QCoreApplication.translate("TimelineReadOut", "{n} days").format(n=text)


def _has(line: Line, day: float) -> bool:
    return not math.isnan(line.at(day))


def _number(line: Line, value: float) -> str:
    return f"{value:.4g} {line.unit}".rstrip()


def _presence(value: float) -> str:
    if value > 0:
        return QCoreApplication.translate("TimelineReadOut", "present")
    return QCoreApplication.translate("TimelineReadOut", "denied")


def paint_read_out(painter: QPainter, ink: Ink, out: ReadOut, at: QPointF, inside: QRectF) -> None:
    """A box beside the cursor that flips to stay inside."""
    label = _label_width(ink, out)
    wrapped = [(row, _wrap(ink, row, label)) for row in out.rows]
    heading_height = 22.0 + (16.0 if out.subtitle else 0.0)
    height = _PAD * 2 + heading_height - 2 + sum(_ROW * len(lines) for _, lines in wrapped)
    left = at.x() + 14 if at.x() + 14 + _WIDTH <= inside.right() else at.x() - 14 - _WIDTH
    top = min(max(at.y() - 24, inside.top() + 4), max(inside.bottom() - height - 4, inside.top() + 4))
    box = QRectF(max(left, inside.left() + 4), top, _WIDTH, height)
    ink.box(painter, box, ink.colour("surface"), ink.colour("line"), radius=6)
    y = box.top() + _PAD
    heading = QRectF(box.left() + _PAD, y, _WIDTH - 2 * _PAD, 16)
    ink.text(painter, heading, out.title, ink.colour("text"), font=ink.bold)
    if out.subtitle:
        ink.text(painter, heading.translated(0, 18), out.subtitle, ink.colour("muted"))
    y += heading_height
    for row, lines in wrapped:
        _paint_row(painter, ink, row, lines, QRectF(box.left() + _PAD, y, label, _ROW))
        y += _ROW * len(lines)


def _label_width(ink: Ink, out: ReadOut) -> float:
    wanted = max((ink.width(r.label, ink.small) + (22 if r.series is not None else 9) for r in out.rows), default=0.0)
    return min(max(wanted, 44.0), 130.0)


def _wrap(ink: Ink, row: Row, label: float) -> list[str]:
    """The value on up to ``row.lines`` lines, broken anywhere, as Chinese is."""
    room = _WIDTH - 2 * _PAD - label
    text, lines = row.value, []
    while text and len(lines) < row.lines - 1 and ink.width(text, ink.small) > room:
        cut = len(text)
        while cut > 1 and ink.width(text[:cut], ink.small) > room:
            cut -= 1 if cut < 40 else cut // 8
        space = text.rfind(" ", 0, cut + 1)
        cut = space if space > cut // 2 else cut
        lines.append(text[:cut])
        text = text[cut:].lstrip()
    return [*lines, text]


def _paint_row(painter: QPainter, ink: Ink, row: Row, lines: list[str], label: QRectF) -> None:
    left, y, x = label.left(), label.top(), label.left()
    if row.series is not None:
        painter.setPen(QPen(ink.colour("surface"), 1))
        ink.marker(painter, MARKERS[row.series % len(MARKERS)], QPointF(left + 4, y + 8), ink.series(row.series))
        x += 13
    words = QRectF(x, y, label.right() - x - 6, _ROW)
    ink.text(painter, words, row.label, ink.colour("muted"))
    for index, line in enumerate(lines):
        rect = QRectF(label.right(), y + index * _ROW, _WIDTH - 2 * _PAD - label.width(), _ROW)
        single = len(lines) == 1 and ink.width(line, ink.small) < rect.width()
        ink.text(painter, rect, line, ink.colour("text"), align=RIGHT if single else LEFT)
