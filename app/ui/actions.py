"""Every command once: menus, shortcuts, the help page and the tests all read this table.

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

    at: what has to be there, "" (nothing), "clinic" or "patient"; needs: not shown to whoever may not do it
    """

    id: str
    text: str
    menu: str
    slot: str
    tip: str
    shortcut: str = ""
    group: str = ""
    separator: bool = False  # a line above it in its menu
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

COMMANDS: tuple[Command, ...] = (
    Command(
        "new_clinic",
        QT_TRANSLATE_NOOP("actions", "New clinic file…"),
        "file",
        "entry.ask_for_new",
        QT_TRANSLATE_NOOP("actions", "Make a clinic file, encrypted unless you choose otherwise"),
        "Ctrl+N",
    ),
    Command(
        "open_clinic",
        QT_TRANSLATE_NOOP("actions", "Open clinic…"),
        "file",
        "entry.ask_for_clinic",
        QT_TRANSLATE_NOOP("actions", "Open another clinic file, or a clinic on a server"),
        "Ctrl+O",
    ),
    Command(
        "open_demo",
        QT_TRANSLATE_NOOP("actions", "Make a demo clinic…"),
        "file",
        "chores.make_demo",
        QT_TRANSLATE_NOOP("actions", "Make a clinic file of simulated patients to try things on"),
    ),
    Command(
        "import_file",
        QT_TRANSLATE_NOOP("actions", "Import case file…"),
        "file",
        "chores.ask_for_import",
        QT_TRANSLATE_NOOP("actions", "Read cases from CSV, Excel or JSON lines into this clinic"),
        "Ctrl+I",
        separator=True,
        at="clinic",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "report",
        QT_TRANSLATE_NOOP("actions", "Report as PDF or HTML…"),
        "file",
        "chores.ask_for_report",
        QT_TRANSLATE_NOOP("actions", "Write a report of this patient: pictures, and the figures behind the forecast"),
        "Ctrl+P",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "lock",
        QT_TRANSLATE_NOOP("actions", "Lock"),
        "file",
        "entry.lock",
        QT_TRANSLATE_NOOP("actions", "Hide every record until the passphrase is given"),
        "Ctrl+L",
        separator=True,
        at="clinic",
    ),
    Command(
        "settings",
        QT_TRANSLATE_NOOP("actions", "Settings…"),
        "file",
        "idle.show_settings",
        QT_TRANSLATE_NOOP("actions", "When the clinic locks by itself"),
        "Ctrl+,",
    ),
    Command(
        "quit",
        QT_TRANSLATE_NOOP("actions", "Quit"),
        "file",
        "close",
        QT_TRANSLATE_NOOP("actions", "Close the window; everything acknowledged is already saved"),
        "Ctrl+Q",
        separator=True,
    ),
    Command(
        "undo",
        QT_TRANSLATE_NOOP("actions", "Undo"),
        "edit",
        "records.undo",
        QT_TRANSLATE_NOOP("actions", "Take back what you did last"),
        "Ctrl+Z",
        at="clinic",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "redo",
        QT_TRANSLATE_NOOP("actions", "Redo"),
        "edit",
        "records.redo",
        QT_TRANSLATE_NOOP("actions", "Do again what you took back"),
        "Ctrl+Shift+Z",
        at="clinic",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "search",
        QT_TRANSLATE_NOOP("actions", "Search patients"),
        "patient",
        "focus_search",
        QT_TRANSLATE_NOOP("actions", "Search by name, pinyin, initials or number"),
        "Ctrl+F",
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "patient_next",
        QT_TRANSLATE_NOOP("actions", "Next patient"),
        "patient",
        "next_patient",
        QT_TRANSLATE_NOOP("actions", "Go to the patient below in the list"),
        "Ctrl+Down",
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "patient_previous",
        QT_TRANSLATE_NOOP("actions", "Previous patient"),
        "patient",
        "previous_patient",
        QT_TRANSLATE_NOOP("actions", "Go to the patient above in the list"),
        "Ctrl+Up",
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "history",
        QT_TRANSLATE_NOOP("actions", "History…"),
        "patient",
        "records.show_history",
        QT_TRANSLATE_NOOP("actions", "Who changed what of this patient, and when"),
        "Ctrl+H",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "copy_picture",
        QT_TRANSLATE_NOOP("actions", "Copy picture"),
        "patient",
        "copy_picture",
        QT_TRANSLATE_NOOP("actions", "Copy the page's picture to the clipboard"),
        "Ctrl+Shift+C",
        separator=True,
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "save_picture",
        QT_TRANSLATE_NOOP("actions", "Save picture…"),
        "patient",
        "save_picture",
        QT_TRANSLATE_NOOP("actions", "Save the page's picture as a PNG file"),
        "Ctrl+Shift+S",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "train",
        QT_TRANSLATE_NOOP("actions", "Train a model…"),
        "model",
        "chores.show_training",
        QT_TRANSLATE_NOOP("actions", "Train a liquid network on the cases of this clinic"),
        "Ctrl+T",
        at="clinic",
        needs=Permission.MODELS_WRITE,
    ),
    Command(
        "forecast",
        QT_TRANSLATE_NOOP("actions", "Forecast again"),
        "model",
        "refresh_forecast",
        QT_TRANSLATE_NOOP("actions", "Compute the forecast of this patient anew"),
        "F5",
        at="patient",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "imports",
        QT_TRANSLATE_NOOP("actions", "Imports…"),
        "clinic",
        "records.show_imports",
        QT_TRANSLATE_NOOP("actions", "What was imported, by whom, and how to take it back"),
        "Ctrl+Shift+I",
        at="clinic",
        needs=Permission.PATIENTS_READ,
    ),
    Command(
        "review",
        QT_TRANSLATE_NOOP("actions", "Unknown terms…"),
        "clinic",
        "records.show_review",
        QT_TRANSLATE_NOOP("actions", "Terms that no import could code, for you to say what they mean"),
        "Ctrl+U",
        at="clinic",
        needs=Permission.PATIENTS_WRITE,
    ),
    Command(
        "users",
        QT_TRANSLATE_NOOP("actions", "Users…"),
        "clinic",
        "office.show_users",
        QT_TRANSLATE_NOOP("actions", "Who may open this clinic, and who may do what"),
        separator=True,
        at="clinic",
        needs=Permission.USERS,
    ),
    Command(
        "passphrase",
        QT_TRANSLATE_NOOP("actions", "Passphrase…"),
        "clinic",
        "office.show_passphrase",
        QT_TRANSLATE_NOOP("actions", "Choose a new passphrase: your own, or that of the clinic file"),
        at="clinic",
    ),
    Command(
        "audit",
        QT_TRANSLATE_NOOP("actions", "Audit log…"),
        "clinic",
        "office.show_audit",
        QT_TRANSLATE_NOOP("actions", "Who did what and when; whether the log is whole"),
        at="clinic",
        needs=Permission.AUDIT,
    ),
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
        "theme_light",
        QT_TRANSLATE_NOOP("actions", "Light"),
        "view",
        "theme_light",
        QT_TRANSLATE_NOOP("actions", "Ink on paper"),
        group="theme",
        separator=True,
    ),
    Command(
        "theme_dark",
        QT_TRANSLATE_NOOP("actions", "Dark"),
        "view",
        "theme_dark",
        QT_TRANSLATE_NOOP("actions", "For dim rooms"),
        group="theme",
    ),
    Command(
        "theme_toggle",
        QT_TRANSLATE_NOOP("actions", "Switch light and dark"),
        "view",
        "theme_toggle",
        QT_TRANSLATE_NOOP("actions", "Change between light and dark"),
        "Ctrl+D",
    ),
    Command(
        "language_zh",
        QT_TRANSLATE_NOOP("actions", "中文"),
        "view",
        "language_zh",
        QT_TRANSLATE_NOOP("actions", "Show everything in Chinese"),
        group="language",
        separator=True,
    ),
    Command(
        "language_en",
        QT_TRANSLATE_NOOP("actions", "English"),
        "view",
        "language_en",
        QT_TRANSLATE_NOOP("actions", "Show everything in English"),
        group="language",
    ),
    Command(
        "shortcuts",
        QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"),
        "help",
        "chores.show_shortcuts",
        QT_TRANSLATE_NOOP("actions", "All commands and their keys"),
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


def plain(text: str) -> str:
    """A menu text without its mnemonic: "File" of "&File", "文件" of "文件(&F)"."""
    return re.sub(r"\(&\w\)|&", "", text)
