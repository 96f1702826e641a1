"""Commands on the timeline: what its axis counts, its lanes, annotations, and visits measured against each other."""

from __future__ import annotations

from app.store.roles import Permission
from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "axis_calendar",
        QT_TRANSLATE_NOOP("actions", "Axis: dates"),
        "view",
        "course.count_dates",
        QT_TRANSLATE_NOOP("actions", "Dates along the timeline, where dates were recorded"),
        "Ctrl+Alt+1",
        group="axis",
        separator=True,
        sub="axis",
        at="clinic",
    ),
    Command(
        "axis_days",
        QT_TRANSLATE_NOOP("actions", "Axis: days since the first visit"),
        "view",
        "course.count_days",
        QT_TRANSLATE_NOOP("actions", "Days since the first visit along the timeline"),
        "Ctrl+Alt+2",
        group="axis",
        sub="axis",
        at="clinic",
    ),
    Command(
        "axis_visits",
        QT_TRANSLATE_NOOP("actions", "Axis: visit numbers"),
        "view",
        "course.count_visits",
        QT_TRANSLATE_NOOP("actions", "Visits at equal steps along the timeline"),
        "Ctrl+Alt+3",
        group="axis",
        sub="axis",
        at="clinic",
    ),
    Command(
        "lanes",
        QT_TRANSLATE_NOOP("actions", "Lanes and layouts…"),
        "view",
        "course.show_lanes",
        QT_TRANSLATE_NOOP("actions", "Show, hide, pin and move the lanes of the timeline; keep an arrangement"),
        "Ctrl+Shift+L",
        at="clinic",
    ),
    Command(
        "measure",
        QT_TRANSLATE_NOOP("actions", "Measure between two visits"),
        "view",
        "course.measure",
        QT_TRANSLATE_NOOP("actions", "Days, changes and herbs between two visits; the arrow keys move the end"),
        "Ctrl+Shift+M",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "annotate",
        QT_TRANSLATE_NOOP("actions", "Annotate the course…"),
        "patient",
        "course.annotate",
        QT_TRANSLATE_NOOP("actions", "Put a few words at the day under the crosshair"),
        "Ctrl+Shift+A",
        at="patient",
        needs=Permission.PATIENTS_WRITE,
    ),
)
