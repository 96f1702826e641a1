"""How a patient looks in the list: name, sex and age, last visit, and the main score's course as a small line."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.pages.patient_model import ROW, PatientLike
from app.ui.translation import day_text
from app.ui.words import person

HEIGHT = 52
MARGIN = 12
SPARK_WIDTH, SPARK_HEIGHT = 44, 16
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
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colors.color("grid"))
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
        last = QFontMetrics(small).elidedText(self.last_visit(row), Qt.TextElideMode.ElideRight, room)
        painter.drawText(second, _LINE, last)

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
