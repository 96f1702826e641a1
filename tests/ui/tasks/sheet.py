"""One picture of all ten tasks: the last of each, small, numbered, in a palette of few colours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from app.ui import theme

WIDTH, COLUMNS, GAP, CAPTION = 1280, 3, 12, 24


def contact_sheet(pictures: Mapping[str, QPixmap], path: Path) -> None:
    """pictures: name of the task -> what the window looked like at its end."""
    wide = (WIDTH - GAP * (COLUMNS + 1)) // COLUMNS
    first = next(iter(pictures.values()))
    high = wide * first.height() // first.width()
    rows = -(-len(pictures) // COLUMNS)
    sheet = QImage(WIDTH, rows * (high + CAPTION + GAP) + GAP, QImage.Format.Format_RGB32)
    sheet.fill(theme.current().color("bg"))
    painter = QPainter(sheet)
    painter.setFont(theme.font(bold=True))
    for place, (name, picture) in enumerate(pictures.items()):
        left = GAP + place % COLUMNS * (wide + GAP)
        top = GAP + place // COLUMNS * (high + CAPTION + GAP)
        painter.setPen(theme.current().color("text"))
        painter.drawText(QRect(left, top, wide, CAPTION), int(Qt.AlignmentFlag.AlignVCenter), f"{place + 1}  {name}")
        small = picture.scaled(
            wide, high, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawPixmap(left, top + CAPTION, small)
        painter.setPen(theme.current().color("line"))
        painter.drawRect(left, top + CAPTION, wide - 1, high - 1)
    painter.end()
    few = sheet.convertToFormat(QImage.Format.Format_Indexed8, Qt.ImageConversionFlag.ThresholdDither)
    few.save(str(path), "PNG", 0)  # pyright: ignore[reportCallIssue,reportArgumentType]
