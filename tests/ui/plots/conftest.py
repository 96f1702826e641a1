"""The plots are drawn in Chinese, with the shipped font and the light theme, unless a test asks otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import theme, translation


@pytest.fixture(autouse=True)
def in_chinese(plain_dress: None, qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    translation.install(qapp, "zh")
    yield
    translation.install(qapp, "en")
    theme.apply(qapp, "light")
