"""Commands that enter patients and visits."""

from __future__ import annotations

from app.store.roles import Permission
from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "new_patient",
        QT_TRANSLATE_NOOP("actions", "New patient…"),
        "patient",
        "visits.new_patient",
        QT_TRANSLATE_NOOP("actions", "Enter a patient, then the first visit"),
        "Ctrl+Shift+N",
        separator=True,
        at="clinic",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "correct_patient",
        QT_TRANSLATE_NOOP("actions", "Data of the patient…"),
        "patient",
        "visits.correct_patient",
        QT_TRANSLATE_NOOP("actions", "Name, number, sex, birth date, complaint"),
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "new_visit",
        QT_TRANSLATE_NOOP("actions", "New visit"),
        "patient",
        "visits.new_visit",
        QT_TRANSLATE_NOOP("actions", "Enter a follow-up, copied forward from the last visit"),
        "F2",
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "correct_visit",
        QT_TRANSLATE_NOOP("actions", "Correct the last visit"),
        "patient",
        "visits.correct_visit",
        QT_TRANSLATE_NOOP("actions", "Change what was entered at the last visit"),
        "Shift+F2",
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "discard_draft",
        QT_TRANSLATE_NOOP("actions", "Discard the draft of the visit"),
        "patient",
        "visits.discard",
        QT_TRANSLATE_NOOP("actions", "Give up what was typed and not saved"),
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "tongue_pictures",
        QT_TRANSLATE_NOOP("actions", "Pictures of the tongue…"),
        "patient",
        "visits.show_pictures",
        QT_TRANSLATE_NOOP("actions", "All pictures of the tongue, side by side along time"),
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "print_prescription",
        QT_TRANSLATE_NOOP("actions", "Print prescription…"),
        "file",
        "printing.preview_last_prescription",
        QT_TRANSLATE_NOOP("actions", "The sheet of the last prescription, in a preview"),
        "Ctrl+Shift+P",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
)
