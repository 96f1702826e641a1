"""Line icons of ``resources/icons`` in any colour: the files are black, the theme's colour is put in when drawn."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.paths import RESOURCES

INK = "#000000"  # the colour every icon file is drawn in


@cache
def source(name: str) -> str:
    """SVG text of an icon. Raises FileNotFoundError for an icon that is not shipped."""
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, color: str, size: int = 22, ratio: float = 2.0) -> QPixmap:
    """size in logical pixels; drawn ratio times as large, so that it stays sharp on dense screens."""
    renderer = QSvgRenderer(QByteArray(source(name).replace(INK, color).encode()))
    side = round(size * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    out = QPixmap.fromImage(image)
    out.setDevicePixelRatio(ratio)
    return out


def icon(name: str, color: str, size: int = 22) -> QIcon:
    return QIcon(pixmap(name, color, size))
