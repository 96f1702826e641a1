"""Words for codes: sex and age, names of variables, classes of effect. Plain text in the user's language."""

from __future__ import annotations

from app import i18n
from app.domain.vocabulary import core
from app.ui.translation import QT_TRANSLATE_NOOP, translate
from models.course import Variable

CONTEXT = "words"
SEXES = {"F": QT_TRANSLATE_NOOP("words", "F"), "M": QT_TRANSLATE_NOOP("words", "M")}
PULSE_AXES = {
    "pulse.depth": QT_TRANSLATE_NOOP("words", "Pulse: depth"),
    "pulse.rate": QT_TRANSLATE_NOOP("words", "Pulse: rate"),
    "pulse.rhythm": QT_TRANSLATE_NOOP("words", "Pulse: rhythm"),
    "pulse.width": QT_TRANSLATE_NOOP("words", "Pulse: width"),
    "pulse.length": QT_TRANSLATE_NOOP("words", "Pulse: length"),
    "pulse.strength": QT_TRANSLATE_NOOP("words", "Pulse: strength"),
    "pulse.fluency": QT_TRANSLATE_NOOP("words", "Pulse: fluency"),
    "pulse.tension": QT_TRANSLATE_NOOP("words", "Pulse: tension"),
}
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


def variable_label(variable: Variable) -> str:
    """Name of a forecast variable: the vocabulary's, a pulse axis, or the source's own."""
    if variable.name in PULSE_AXES:
        return translate(CONTEXT, PULSE_AXES[variable.name])
    if variable.name in core().concepts:
        return core().label(variable.name, i18n.language())
    return variable.label or variable.name.removeprefix("x.")


def effect_word(name: str) -> str:
    """Class of effect in the user's language; the domain's name is the Chinese one."""
    return translate(CONTEXT, EFFECTS[name]) if name in EFFECTS else name
