"""The blocks of one report in their order, and what stands around them on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPdfWriter, QPen

from app.domain.errors import KnownError
from app.reporting import html
from app.reporting.model import Report
from app.reporting.pdf.paging import Block
from app.reporting.pdf.paper import ACCENT, DPI, HEIGHT, INK, LINE, MUTED, WIDTH, Document, mm


class Composer:
    """Blocks of one report on one device."""

    def __init__(self, report: Report, writer: QPdfWriter, family: str) -> None:
        self.report, self.writer, self.family = report, writer, family
        self.style = (html.TEMPLATES / "report_pdf.css").read_text(encoding="utf-8")

    def font(self, points: float) -> QFont:
        font = QFont(self.family)
        font.setPointSizeF(points)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def document(self, body: str, points: float = 9.0) -> Document:
        document = Document()
        document.documentLayout().setPaintDevice(self.writer)
        document.setDefaultFont(self.font(points))
        document.setDocumentMargin(0)
        document.setDefaultStyleSheet(self.style)
        document.setHtml(f"<body>{body}</body>")
        document.setTextWidth(WIDTH)
        return document

    def text(self, body: str, **options: float | bool) -> Block:
        return Block(whole=partial(self.document, body), **options)  # pyright: ignore[reportArgumentType]

    def heading(self, words: str, *, minor: bool = False) -> Block:
        size, colour = (8.5, MUTED) if minor else (11, ACCENT)
        body = f'<p style="font-size:{size}pt; color:{colour}">{html.escape(words)}</p>'
        return self.text(body, heading=True, before=2.0 if minor else 5.0)

    def table(self, rows: int, fragment: Callable[[int, int], str]) -> Block:
        return Block(part=lambda a, b: self.document(fragment(a, b)), rows=rows)

    def blocks(self) -> Iterator[Block]:
        report, heads = self.report, self.report.headings
        yield Block(drawn=self._masthead, tall=mm(14))
        yield self.text(html.patient_block(report.patient), before=2.0)
        if report.tables:
            yield self.heading(heads["course"])
        for table in report.tables:
            if table.title:
                yield self.heading(table.title, minor=True)
            yield self.table(len(table.rows), lambda a, b, table=table: html.course_table(table, table.rows[a:b]))
        if report.tables and report.table_note:
            yield self.text(html.small(report.table_note))
        if report.prescription:
            yield self.heading(heads["prescription"])
            yield self.text(html.prescription(report.prescription))
        if report.effect is not None:
            yield self.heading(heads["effect"])
            yield self.text(html.effect_block(report.effect))
        for picture in report.pictures:
            yield self.heading(picture.title)
            yield Block(image=_picture(picture.key, picture.png))
        if (block := report.forecast) is not None:
            yield self.heading(heads["forecast"])
            if block.warning:
                yield self.text(html.warning(block))
            yield self.text(html.forecast_table(block))
            yield self.text(html.small(block.note))
            yield self.heading(heads["basis"], minor=True)
            yield self.text(html.basis_table(block))
        yield Block(drawn=self._signature, tall=mm(22), before=6.0)

    def _words(self, painter: QPainter, box: QRectF, words: str, points: float, colour: str, side: Qt.AlignmentFlag):
        font = self.font(points)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        room = QFontMetricsF(font, self.writer).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextSingleLine), room)

    def _rule(self, painter: QPainter, y: float, colour: str, points: float, left: float = 0.0, right: float = WIDTH):
        painter.setPen(QPen(QColor(colour), points * DPI / 72, c=Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(left, y), QPointF(right, y))

    def _masthead(self, painter: QPainter, y: float) -> None:
        report, third = self.report, WIDTH / 3
        box = lambda k: QRectF(k * third, y, third, mm(9))
        self._words(painter, box(0), report.clinic, 10, INK, Qt.AlignmentFlag.AlignLeft)
        self._words(painter, box(1), report.title, 16, INK, Qt.AlignmentFlag.AlignHCenter)
        self._words(painter, box(2), report.printed, 8.5, MUTED, Qt.AlignmentFlag.AlignRight)
        self._rule(painter, y + mm(11), ACCENT, 1.5)

    def _signature(self, painter: QPainter, y: float) -> None:
        self._rule(painter, y, LINE, 0.5)
        top = QRectF(0, y + mm(1.5), WIDTH, mm(5))
        self._words(painter, top, self.report.disclaimer, 9, INK, Qt.AlignmentFlag.AlignLeft)
        base, right = y + mm(20), WIDTH
        for words, line in zip(reversed(self.report.signature), (32.0, 42.0), strict=False):
            start = right - mm(line)
            self._rule(painter, base, INK, 0.5, start, right)
            label = QRectF(start - mm(50), base - mm(6), mm(48), mm(6.5))
            self._words(painter, label, words, 9.5, INK, Qt.AlignmentFlag.AlignRight)
            right = start - mm(8) - QFontMetricsF(self.font(9.5), self.writer).horizontalAdvance(words)

    def frame(self, painter: QPainter, page: int, pages: int) -> None:
        """Head of every page but the first; foot with the number of every page."""
        report = self.report
        if page > 1:
            head = QRectF(0, 0, WIDTH, mm(4))
            self._words(painter, head, f"{report.clinic}  {report.title}".strip(), 8, MUTED, Qt.AlignmentFlag.AlignLeft)
            self._words(painter, head, report.code, 8, MUTED, Qt.AlignmentFlag.AlignRight)
            self._rule(painter, mm(5), LINE, 0.5)
        foot = QRectF(0, HEIGHT + mm(4), WIDTH, mm(5))
        number = report.page.format(page=page, pages=pages)
        self._words(painter, foot, report.disclaimer, 7.5, MUTED, Qt.AlignmentFlag.AlignLeft)
        self._words(painter, foot, number, 8, MUTED, Qt.AlignmentFlag.AlignRight)


def _picture(key: str, png: bytes) -> QImage:
    image = QImage.fromData(html.checked_png(key, png), "PNG")  # pyright: ignore[reportArgumentType, reportCallIssue]
    if image.isNull():
        raise KnownError("The picture {key} is not a PNG image.", key=key)
    return image.convertToFormat(QImage.Format.Format_RGB32)
