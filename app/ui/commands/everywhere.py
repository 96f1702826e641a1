"""Commands that serve from wherever one is: finding things, how large they are written, what was told, a first tour."""

from __future__ import annotations

from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "palette",
        QT_TRANSLATE_NOOP("actions", "Find a command or patient…"),
        "edit",
        "finder.show_palette",
        QT_TRANSLATE_NOOP("actions", "Type a few letters of a command, a page or a patient, then Enter"),
        "Ctrl+K",
        separator=True,
    ),
)
