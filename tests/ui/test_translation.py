"""Chinese is complete, agrees with the sources, and the compiled catalogues agree with the editable ones."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from app.paths import RESOURCES
from app.ui import translation

ROOT = RESOURCES.parent
CATALOGUES = {"zh": ["-target-language", "zh_CN"], "en": ["-target-language", "en_GB", "-pluralonly"]}

Key = tuple[str, str]


def tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} comes with PySide6 and must be there"
    return found


def messages(path: Path) -> dict[Key, list[str]]:
    """Translations by (context, source); the empty string where one is missing or unfinished."""
    out: dict[Key, list[str]] = {}
    for context in ET.parse(path).iter("context"):
        for message in context.iter("message"):
            words = message.find("translation")
            assert words is not None
            forms = [form.text or "" for form in words.iter("numerusform")] or [words.text or ""]
            if words.get("type") is not None:
                forms = [""]
            out[context.findtext("name") or "", message.findtext("source") or ""] = forms
    return out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_holds_exactly_the_strings_of_the_sources(language: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    sources = [str(p.relative_to(ROOT)) for p in sorted((ROOT / "app" / "ui").rglob("*.py"))]
    command = [tool("pyside6-lupdate"), *sources, "-locations", "none", "-source-language", "en"]
    subprocess.run([*command, *CATALOGUES[language], "-ts", str(fresh)], cwd=ROOT, check=True, capture_output=True)
    assert messages(fresh).keys() == messages(RESOURCES / "i18n" / f"mailiu_{language}.ts").keys()


def test_no_string_is_without_chinese() -> None:
    found = messages(RESOURCES / "i18n" / "mailiu_zh.ts")
    assert [key for key, forms in found.items() if not all(forms)] == []


def test_translations_keep_the_fields_of_their_sources() -> None:
    for (_, source), forms in messages(RESOURCES / "i18n" / "mailiu_zh.ts").items():
        for form in forms:
            assert sorted(re.findall(r"\{\w*\}|%n", form)) == sorted(re.findall(r"\{\w*\}|%n", source)), source


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_compiled_catalogue_says_what_the_editable_one_says(qapp: QApplication, language: str) -> None:
    translator = QTranslator()
    assert translator.load(str(RESOURCES / "i18n" / f"mailiu_{language}.qm"))
    for (context, source), forms in messages(RESOURCES / "i18n" / f"mailiu_{language}.ts").items():
        count = 1 if "%n" in source else -1
        assert translator.translate(context, source, "", count) == forms[0], (context, source)


def test_english_has_its_own_plurals(qapp: QApplication) -> None:
    translation.install(qapp, "en")
    assert qapp.translate("CaseHeader", "%n day(s)", None, 1) == "1 day"
    assert qapp.translate("CaseHeader", "%n day(s)", None, 84) == "84 days"


def test_qt_itself_speaks_chinese(qapp: QApplication) -> None:
    translation.install(qapp, "zh")
    assert qapp.translate("QPlatformTheme", "Cancel") == "取消"


def test_dates_are_said_in_the_language(qapp: QApplication) -> None:
    import datetime as dt

    day, now = dt.date(2024, 3, 4), dt.date(2024, 5, 27)
    translation.install(qapp, "zh")
    assert translation.day_text(day, now) == "3月4日"
    assert translation.day_text(day) == "2024年3月4日"
    translation.install(qapp, "en")
    assert translation.day_text(day, now) == "4 Mar"
