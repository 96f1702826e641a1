"""Kinds of terms, and why one was taken for another, in the window's language."""

from __future__ import annotations

from app.ui.translation import QT_TRANSLATE_NOOP, translate

CONTEXT = "kinds"
KINDS = {
    "symptom": QT_TRANSLATE_NOOP("kinds", "symptom"),
    "sign": QT_TRANSLATE_NOOP("kinds", "sign"),
    "tongue": QT_TRANSLATE_NOOP("kinds", "tongue"),
    "pulse": QT_TRANSLATE_NOOP("kinds", "pulse"),
    "herb": QT_TRANSLATE_NOOP("kinds", "herb"),
    "formula": QT_TRANSLATE_NOOP("kinds", "formula"),
    "syndrome": QT_TRANSLATE_NOOP("kinds", "syndrome"),
    "element": QT_TRANSLATE_NOOP("kinds", "element"),
    "disease": QT_TRANSLATE_NOOP("kinds", "disease"),
    "western": QT_TRANSLATE_NOOP("kinds", "Western diagnosis"),
    "method": QT_TRANSLATE_NOOP("kinds", "principle of treatment"),
    "outcome": QT_TRANSLATE_NOOP("kinds", "outcome"),
    "lab": QT_TRANSLATE_NOOP("kinds", "lab value"),
}
WHY = {
    "known": QT_TRANSLATE_NOOP("kinds", "same name"),
    "characters": QT_TRANSLATE_NOOP("kinds", "like characters"),
    "shape": QT_TRANSLATE_NOOP("kinds", "looks alike"),
    "sound": QT_TRANSLATE_NOOP("kinds", "sounds alike"),
}

PLACES = {
    "left": QT_TRANSLATE_NOOP("kinds", "left"),
    "right": QT_TRANSLATE_NOOP("kinds", "right"),
    "cun": QT_TRANSLATE_NOOP("kinds", "cun"),
    "guan": QT_TRANSLATE_NOOP("kinds", "guan"),
    "chi": QT_TRANSLATE_NOOP("kinds", "chi"),
}


def word(words: dict[str, str], name: str) -> str:
    """words: KINDS, WHY or PLACES; a name that is none of them stays as it is."""
    return translate(CONTEXT, words[name]) if name in words else name


def place_words(detail: str) -> str:
    """Where a pulse was felt, of the detail of a finding ("left guan"); "" for both hands and all positions."""
    return " ".join(word(PLACES, part) for part in detail.split() if part in PLACES)
