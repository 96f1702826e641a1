"""Tokens of look.md and the contrast they promise."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontDatabase, QRawFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import RESOURCES
from app.ui import icons, theme


@pytest.mark.parametrize("dress", [theme.LIGHT, theme.DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("token", ["text", "muted", "accent", "red", "gold", "green", "metal", "blue"])
def test_text_on_every_surface_keeps_a_contrast_of_four_and_a_half(dress: theme.Theme, token: str) -> None:
    for surface in (dress.bg, dress.surface, dress.sunk, dress.selection):
        assert theme.contrast(getattr(dress, token), surface) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_an_unknown_scheme_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        theme.apply(qapp, "sepia")


def test_a_change_is_told_to_whoever_paints(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.notifier.changed) as told:
        theme.apply(qapp, "dark")
    assert told.args == [theme.DARK]


def test_the_shipped_font_is_used_and_holds_rare_name_characters(qapp: QApplication) -> None:
    assert theme.family() in QFontDatabase.families()
    file = next((RESOURCES / "fonts").glob("*.[ot]tf"))
    raw = QRawFont(str(file), 13)
    assert all(raw.supportsCharacter(ord(c)) for c in "脉流喆堃赟寐Aa0–τ±")
    assert theme.font().pixelSize() == 13


def test_icons_take_the_colour_they_are_given(qapp: QApplication) -> None:
    for name in ("timeline", "trajectory", "training", "report", "info", "warn", "close", "import"):
        image = icons.pixmap(name, "#FF0000", 24).toImage()
        drawn = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        solid = [c for c in drawn if c.alpha() > 200]
        assert solid
        assert all(c.red() > 200 and c.green() < 40 for c in solid)
