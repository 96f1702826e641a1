"""Blocks placed on pages: a table breaks between rows, a heading never stands alone at a page's foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QImage, QPainter, QPalette

from app.reporting.pdf.paper import HEIGHT, INK, RUNNING, WIDTH, Document, mm

GAP = 1.2  # mm between blocks
FEWEST_ROWS = 4  # of a split table on either side of the break


@dataclass
class Block:
    """Something to place. rows is 0 for what cannot be split; ``part(a, b)`` lays out rows a..b of a table."""

    whole: Callable[[], Document] | None = None
    part: Callable[[int, int], Document] | None = None
    rows: int = 0
    image: QImage | None = None
    drawn: Callable[[QPainter, float], None] | None = None  # painted by hand at a height, ``tall`` device units
    tall: float = 0.0
    heading: bool = False
    before: float = GAP


@dataclass
class Page:
    items: list[tuple[float, Callable[[QPainter, float], None]]] = field(default_factory=list)


class Layout:
    """Places blocks on pages from top to bottom."""

    def __init__(self) -> None:
        self.pages = [Page()]
        self.y = 0.0

    @property
    def left(self) -> float:
        return HEIGHT - self.y

    def new_page(self) -> None:
        self.pages.append(Page())
        self.y = mm(RUNNING)

    def put(self, draw: Callable[[QPainter, float], None], tall: float, before: float) -> None:
        if self.y > mm(RUNNING):
            self.y += mm(before)
        self.pages[-1].items.append((self.y, draw))
        self.y += tall

    def place(self, blocks: list[Block]) -> None:
        held: list[Block] = []  # headings that wait for what they head
        for block in blocks:
            if block.heading:
                held.append(block)
                continue
            above = sum(_tall(h) + mm(h.before) for h in held) + mm(block.before)
            if above + self._least(block, above) > self.left and self.y > mm(RUNNING):
                self.new_page()
            for head in held:
                self._put_document(head, _whole(head))
            held = []
            self._put(block)

    def _least(self, block: Block, above: float) -> float:
        """Height of the smallest piece of a block that may stand at the foot of this page."""
        if block.image is not None:
            return 0.75 * _picture_size(block.image).height()
        tall = _tall(block)
        if block.part is None or block.rows < 2 * FEWEST_ROWS or tall + above <= self.left:
            return tall
        return tall if tall < 0.6 * HEIGHT else _height(block.part(0, FEWEST_ROWS))

    def _put(self, block: Block) -> None:
        if block.drawn is not None:
            self.put(block.drawn, block.tall, block.before)
        elif block.image is not None:
            size = _picture_size(block.image)
            room = self.left - mm(block.before)
            if size.height() > room:
                size *= room / size.height()
            self.put(partial(_draw_image, block.image, size), size.height(), block.before)
        elif block.part is not None and block.rows:
            self._put_rows(block, block.part)
        else:
            self._put_document(block, _whole(block))

    def _put_document(self, block: Block, document: Document) -> None:
        self.put(partial(_draw_document, document), _height(document), block.before)

    def _put_rows(self, block: Block, part: Callable[[int, int], Document]) -> None:
        start = 0
        while start < block.rows:
            room = self.left - mm(block.before)
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


def _last_fitting(part: Callable[[int, int], Document], start: int, rows: int, room: float) -> int:
    """Largest stop with rows start..stop no taller than ``room``; one row at least, or it would never end."""
    low, high = start + 1, rows
    while low < high:
        middle = (low + high + 1) // 2
        if _height(part(start, middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _height(document: Document) -> float:
    return document.documentLayout().documentSize().height()


def _whole(block: Block) -> Document:
    if block.whole is None:
        raise TypeError("only text has a document of its own")
    return block.whole()


def _tall(block: Block) -> float:
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


def _draw_document(document: Document, painter: QPainter, y: float) -> None:
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, QColor(INK))  # the desktop's own palette may be dark
    context.palette = palette  # pyright: ignore[reportAttributeAccessIssue]
    painter.save()
    painter.translate(0, y)
    document.documentLayout().draw(painter, context)
    painter.restore()
