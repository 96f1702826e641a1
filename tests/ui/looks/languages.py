"""Words of the other language: English where the window speaks Chinese, Chinese where it speaks English.

Two ways, because each misses something: a text that is a source (or a translation) of the catalogue, fields filled in;
and a word that no translation and no record holds.
"""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from functools import cache
from typing import Any

from app import wording
from app.paths import RESOURCES
from tests.ui.looks.finding import Finding, Text

HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{3,}")
FIELD = re.compile(r"\{\w*\}|%n|%\d")
# keys, file types and proper names are the same in both languages
KEYS = ("Alt", "Backspace", "Ctrl", "Del", "End", "Enter", "Esc", "Home", "Ins", "PgDown", "PgUp", "Return", "Shift")
CELLS = {word for name in wording.CELLS.values() for word in LATIN.findall(name)}
COMMON = frozenset([*KEYS, "Space", "Tab", "CSV", "HTML", "PDF", "English", "Mailiu", *CELLS])


class Data:
    """Words of records: names, findings, herbs; whatever stands in them is in neither language."""

    def __init__(self, *sources: Any, words: Iterable[str] = ()) -> None:
        self.texts = {text for source in sources for text in _strings(source)} | set(words)
        self._all = "\n".join(self.texts)

    def holds(self, part: str) -> bool:
        return part in self._all


def _strings(thing: Any) -> Iterable[str]:
    if isinstance(thing, str):
        yield thing
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            yield from _strings(getattr(thing, field.name))
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from _strings(key)
            yield from _strings(value)
    elif isinstance(thing, list | tuple | set | frozenset):
        for one in thing:
            yield from _strings(one)


def foreign(texts: Iterable[Text], language: str, data: Data) -> list[Finding]:
    """language: "zh" or "en", the one the window speaks."""
    check = _english_in if language == "zh" else _chinese_in
    found: list[Finding] = []
    for text in texts:
        if text.data or text.words in data.texts:
            continue
        why = check(text, data)
        if why:
            found.append(Finding("language", text.where, why))
    return found


def _english_in(text: Text, data: Data) -> str:
    words = " ".join(text.words.split())
    if text.shortened or words in COMMON:
        return ""
    if _english()[0].fullmatch(words) and not HAN.search(words) and LATIN.search(words):
        return f"{words!r} is a source of the catalogue"
    known = _english()[1]
    strange = [
        word for word in LATIN.findall(words) if word not in known and word not in COMMON and not data.holds(word)
    ]
    return f"{words!r}: no translation has {', '.join(sorted(set(strange)))}" if strange else ""


def _chinese_in(text: Text, data: Data) -> str:
    words = " ".join(text.words.split())
    if words in _sources():  # one that names Chinese terms
        return ""
    if _chinese().fullmatch(words) and HAN.search(words):
        return f"{words!r} is a translation of the catalogue"
    strange = [run for run in HAN.findall(words) if run not in OWN_NAMES and not data.holds(run)]
    return f"{words!r}: Chinese that no record holds" if strange else ""


OWN_NAMES = frozenset(["中文", "脉流"])  # a language under its own name, and the program


@cache
def _messages() -> list[tuple[str, list[str]]]:
    """(source, translations) of the catalogue of the window."""
    found: list[tuple[str, list[str]]] = []
    for message in ET.parse(RESOURCES / "i18n" / "mailiu_zh.ts").iter("message"):
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
        found.append((message.findtext("source") or "", forms))
    return found


@cache
def _sources() -> frozenset[str]:
    return frozenset(source for source, _ in _messages())


@cache
def _english() -> tuple[re.Pattern[str], frozenset[str]]:
    """What is a source and no translation; the Latin words that Chinese texts hold."""
    sources = [source for source, forms in _messages() if source not in forms]
    chinese = [form for _, forms in _messages() for form in forms]
    for file in sorted((RESOURCES / "i18n").rglob("messages_zh*/*.json")) + sorted(
        (RESOURCES / "i18n").glob("messages_zh*.json")
    ):
        chinese += list(_strings(list(json.loads(file.read_text(encoding="utf-8")).values())))
    words = {word for text in chinese for word in LATIN.findall(FIELD.sub(" ", text))}
    return _one_of(sources, LATIN), frozenset(words)


@cache
def _chinese() -> re.Pattern[str]:
    return _one_of([form for source, forms in _messages() for form in forms if form != source], HAN)


def _one_of(templates: Iterable[str], letters: re.Pattern[str]) -> re.Pattern[str]:
    """Matches any of them with its fields filled in; those that are hardly more than fields are left out."""
    usable = {one for one in templates if len("".join(letters.findall(FIELD.sub(" ", one)))) > 1}
    patterns = {".+".join(re.escape(part) for part in FIELD.split(re.sub(r"\(&\w\)|&", "", one))) for one in usable}
    return re.compile("|".join(sorted(patterns)))
