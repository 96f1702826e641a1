"""A report as PDF: the one module below the window that uses Qt.

Every block (a paragraph, a table, a picture) is laid out by itself and placed whole; a table too tall for the rest of a
page is split between rows under a repeated head, a heading never stands alone at a page's foot. Text stays text: the
shipped font is cut so that Qt's text layer holds the characters as written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QPen,
    QTextDocument,
)

from app.domain.errors import KnownError
from app.files import replacing
from app.paths import RESOURCES
from app.reporting import html
from app.reporting.model import Report

DPI = 600
PAGE = (210.0, 297.0)  # mm, A4
SIDE, TOP, BOTTOM = 16.0, 15.0, 18.0  # margins, mm; the page number stands inside the bottom one
RUNNING = 8.0  # mm, the head of every page but the first
INK, MUTED, LINE, ACCENT = "#1E282B", "#5B676B", "#DCD7CB", "#1B6670"
GAP = 1.2  # mm between blocks
FEWEST_ROWS = 4  # of a split table on either side of the break


def _mm(value: float) -> float:
    """Millimetres to device units."""
    return value * DPI / 25.4


WIDTH = _mm(PAGE[0] - 2 * SIDE)
HEIGHT = _mm(PAGE[1] - TOP - BOTTOM)

_made_here: list[QGuiApplication] = []  # an application made by this module lives as long as the process
_families: list[str] = []


def _ready() -> str:
    """Make sure there is an application and the shipped font; returns the font's family.

    Raises KnownError where the font is missing.
    """
    if QGuiApplication.instance() is None:
        from PySide6.QtWidgets import QApplication  # a plain QGuiApplication would bar the window from opening later

        screenless = sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        )
        if screenless:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _made_here.append(QApplication(["mailiu"]))
    if not _families:
        folder = RESOURCES / "fonts"
        for file in sorted([*folder.glob("*.otf"), *folder.glob("*.ttf")]):
            known = QFontDatabase.addApplicationFont(str(file))
            _families.extend(QFontDatabase.applicationFontFamilies(known) if known >= 0 else [])
    if not _families:
        raise KnownError(
            "The font for reports is missing from {folder}: install Mailiu again.", folder=RESOURCES / "fonts"
        )
    return _families[0]


class _Document(QTextDocument):
    """Rich text that fetches nothing, whatever stands in it."""

    def loadResource(self, type: int, name: object) -> object:  # noqa: A002 - Qt's own parameter name
        return None


@dataclass
class _Block:
    """Something to place. rows is 0 for what cannot be split; ``part(a, b)`` lays out rows a..b of a table."""

    whole: Callable[[], _Document] | None = None
    part: Callable[[int, int], _Document] | None = None
    rows: int = 0
    image: QImage | None = None
    drawn: Callable[[QPainter, float], None] | None = None  # painted by hand at a height, ``tall`` device units
    tall: float = 0.0
    heading: bool = False
    before: float = GAP


@dataclass
class _Page:
    items: list[tuple[float, Callable[[QPainter, float], None]]] = field(default_factory=list)


class _Layout:
    """Places blocks on pages from top to bottom."""

    def __init__(self) -> None:
        self.pages = [_Page()]
        self.y = 0.0

    @property
    def left(self) -> float:
        return HEIGHT - self.y

    def new_page(self) -> None:
        self.pages.append(_Page())
        self.y = _mm(RUNNING)

    def put(self, draw: Callable[[QPainter, float], None], tall: float, before: float) -> None:
        if self.y > _mm(RUNNING):
            self.y += _mm(before)
        self.pages[-1].items.append((self.y, draw))
        self.y += tall

    def place(self, blocks: list[_Block]) -> None:
        held: list[_Block] = []  # headings that wait for what they head
        for block in blocks:
            if block.heading:
                held.append(block)
                continue
            above = sum(_tall(h) + _mm(h.before) for h in held) + _mm(block.before)
            if above + self._least(block, above) > self.left and self.y > _mm(RUNNING):
                self.new_page()
            for head in held:
                self._put_document(head, _whole(head))
            held = []
            self._put(block)

    def _least(self, block: _Block, above: float) -> float:
        """Height of the smallest piece of a block that may stand at the foot of this page."""
        if block.image is not None:
            return 0.75 * _picture_size(block.image).height()
        tall = _tall(block)
        if block.part is None or block.rows < 2 * FEWEST_ROWS or tall + above <= self.left:
            return tall
        return tall if tall < 0.6 * HEIGHT else _height(block.part(0, FEWEST_ROWS))

    def _put(self, block: _Block) -> None:
        if block.drawn is not None:
            self.put(block.drawn, block.tall, block.before)
        elif block.image is not None:
            size = _picture_size(block.image)
            room = self.left - _mm(block.before)
            if size.height() > room:
                size *= room / size.height()
            self.put(partial(_draw_image, block.image, size), size.height(), block.before)
        elif block.part is not None and block.rows:
            self._put_rows(block, block.part)
        else:
            self._put_document(block, _whole(block))

    def _put_document(self, block: _Block, document: _Document) -> None:
        self.put(partial(_draw_document, document), _height(document), block.before)

    def _put_rows(self, block: _Block, part: Callable[[int, int], _Document]) -> None:
        start = 0
        while start < block.rows:
            room = self.left - _mm(block.before)
            document = part(start, block.rows)
            stop = block.rows
            if _height(document) > room:
                stop = _last_fitting(part, start, block.rows, room)
                if block.rows - stop < 2 and stop - start > FEWEST_ROWS:
                    stop -= 1  # no single row alone overleaf
                document = part(start, stop)
            self._put_document(block, document)
            start = stop
            if start < block.rows:
                self.new_page()


def _last_fitting(part: Callable[[int, int], _Document], start: int, rows: int, room: float) -> int:
    """Largest stop with rows start..stop no taller than ``room``; one row at least, or it would never end."""
    low, high = start + 1, rows
    while low < high:
        middle = (low + high + 1) // 2
        if _height(part(start, middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _height(document: _Document) -> float:
    return document.documentLayout().documentSize().height()


def _whole(block: _Block) -> _Document:
    if block.whole is None:
        raise TypeError("only text has a document of its own")
    return block.whole()


def _tall(block: _Block) -> float:
    if block.drawn is not None:
        return block.tall
    if block.image is not None:
        return _picture_size(block.image).height()
    return _height(block.part(0, block.rows) if block.part is not None else _whole(block))


def _picture_size(image: QImage) -> QSizeF:
    """As wide as the text, and no taller than leaves room for its heading on a page of its own."""
    size = QSizeF(WIDTH, WIDTH * image.height() / max(image.width(), 1))
    return size * min(1.0, 0.88 * HEIGHT / max(size.height(), 1.0))


def _draw_image(image: QImage, size: QSizeF, painter: QPainter, y: float) -> None:
    painter.drawImage(QRectF(QPointF((WIDTH - size.width()) / 2, y), size), image)


def _draw_document(document: _Document, painter: QPainter, y: float) -> None:
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor(INK))  # the desktop's own palette may be dark
    context.palette = palette  # pyright: ignore[reportAttributeAccessIssue]
    painter.save()
    painter.translate(0, y)
    document.documentLayout().draw(painter, context)
    painter.restore()


class _Composer:
    """Blocks of one report on one device."""

    def __init__(self, report: Report, writer: QPdfWriter, family: str) -> None:
        self.report, self.writer, self.family = report, writer, family
        self.style = (html.TEMPLATES / "report_pdf.css").read_text(encoding="utf-8")

    def font(self, points: float) -> QFont:
        font = QFont(self.family)
        font.setPointSizeF(points)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def document(self, body: str, points: float = 9.0) -> _Document:
        document = _Document()
        document.documentLayout().setPaintDevice(self.writer)
        document.setDefaultFont(self.font(points))
        document.setDocumentMargin(0)
        document.setDefaultStyleSheet(self.style)
        document.setHtml(f"<body>{body}</body>")
        document.setTextWidth(WIDTH)
        return document

    def text(self, body: str, **options: float | bool) -> _Block:
        return _Block(whole=partial(self.document, body), **options)  # pyright: ignore[reportArgumentType]

    def heading(self, words: str, *, minor: bool = False) -> _Block:
        size, colour = (8.5, MUTED) if minor else (11, ACCENT)
        body = f'<p style="font-size:{size}pt; color:{colour}">{html.escape(words)}</p>'
        return self.text(body, heading=True, before=2.0 if minor else 5.0)

    def table(self, rows: int, fragment: Callable[[int, int], str]) -> _Block:
        return _Block(part=lambda a, b: self.document(fragment(a, b)), rows=rows)

    def blocks(self) -> Iterator[_Block]:
        report, heads = self.report, self.report.headings
        yield _Block(drawn=self._masthead, tall=_mm(14))
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
            yield _Block(image=_picture(picture.key, picture.png))
        if (block := report.forecast) is not None:
            yield self.heading(heads["forecast"])
            if block.warning:
                yield self.text(html.warning(block))
            yield self.text(html.forecast_table(block))
            yield self.text(html.small(block.note))
            yield self.heading(heads["basis"], minor=True)
            yield self.text(html.basis_table(block))
        yield _Block(drawn=self._signature, tall=_mm(22), before=6.0)

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
        box = lambda k: QRectF(k * third, y, third, _mm(9))
        self._words(painter, box(0), report.clinic, 10, INK, Qt.AlignmentFlag.AlignLeft)
        self._words(painter, box(1), report.title, 16, INK, Qt.AlignmentFlag.AlignHCenter)
        self._words(painter, box(2), report.printed, 8.5, MUTED, Qt.AlignmentFlag.AlignRight)
        self._rule(painter, y + _mm(11), ACCENT, 1.5)

    def _signature(self, painter: QPainter, y: float) -> None:
        self._rule(painter, y, LINE, 0.5)
        top = QRectF(0, y + _mm(1.5), WIDTH, _mm(5))
        self._words(painter, top, self.report.disclaimer, 9, INK, Qt.AlignmentFlag.AlignLeft)
        base, right = y + _mm(20), WIDTH
        for words, line in zip(reversed(self.report.signature), (32.0, 42.0), strict=False):
            start = right - _mm(line)
            self._rule(painter, base, INK, 0.5, start, right)
            label = QRectF(start - _mm(50), base - _mm(6), _mm(48), _mm(6.5))
            self._words(painter, label, words, 9.5, INK, Qt.AlignmentFlag.AlignRight)
            right = start - _mm(8) - QFontMetricsF(self.font(9.5), self.writer).horizontalAdvance(words)

    def frame(self, painter: QPainter, page: int, pages: int) -> None:
        """Head of every page but the first; foot with the number of every page."""
        report = self.report
        if page > 1:
            head = QRectF(0, 0, WIDTH, _mm(4))
            self._words(painter, head, f"{report.clinic}  {report.title}".strip(), 8, MUTED, Qt.AlignmentFlag.AlignLeft)
            self._words(painter, head, report.code, 8, MUTED, Qt.AlignmentFlag.AlignRight)
            self._rule(painter, _mm(5), LINE, 0.5)
        foot = QRectF(0, HEIGHT + _mm(4), WIDTH, _mm(5))
        number = report.page.format(page=page, pages=pages)
        self._words(painter, foot, report.disclaimer, 7.5, MUTED, Qt.AlignmentFlag.AlignLeft)
        self._words(painter, foot, number, 8, MUTED, Qt.AlignmentFlag.AlignRight)


def _picture(key: str, png: bytes) -> QImage:
    image = QImage.fromData(html.checked_png(key, png), "PNG")  # pyright: ignore[reportArgumentType, reportCallIssue]
    if image.isNull():
        raise KnownError("The picture {key} is not a PNG image.", key=key)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def to_pdf(report: Report) -> bytes:
    """The report as the bytes of a PDF file, A4 portrait. Raises KnownError for a bad picture or a missing font."""
    family = _ready()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    writer.setTitle(f"{report.title} {report.code}")
    writer.setCreator("Mailiu")
    composer, layout = _Composer(report, writer, family), _Layout()
    layout.place(list(composer.blocks()))
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.translate(_mm(SIDE), _mm(TOP))
    for index, page in enumerate(layout.pages):
        if index:
            writer.newPage()
        composer.frame(painter, index + 1, len(layout.pages))
        for y, draw in page.items:
            draw(painter, y)
    painter.end()
    return bytes(buffer.data().data())


def write_pdf(report: Report, path: Path) -> Path:
    """Write the report, atomically. Raises KnownError where the place cannot be written."""
    content = to_pdf(report)
    with replacing(path) as aside:
        aside.write_bytes(content)
    return path


def sheet_document(body: str) -> QTextDocument:
    """A sheet's HTML laid out for a printer of any paper; fetches nothing, whatever stands in it."""
    document = _Document()
    document.setDefaultFont(QFont(_ready(), 11))
    document.setDefaultStyleSheet(f"h1, p, td, span, b {{ color: {INK} }}")  # paper is white, also for a dark window
    document.setHtml(body)
    return document
