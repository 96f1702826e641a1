"""Words for codes: sex and age, classes of effect. Plain text in the user's language."""

from __future__ import annotations

from app.ui.translation import QT_TRANSLATE_NOOP, translate

CONTEXT = "words"
SEXES = {"F": QT_TRANSLATE_NOOP("words", "F"), "M": QT_TRANSLATE_NOOP("words", "M")}
EFFECTS = {
    "痊愈": QT_TRANSLATE_NOOP("words", "recovered"),
    "显效": QT_TRANSLATE_NOOP("words", "markedly better"),
    "有效": QT_TRANSLATE_NOOP("words", "better"),
    "无效": QT_TRANSLATE_NOOP("words", "no effect"),
}


def person(sex: str, age: float | None) -> str:
    """ "女 46" or "F 46"; what is unknown is left out."""
    parts = [translate(CONTEXT, SEXES[sex])] if sex in SEXES else []
    if age is not None:
        parts.append(f"{age:g}" if age < 2 else f"{age:.0f}")
    return " ".join(parts)


def effect_word(name: str) -> str:
    """Class of effect in the user's language; the domain's name is the Chinese one."""
    return translate(CONTEXT, EFFECTS[name]) if name in EFFECTS else name
