"""One picture of the ten tasks: what they looked like, small, in a palette of few colours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, qRgb

from app.ui import theme

WIDTH, COLUMNS, GAP, CAPTION = 1280, 3, 12, 24
COLOURS = 256


def contact_sheet(pictures: Mapping[str, QPixmap], path: Path) -> None:
    """pictures: by their captions, in order. At most WIDTH pixels wide, small enough for a page of text."""
    wide = (WIDTH - GAP * (COLUMNS + 1)) // COLUMNS
    first = next(iter(pictures.values()))
    high = wide * first.height() // first.width()
    rows = -(-len(pictures) // COLUMNS)
    sheet = QImage(WIDTH, rows * (high + CAPTION + GAP) + GAP, QImage.Format.Format_RGB32)
    sheet.fill(theme.current().color("bg"))
    painter = QPainter(sheet)
    painter.setFont(theme.font(bold=True))
    smooth = Qt.TransformationMode.SmoothTransformation
    for place, (caption, picture) in enumerate(pictures.items()):
        left = GAP + place % COLUMNS * (wide + GAP)
        top = GAP + place // COLUMNS * (high + CAPTION + GAP)
        painter.setPen(theme.current().color("text"))
        painter.drawText(QRect(left, top, wide, CAPTION), int(Qt.AlignmentFlag.AlignVCenter), caption)
        small = picture.scaled(wide, high, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        painter.drawPixmap(left, top + CAPTION, small)
        painter.setPen(theme.current().color("line"))
        painter.drawRect(left, top + CAPTION, wide - 1, high - 1)
    painter.end()
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    few = sheet.convertToFormat(QImage.Format.Format_Indexed8, _palette(sheet), flags)
    if not few.save(str(path)):
        raise OSError(f"{path} could not be written")


def _palette(image: QImage) -> list[int]:
    """The colours used most, told apart in steps of eight."""
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)[:, :3].astype(np.int64)
    coarse = (pixels >> 3) @ (1, 32, 1024)
    counts = np.bincount(coarse, minlength=32**3)
    means = np.stack([np.bincount(coarse, weights=pixels[:, c], minlength=32**3) for c in range(3)])
    most = np.argsort(counts)[::-1][:COLOURS]
    blue, green, red = np.rint(means[:, most] / np.maximum(counts[most], 1)).astype(int)
    return [qRgb(int(r), int(g), int(b)) for r, g, b in zip(red, green, blue, strict=True)]
