"""Keys of commands: what is in force of what a person chose, and why some keys cannot be given. No widget."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from app.ui.commands import COMMANDS

PORTABLE = QKeySequence.SequenceFormat.PortableText
DEFAULTS: dict[str, str] = {command.id: command.shortcut for command in COMMANDS}
_HOLD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_FUNCTION = range(Qt.Key.Key_F1.value, Qt.Key.Key_F35.value + 1)
_EDITING = frozenset({"Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+A"})  # every field has them
_NAMED = 0x01000000  # keys from here on write no character


class Refusal(StrEnum):
    """TYPED: a character one types; RESERVED: moves, edits or answers everywhere; MENU: opens a menu."""

    TYPED = "typed"
    RESERVED = "reserved"
    MENU = "menu"
    TAKEN = "taken"
    BEGINS = "begins"


@dataclass(frozen=True, slots=True)
class Trouble:
    """other: the command that has the keys, or whose keys begin like these; "" where none is concerned."""

    why: Refusal
    other: str = ""


def normal(text: str) -> str:
    """Keys in Qt's portable text; "" for what names no key."""
    keys = QKeySequence.fromString(text, PORTABLE)
    if any(pressed.key() == Qt.Key.Key_unknown for pressed in _pressed(keys)):
        return ""
    return keys.toString(PORTABLE)


def mnemonic(title: str) -> str:
    """The keys that open a menu: "Alt+F" of "&File"; "" where it has none."""
    found = re.search(r"&(\w)", title)
    return f"Alt+{found[1].upper()}" if found else ""


def trouble(text: str, command: str, given: Mapping[str, str], menus: Collection[str] = ()) -> Trouble | None:
    """Why ``command`` cannot have these keys; None where it can. given: the keys in force; menus: what opens one."""
    keys = QKeySequence.fromString(text, PORTABLE)
    for pressed in _pressed(keys)[:1]:
        if not pressed.keyboardModifiers() & _HOLD and pressed.key().value not in _FUNCTION:
            return Trouble(Refusal.RESERVED if pressed.key().value >= _NAMED else Refusal.TYPED)
    if keys.toString(PORTABLE) in _EDITING:
        return Trouble(Refusal.RESERVED)
    if keys.toString(PORTABLE) in menus:
        return Trouble(Refusal.MENU)
    for other, theirs in given.items():
        if other == command or not theirs or not text:
            continue
        that = QKeySequence.fromString(theirs, PORTABLE)
        if that == keys:
            return Trouble(Refusal.TAKEN, other)
        if _begins(keys, that) or _begins(that, keys):
            return Trouble(Refusal.BEGINS, other)
    return None


def in_force(own: Mapping[str, str]) -> dict[str, str]:
    """Keys of every command, "" for none: the person's own before the table's, and none that would be ambiguous."""
    out: dict[str, str] = dict.fromkeys(DEFAULTS, "")
    for command, text in own.items():
        keys = normal(text)
        if command in out and keys and trouble(keys, command, out) is None:
            out[command] = keys
    for command, text in DEFAULTS.items():
        keys = normal(text)
        if command not in own and keys and trouble(keys, command, out) is None:
            out[command] = keys
    return out


def _begins(short: QKeySequence, long: QKeySequence) -> bool:
    return 0 < short.count() < long.count() and _pressed(long)[: short.count()] == _pressed(short)


def _pressed(keys: QKeySequence) -> list[QKeyCombination]:
    """One after the other."""
    return [keys[n] for n in range(keys.count())]  # pyright: ignore[reportIndexIssue] - the stubs leave it out
