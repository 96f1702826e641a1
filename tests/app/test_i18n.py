"""Every sentence a user can meet outside the window has its Chinese."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from app import i18n
from app.domain.errors import KnownError

ROOT = Path(i18n.__file__).resolve().parent.parent
SPEAKS = {
    "t", "Label", "KnownError", "ConflictError", "LockedError", "NotAllowedError", "PassphraseNeededError",
    "WrongKeyError", "ImportCancelledError", "PackError",
}  # fmt: skip


def kinds(error: type[KnownError]) -> set[str]:
    return {error.__name__}.union(*(kinds(kind) for kind in error.__subclasses__()))


def test_the_sentences_of_every_known_error_are_looked_for():
    assert {name for name in kinds(KnownError) if not name.endswith("Refused")} <= SPEAKS


PLACE = {"_told_as": 1}  # of the template among the arguments, where it does not come first


def spoken() -> dict[str, str]:
    """Template -> where, of every t("...") and KnownError("...") in the tree; a template must be a literal."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in {*SPEAKS, *PLACE} and not name.endswith("Refused"):
                continue
            first = node.args[PLACE.get(name, 0)]
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = where
            elif path.name not in ("i18n.py", "errors.py"):
                assert isinstance(first, ast.Name | ast.Attribute | ast.Subscript), f"{where}: not a literal"
    return found


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_template_has_its_chinese():
    missing = {text: where for text, where in spoken().items() if text not in i18n.catalogue()}
    assert not missing


def test_a_translation_uses_the_fields_of_its_template():
    wrong = {english: chinese for english, chinese in i18n.catalogue().items() if fields(english) != fields(chinese)}
    assert not wrong


def test_chinese_entries_are_chinese():
    without = [
        e for e, c in i18n.catalogue().items() if re.search("[a-z]{4}", e) and not re.search("[\u4e00-\u9fff]", c)
    ]
    assert [w for w in without if "{" not in w] == []


def test_a_sentence_is_told_in_the_language_chosen():
    with i18n.speaking("zh"):
        assert i18n.t("Drawing") == "绘图"
    with i18n.speaking("en"):
        assert i18n.t("Drawing") == "Drawing"


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(KnownError, match="zh, en"):
        i18n.set_language("fr")
