"""Colours, measures and the font: one set of tokens, light and dark, that every widget and plot reads.

``apply`` sets Fusion, an own palette (the platform's colour scheme does nothing off-screen), the shipped font and a
small stylesheet, at the text size that is chosen; whoever paints by hand listens to ``notifier.changed``. Text tokens
keep a contrast of 4.5 on every surface of their scheme, and of 7 in high contrast (held by a test).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.paths import RESOURCES
from app.ui.settings import SCHEMES, TEXT_SIZES
from app.ui.stylesheet import stylesheet

# Type in pixels; gaps on the 4 px grid.
BASE, SMALL, TITLE = 13, 11, 17
GAP, WIDE_GAP = 8, 16
CONTROL_RADIUS, PANEL_RADIUS = 6, 8
LABEL_COLUMN = 150
LEAST, MOST = int(TEXT_SIZES[0]), int(TEXT_SIZES[-1])  # per cent of the measures above


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as "#RRGGBB". red: worse, warning; green: better, herbs; gold, metal, blue: further series."""

    name: str
    bg: str
    surface: str
    sunk: str
    line: str
    grid: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    red: str
    gold: str
    green: str
    metal: str
    blue: str

    @property
    def dark(self) -> bool:
        return self.name.endswith("dark")

    @property
    def strong(self) -> bool:
        """Of high contrast."""
        return self.name.startswith("contrast")

    @property
    def series(self) -> tuple[str, ...]:
        """Colours of plotted series in their order of use; markers and dashes must differ as well."""
        return (self.accent, self.red, self.gold, self.metal, self.blue, self.green)

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """A token as a QColor, alpha 0..1. Raises AttributeError for an unknown token."""
        return shade(getattr(self, token), alpha)


LIGHT = Theme(
    name="light",
    bg="#F6F4EE",
    surface="#FFFFFF",
    sunk="#EFECE4",
    line="#DCD7CB",
    grid="#ECE8DE",
    text="#1E282B",
    muted="#5B676B",
    accent="#1B6670",
    on_accent="#FFFFFF",
    selection="#E3EEEE",
    red="#A83A2B",
    gold="#8A6414",
    green="#2B7353",
    metal="#566777",
    blue="#2B4A80",
)

DARK = Theme(
    name="dark",
    bg="#11171A",
    surface="#192124",
    sunk="#141B1E",
    line="#2D393D",
    grid="#222C30",
    text="#E7EAE7",
    muted="#9BA8AB",
    accent="#63C4CB",
    on_accent="#0E1719",
    selection="#20343A",
    red="#EE8A7A",
    gold="#DDB565",
    green="#74C9A0",
    metal="#A6B6C4",
    blue="#8FB2EE",
)


# high contrast: every word at 7 and more, borders as strong as words need not be
CONTRAST_LIGHT = Theme(
    name="contrast_light",
    bg="#FFFFFF",
    surface="#FFFFFF",
    sunk="#F5F5F5",
    line="#5A5A5A",
    grid="#B8B8B8",
    text="#000000",
    muted="#333333",
    accent="#00454E",
    on_accent="#FFFFFF",
    selection="#D5EBED",
    red="#7A1208",
    gold="#523A00",
    green="#0A4527",
    metal="#2C3A47",
    blue="#122C6B",
)

CONTRAST_DARK = Theme(
    name="contrast_dark",
    bg="#000000",
    surface="#000000",
    sunk="#101010",
    line="#B4B4B4",
    grid="#505050",
    text="#FFFFFF",
    muted="#D8D8D8",
    accent="#7FE9F0",
    on_accent="#000000",
    selection="#0B3A40",
    red="#FFB4A8",
    gold="#FFD67A",
    green="#9CF2C6",
    metal="#CFE0EE",
    blue="#BCD2FF",
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)}


class Notifier(QObject):
    """Tells painters that the theme or the text size changed; carries the new Theme."""

    changed = Signal(object)


notifier = Notifier()
_current = LIGHT
_size = 1.0


def current() -> Theme:
    return _current


def text_size() -> float:
    """How much larger everything is than it is drawn."""
    return _size


def px(length: float) -> int:
    """A length of the drawings in pixels of the screen, at the text size that is chosen."""
    return round(length * _size)


class _Follower(QObject):
    """Sets a measure of a widget again whenever the text size changes; lives as long as the widget."""

    def __init__(self, widget: QWidget, setter: str, length: float) -> None:
        super().__init__(widget)
        self._setter, self._length = setter, length
        notifier.changed.connect(self._set)
        self._set()

    def _set(self, *_: object) -> None:
        getattr(self.parent(), self._setter)(px(self._length))


def follow(widget: QWidget, setter: str, length: float) -> None:
    """Call ``widget.setter(px(length))``, now and whenever the text size changes: "setFixedWidth", 264."""
    _Follower(widget, setter, length)


def shade(color: str, alpha: float) -> QColor:
    """A "#RRGGBB" colour with alpha 0..1: bands take 0.15 (90 % interval) and 0.30 (50 %)."""
    out = QColor(color)
    out.setAlphaF(alpha)
    return out


def resolve(scheme: str, app: QApplication) -> Theme:
    """The theme of one of SCHEMES; "system" is what the desktop asks for, light where it asks for nothing."""
    if scheme not in SCHEMES:
        raise ValueError(f"unknown scheme {scheme!r}; there are {', '.join(SCHEMES)}")
    if scheme == "system":
        return DARK if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return THEMES[scheme]


def apply(app: QApplication, scheme: str = "system", percent: int = 100) -> Theme:
    """Dress the whole application and tell every painter. Raises ValueError for an unknown scheme.

    percent: text size; everything grows with it, from 80 to 200
    """
    global _current, _size
    _current, _size = resolve(scheme, app), min(max(percent, LEAST), MOST) / 100
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(palette(_current))
    app.setStyleSheet(stylesheet(_current, _size))
    notifier.changed.emit(_current)
    return _current


@cache
def family() -> str:
    """The family of the shipped font, "" where none is shipped (the platform's own then serves)."""
    for path in sorted((RESOURCES / "fonts").glob("*.[ot]tf")):
        families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
        if families:
            return families[0]
    return ""


def font(size: int = BASE, *, bold: bool = False) -> QFont:
    """The application's font at a size in pixels of the drawings, as large as the person wants it."""
    return drawn_font(max(px(size), 1), bold=bold)


def drawn_font(size: int = BASE, *, bold: bool = False) -> QFont:
    """The application's font at a size in pixels, whatever the text size: for what is magnified as a whole."""
    out = QFont()
    if family():
        out.setFamily(family())
    out.setPixelSize(size)
    if bold:
        out.setWeight(QFont.Weight.Bold)  # the shipped face is regular; Qt emboldens it from 700 on
    return out


def palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    out = QPalette()
    pairs = {
        role.Window: theme.bg,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.sunk,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.BrightText: theme.red,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.surface,
        role.Midlight: theme.grid,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: theme.line,
    }
    for where, color in pairs.items():
        out.setColor(where, QColor(color))
    for where in (role.WindowText, role.Text, role.ButtonText):
        out.setColor(QPalette.ColorGroup.Disabled, where, shade(theme.muted, 0.6))
    out.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return out


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours by WCAG 2, 1..21."""

    def luminance(color: str) -> float:
        channels = QColor(color)
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channels.redF(), channels.greenF(), channels.blueF())
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
