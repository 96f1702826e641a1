"""What a command of the window is, and the menus it stands in.

``slot`` names a method of the window, or of a part of it ("entry.lock"); texts are English sources of the Linguist
context "actions". ``at`` and ``needs`` say when a command can be given and by whom; the services check it anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.store.roles import Permission
from app.ui.translation import QT_TRANSLATE_NOOP

CONTEXT = "actions"


@dataclass(frozen=True, slots=True)
class Command:
    """id is stable (tests and settings use it); group: commands of one group exclude each other and are checkable.

    sub: key of the submenu of ``menu`` it stands in, "" for none
    at: what has to be there, "" (nothing), "clinic" or "patient"; needs: not shown to whoever may not do it
    """

    id: str
    text: str
    menu: str
    slot: str
    tip: str
    shortcut: str = ""
    group: str = ""
    sub: str = ""
    separator: bool = False  # a line above it, or above its submenu where it is the first there
    at: str = ""
    needs: Permission = Permission.ANYONE


MENUS: dict[str, str] = {
    "file": QT_TRANSLATE_NOOP("actions", "&File"),
    "edit": QT_TRANSLATE_NOOP("actions", "&Edit"),
    "patient": QT_TRANSLATE_NOOP("actions", "&Patient"),
    "model": QT_TRANSLATE_NOOP("actions", "&Model"),
    "clinic": QT_TRANSLATE_NOOP("actions", "&Clinic"),
    "view": QT_TRANSLATE_NOOP("actions", "&View"),
    "help": QT_TRANSLATE_NOOP("actions", "&Help"),
}

SUBMENUS: dict[str, str] = {
    "axis": QT_TRANSLATE_NOOP("actions", "Time axis"),
    "colours": QT_TRANSLATE_NOOP("actions", "Colours"),
    "text": QT_TRANSLATE_NOOP("actions", "Text size"),
}


def plain(text: str) -> str:
    """A menu text without its mnemonic: "File" of "&File", "文件" of "文件(&F)"."""
    return re.sub(r"\(&\w\)|&", "", text)
