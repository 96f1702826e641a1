"""Commands on what is shown, and help."""

from __future__ import annotations

from app.ui.commands.command import Command
from app.ui.translation import QT_TRANSLATE_NOOP

COMMANDS: tuple[Command, ...] = (
    Command(
        "page_timeline",
        QT_TRANSLATE_NOOP("actions", "Timeline"),
        "view",
        "show_timeline",
        QT_TRANSLATE_NOOP("actions", "Symptoms, pulse, tongue and formulas along time"),
        "Ctrl+1",
        group="page",
        at="clinic",
    ),
    Command(
        "page_trajectory",
        QT_TRANSLATE_NOOP("actions", "State trajectory"),
        "view",
        "show_trajectory",
        QT_TRANSLATE_NOOP("actions", "States and time constants of the network's neurons along time"),
        "Ctrl+2",
        group="page",
        at="clinic",
    ),
    Command(
        "page_forecast",
        QT_TRANSLATE_NOOP("actions", "Forecast"),
        "view",
        "show_forecast",
        QT_TRANSLATE_NOOP("actions", "Where each variable may go, with its interval"),
        "Ctrl+3",
        group="page",
        at="clinic",
    ),
    Command(
        "page_training",
        QT_TRANSLATE_NOOP("actions", "Training"),
        "view",
        "show_models",
        QT_TRANSLATE_NOOP("actions", "Models of this clinic and how well they forecast"),
        "Ctrl+4",
        group="page",
        at="clinic",
    ),
    Command(
        "zoom_in",
        QT_TRANSLATE_NOOP("actions", "Zoom in"),
        "view",
        "timeline.view.zoom_in",
        QT_TRANSLATE_NOOP("actions", "Show a shorter time in more detail"),
        "Ctrl+=",
        separator=True,
        at="clinic",
    ),
    Command(
        "zoom_out",
        QT_TRANSLATE_NOOP("actions", "Zoom out"),
        "view",
        "timeline.view.zoom_out",
        QT_TRANSLATE_NOOP("actions", "Show a longer time"),
        "Ctrl+-",
        at="clinic",
    ),
    Command(
        "zoom_fit",
        QT_TRANSLATE_NOOP("actions", "Fit whole course"),
        "view",
        "timeline.view.fit",
        QT_TRANSLATE_NOOP("actions", "Show the whole course and the forecast"),
        "Ctrl+0",
        at="clinic",
    ),
    Command(
        "shortcuts",
        QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"),
        "help",
        "everywhere.guide.show_shortcuts",
        QT_TRANSLATE_NOOP("actions", "All commands and their keys, to look up and to change"),
        "F1",
    ),
    Command(
        "about",
        QT_TRANSLATE_NOOP("actions", "About Mailiu"),
        "help",
        "chores.show_about",
        QT_TRANSLATE_NOOP("actions", "Versions and licences"),
    ),
)
