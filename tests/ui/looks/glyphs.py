"""Characters that the shipped font lacks: they show as boxes, or in whatever font the machine has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from PySide6.QtGui import QRawFont

from app.paths import RESOURCES
from app.ui import theme
from tests.ui.looks.finding import Finding, Text


@cache
def _shipped() -> QRawFont:
    (file,) = (RESOURCES / "fonts").glob("*.[ot]tf")
    return QRawFont(str(file), theme.BASE)


@cache
def has_glyph(character: str) -> bool:
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs", "Mn")
    return invisible or _shipped().supportsCharacter(ord(character))


def missing_glyphs(texts: Iterable[Text]) -> list[Finding]:
    """Texts without a font, such as names for a screen reader, are not drawn and not looked at."""
    found: list[Finding] = []
    for text in texts:
        if text.font is None:
            continue
        lacking = sorted({c for c in text.words if not has_glyph(c)})
        if lacking:
            codes = ", ".join(f"{c} U+{ord(c):04X}" for c in lacking)
            found.append(Finding("glyph", text.where, f"{codes} in {text.words!r}"))
        if text.font.family() != theme.family():
            found.append(Finding("glyph", text.where, f"{text.words!r} is set in {text.font.family()!r}"))
    return found
