"""A report as PDF: the one package below the window that uses Qt.

Every block (a paragraph, a table, a picture) is laid out by itself and placed whole; a table too tall for the rest of a
page is split between rows under a repeated head, a heading never stands alone at a page's foot. Text stays text: the
shipped font is cut so that Qt's text layer holds the characters as written.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from app.files import replacing
from app.reporting.model import Report
from app.reporting.pdf.composer import Composer
from app.reporting.pdf.paging import Layout
from app.reporting.pdf.paper import DPI, INK, SIDE, TOP, Document, mm, ready


def to_pdf(report: Report) -> bytes:
    """The report as the bytes of a PDF file, A4 portrait. Raises KnownError for a bad picture or a missing font."""
    family = ready()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    writer.setTitle(f"{report.title} {report.code}")
    writer.setCreator("Mailiu")
    composer, layout = Composer(report, writer, family), Layout()
    layout.place(list(composer.blocks()))
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.translate(mm(SIDE), mm(TOP))
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
    document = Document()
    document.setDefaultFont(QFont(ready(), 11))
    document.setDefaultStyleSheet(f"h1, p, td, span, b {{ color: {INK} }}")  # paper is white, also for a dark window
    document.setHtml(body)
    return document
