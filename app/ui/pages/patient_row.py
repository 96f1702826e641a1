"""How a patient looks in the list: name, sex and age, last visit, tags, a pin, the main score's course as a small
line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import icons, theme
from app.ui.pages.patient_model import LAST_PIN, ROW, PatientLike
from app.ui.translation import day_text
from app.ui.words import person

HEIGHT = 52
MARGIN = 12
SPARK_WIDTH, SPARK_HEIGHT = 44, 16
PIN = 10  # side of its mark, in the margin
TAGS_SHARE = 0.45  # of the line, where the last visit would leave less
STILL = 0.05  # a change below this share of the largest score counts as none


def spark_tone(values: list[float]) -> str:
    """Theme token: red where the last score is worse than the first, green where better, muted where the same."""
    if len(values) < 2:
        return "muted"
    change = values[-1] - values[0]
    if abs(change) <= STILL * max(max(values), 1e-9):
        return "muted"
    return "red" if change > 0 else "green"


def spark_points(values: list[float], box: QRectF) -> list[QPointF]:
    """The line inside box, higher scores higher up; the scale starts at 0, so that flat looks flat."""
    top = max(*values, 1e-9)
    step = box.width() / (len(values) - 1)
    return [QPointF(box.left() + i * step, box.bottom() - v / top * box.height()) for i, v in enumerate(values)]


def second_line(visit: str, tags: Sequence[str], metrics: QFontMetrics, room: int) -> tuple[str, str]:
    """Last visit and tags, each shortened so that both fit side by side into ``room`` pixels."""
    right = Qt.TextElideMode.ElideRight
    if not tags:
        return metrics.elidedText(visit, right, room), ""
    words = " · ".join(" ".join(tag.split()) for tag in tags)
    left = max(room - metrics.horizontalAdvance(visit) - theme.GAP, round(TAGS_SHARE * room))
    shown = metrics.elidedText(words, right, left)
    return metrics.elidedText(visit, right, room - metrics.horizontalAdvance(shown) - theme.GAP), shown


@cache
def _pin(color: str) -> QPixmap:
    return icons.pixmap("pin", color, PIN)


class PatientRowDelegate(QStyledItemDelegate):
    """Paints plain text only, so no name can act as markup."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(200), theme.px(HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: PatientLike | None = index.data(ROW)
        if row is None:
            return
        colors = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colors.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colors.color("sunk", 0.6))
        edge = colors.color("muted" if index.data(LAST_PIN) else "grid")
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), edge)
        if row.pinned:
            painter.drawPixmap(rect.left() + 1, rect.top() + 12, _pin(colors.accent))
        self._paint_words(painter, rect, row)
        self._paint_spark(painter, rect, [float(v) for v in row.spark])
        painter.restore()

    def last_visit(self, row: PatientLike) -> str:
        """When the patient was last seen: the date where there is one, else how many visits over how many days."""
        if row.last_date is not None:
            return self.tr("Last visit {date}").format(date=day_text(row.last_date))
        return self.tr("%n visit(s), no dates", "", row.visits)

    def _paint_words(self, painter: QPainter, rect: QRect, row: PatientLike) -> None:
        colors = theme.current()
        left, gap = rect.left() + theme.px(MARGIN), theme.px(6)
        room = rect.width() - theme.px(2 * MARGIN + SPARK_WIDTH + theme.GAP)
        first = QRect(left, rect.top() + theme.px(8), room, theme.px(18))
        second = QRect(left, rect.top() + theme.px(28), room, theme.px(16))
        bold, base, small = theme.font(bold=True), theme.font(), theme.font(theme.SMALL)
        about = person(row.sex, row.age)
        about_width = QFontMetrics(base).horizontalAdvance(about)
        name = " ".join((row.name or row.code).split())
        measure = QFontMetrics(bold)
        name = measure.elidedText(name, Qt.TextElideMode.ElideRight, max(room - about_width - gap, theme.px(40)))
        painter.setFont(bold)
        painter.setPen(colors.color("text"))
        painter.drawText(first, _LINE, name)
        painter.setFont(base)
        shift = measure.horizontalAdvance(name) + gap
        painter.drawText(first.adjusted(shift, 0, 0, 0), _LINE, about)
        painter.setFont(small)
        painter.setPen(colors.color("muted"))
        words, tags = second_line(self.last_visit(row), row.tags, QFontMetrics(small), room)
        painter.drawText(second, _LINE, words)
        if tags:
            width = QFontMetrics(small).horizontalAdvance(tags)
            painter.setPen(colors.color("accent"))
            painter.drawText(second.adjusted(room - width, 0, 1, 0), _LINE, tags)

    def _paint_spark(self, painter: QPainter, rect: QRect, values: list[float]) -> None:
        if len(values) < 2:
            return
        box = QRectF(
            rect.right() - theme.px(MARGIN + SPARK_WIDTH),
            rect.center().y() - theme.px(SPARK_HEIGHT) / 2,
            theme.px(SPARK_WIDTH),
            theme.px(SPARK_HEIGHT),
        )
        points = spark_points(values, box)
        color = theme.current().color(spark_tone(values))
        painter.setPen(
            QPen(
                color,
                1.5 * theme.text_size(),
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        painter.drawPolyline(points)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(points[-1], 2.2 * theme.text_size(), 2.2 * theme.text_size())


_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
