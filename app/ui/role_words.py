"""Roles and acts in words: for the lists of users and the audit log."""

from __future__ import annotations

from collections.abc import Iterable

from app.store.roles import Role
from app.ui.translation import QT_TRANSLATE_NOOP, translate

CONTEXT = "roles"
ROLES = {
    Role.CLINICIAN: QT_TRANSLATE_NOOP("roles", "Clinician"),
    Role.RESEARCHER: QT_TRANSLATE_NOOP("roles", "Researcher"),
    Role.ADMINISTRATOR: QT_TRANSLATE_NOOP("roles", "Administrator"),
}
MEANINGS = {
    Role.CLINICIAN: QT_TRANSLATE_NOOP("roles", "sees and changes records, trains and forecasts"),
    Role.RESEARCHER: QT_TRANSLATE_NOOP("roles", "works with records without names; trains models"),
    Role.ADMINISTRATOR: QT_TRANSLATE_NOOP("roles", "users, audit log, backups; sees no records"),
}
ACTS = {
    "view": QT_TRANSLATE_NOOP("roles", "looked at"),
    "add": QT_TRANSLATE_NOOP("roles", "added"),
    "update": QT_TRANSLATE_NOOP("roles", "changed"),
    "move": QT_TRANSLATE_NOOP("roles", "moved"),
    "delete": QT_TRANSLATE_NOOP("roles", "taken out"),
    "import": QT_TRANSLATE_NOOP("roles", "imported"),
    "undo": QT_TRANSLATE_NOOP("roles", "taken back"),
    "export": QT_TRANSLATE_NOOP("roles", "exported"),
    "print": QT_TRANSLATE_NOOP("roles", "report written"),
    "login": QT_TRANSLATE_NOOP("roles", "opened"),
    "lock": QT_TRANSLATE_NOOP("roles", "locked"),
    "unlock": QT_TRANSLATE_NOOP("roles", "unlocked"),
    "passphrase": QT_TRANSLATE_NOOP("roles", "new passphrase"),
    "forget": QT_TRANSLATE_NOOP("roles", "forgotten"),
    "backup": QT_TRANSLATE_NOOP("roles", "backed up"),
    "recovery": QT_TRANSLATE_NOOP("roles", "new recovery code"),
    "remember": QT_TRANSLATE_NOOP("roles", "remembered"),
    "encrypt": QT_TRANSLATE_NOOP("roles", "encrypted"),
    "rekey": QT_TRANSLATE_NOOP("roles", "encrypted anew"),
    "merge": QT_TRANSLATE_NOOP("roles", "merged"),
    "apart": QT_TRANSLATE_NOOP("roles", "told apart"),
    "load": QT_TRANSLATE_NOOP("roles", "loaded"),
    "repair": QT_TRANSLATE_NOOP("roles", "mended"),
    "remove": QT_TRANSLATE_NOOP("roles", "removed"),
    "restore": QT_TRANSLATE_NOOP("roles", "restored"),
    "review": QT_TRANSLATE_NOOP("roles", "coded"),
    "learn": QT_TRANSLATE_NOOP("roles", "learned"),
    "register": QT_TRANSLATE_NOOP("roles", "registered"),
}
THINGS = {
    "patient": QT_TRANSLATE_NOOP("roles", "patient"),
    "visit": QT_TRANSLATE_NOOP("roles", "visit"),
    "account": QT_TRANSLATE_NOOP("roles", "user"),
    "session": QT_TRANSLATE_NOOP("roles", "clinic"),
    "model": QT_TRANSLATE_NOOP("roles", "model"),
    "operation": QT_TRANSLATE_NOOP("roles", "act"),
    "review_item": QT_TRANSLATE_NOOP("roles", "unknown term"),
    "backup": QT_TRANSLATE_NOOP("roles", "backup"),
    "key": QT_TRANSLATE_NOOP("roles", "key"),
    "synonym": QT_TRANSLATE_NOOP("roles", "own term"),
    "vocabulary_pack": QT_TRANSLATE_NOOP("roles", "vocabulary pack"),
    "mapping_profile": QT_TRANSLATE_NOOP("roles", "column mapping"),
    "clinic": QT_TRANSLATE_NOOP("roles", "clinic file"),
    "draft": QT_TRANSLATE_NOOP("roles", "free-text draft"),
    "import_batch": QT_TRANSLATE_NOOP("roles", "import"),
}
COUNTED = {
    "patients": QT_TRANSLATE_NOOP("roles", "patients"),
    "visits": QT_TRANSLATE_NOOP("roles", "visits"),
}
STATES = {
    "in": QT_TRANSLATE_NOOP("roles", "active"),
    "out": QT_TRANSLATE_NOOP("roles", "suspended"),
    "chosen": QT_TRANSLATE_NOOP("roles", "chosen for all"),
    "not chosen": QT_TRANSLATE_NOOP("roles", "no longer chosen"),
}


def word(words: dict[str, str], name: str) -> str:
    """From one of the tables above; what it lacks stays as it is."""
    return translate(CONTEXT, words[name]) if name in words else name


def roles_text(roles: Iterable[Role]) -> str:
    held = set(roles)
    return ", ".join(translate(CONTEXT, ROLES[role]) for role in ROLES if role in held)
