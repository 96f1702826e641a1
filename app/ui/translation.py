"""The window's language: Qt Linguist catalogues, switched without a restart.

Source strings are English inside ``tr()``; ``resources/i18n/mailiu_zh.ts`` holds the Chinese, ``mailiu_en.ts`` the
English plurals. After a change of strings run ``python .ci/translate.py``. A test compares sources, .ts and .qm.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QWidget

from app import i18n
from app.paths import RESOURCES

LOCALES = {"zh": "zh_CN", "en": "en_GB"}

_installed: list[QTranslator] = []

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object


class Speaking(_Widget):
    """Mixin before a widget class: calls ``retranslate()`` whenever the language changes."""

    def retranslate(self) -> None:
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


def install(app: QCoreApplication, language: str) -> None:
    """Speak this language from now on. Raises KnownError for a language without a catalogue."""
    i18n.set_language(language)
    for old in _installed:
        app.removeTranslator(old)
        old.deleteLater()
    _installed.clear()
    QLocale.setDefault(locale())
    folder = str(RESOURCES / "i18n")
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, where in ((f"qtbase_{LOCALES[language]}", qt_folder), (f"mailiu_{language}", folder)):
        translator = QTranslator(app)
        if translator.load(name, where):
            app.installTranslator(translator)
            _installed.append(translator)


def locale() -> QLocale:
    return QLocale(LOCALES[i18n.language()])


def day_text(date: dt.date, today: dt.date | None = None) -> str:
    """A date as short as it can be said: without the year within this year."""
    same_year = date.year == (today or dt.date.today()).year
    formats = {"zh": ("M月d日", "yyyy年M月d日"), "en": ("d MMM", "d MMM yyyy")}
    short, long = formats[i18n.language()]
    return locale().toString(QDate(date.year, date.month, date.day), short if same_year else long)


def number_text(value: float, digits: int = 1) -> str:
    """A figure in the user's locale: 1,284 or 0.9; a true minus, and none before a zero."""
    value = round(float(value), digits) + 0.0  # -0.0 + 0.0 is 0.0
    text = locale().toString(value, "f", digits) if digits else locale().toString(round(value))
    return text.replace("-", "−")


def figure_text(value: float) -> str:
    """A figure as short as it can be said: whole where it is, else with one digit."""
    return number_text(value, 0 if float(value).is_integer() else 1)


def dose_text(grams: float) -> str:
    """With every digit that was given, up to a milligram: 0.15 is no 0.2."""
    return number_text(grams, next((digits for digits in range(3) if round(grams, digits) == grams), 3))


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks a literal for lupdate, which knows this name; PySide's own is typed as giving any object."""
    del context
    return text


def translate(context: str, text: str) -> str:
    """Look up a literal that was marked with QT_TRANSLATE_NOOP elsewhere."""
    return QCoreApplication.translate(context, text)


@cache
def _chinese() -> QTranslator:
    out = QTranslator()
    out.load("mailiu_zh", str(RESOURCES / "i18n"))
    return out


def in_chinese(context: str, text: str) -> str:
    """The Chinese of a marked literal whatever is spoken now; the literal itself where it has none."""
    return _chinese().translate(context, text) or text


def application() -> QCoreApplication:
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("no application: make one before any widget")
    return app
