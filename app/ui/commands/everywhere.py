"""Commands that serve from wherever one is: finding things, what was told, a first tour."""

from __future__ import annotations

from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "palette",
        QT_TRANSLATE_NOOP("actions", "Find a command or patient…"),
        "edit",
        "everywhere.finder.show_palette",
        QT_TRANSLATE_NOOP("actions", "Type a few letters of a command, a page or a patient, then Enter"),
        "Ctrl+K",
        separator=True,
    ),
    Command(
        "tour",
        QT_TRANSLATE_NOOP("actions", "Show me round"),
        "help",
        "everywhere.guide.show_tour",
        QT_TRANSLATE_NOOP("actions", "The window's main parts, one after the other"),
        at="clinic",
        separator=True,
    ),
    Command(
        "notices",
        QT_TRANSLATE_NOOP("actions", "Notices…"),
        "help",
        "everywhere.aftermath.show_history",
        QT_TRANSLATE_NOOP("actions", "Everything that was told at the foot of the window"),
    ),
    Command(
        "debug_information",
        QT_TRANSLATE_NOOP("actions", "Copy debug information"),
        "help",
        "everywhere.aftermath.copy_debug_information",
        QT_TRANSLATE_NOOP("actions", "Versions, the last error and the log for the clipboard, without patients"),
    ),
)
