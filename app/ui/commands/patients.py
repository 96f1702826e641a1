"""Commands about the patient list."""

from __future__ import annotations

from app.store.roles import Permission
from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "filters",
        QT_TRANSLATE_NOOP("actions", "Filter patients…"),
        "patient",
        "desk.show_filters",
        QT_TRANSLATE_NOOP("actions", "By diagnosis, syndrome, formula, herb, tag, last visit, age or course"),
        "Ctrl+Shift+F",
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "pin",
        QT_TRANSLATE_NOOP("actions", "Pin or unpin"),
        "patient",
        "desk.pin",
        QT_TRANSLATE_NOOP("actions", "Keep this patient at the top of your list, or no longer; in the list: P"),
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "tag",
        QT_TRANSLATE_NOOP("actions", "Tags…"),
        "patient",
        "desk.tag",
        QT_TRANSLATE_NOOP("actions", "Give this patient a tag, or take one off; in the list: T"),
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "beyond",
        QT_TRANSLATE_NOOP("actions", "Look for patients beyond expectation"),
        "model",
        "desk.look",
        QT_TRANSLATE_NOOP("actions", "Whose last visit the model did not expect so; again: stop looking"),
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
)
