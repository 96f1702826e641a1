"""Letting a person at the command line in: from the environment, a file, a parent process, or by asking.

A passphrase never stands among the arguments, where every user of the computer could read it.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.i18n import explain, t

if TYPE_CHECKING:  # the window's own start does not wait for the store
    from app.store.clinic import Clinic
    from app.store.opening import Credentials

PASSPHRASE = "MAILIU_PASSPHRASE"
USER = "MAILIU_USER"
RECOVERY = "MAILIU_RECOVERY"  # the printed code, where the passphrase is lost
HANDED_OVER = "MAILIU_ACCESS"  # "stdin": the parent, which is in, writes one line of JSON (Credentials.to_json)
MAX_FILE = 4096  # bytes of a passphrase file


@dataclass
class Given:
    """What the global options of the command line said."""

    user: str = ""
    passphrase_file: Path | None = None
    _handed: Credentials | None = None


given = Given()


def open_clinic(place: Path | str, *, create: bool = False, plain: bool = False) -> Clinic:
    """As ``Clinic.open``, with what the person gave; asks at a terminal where a passphrase is needed.

    What is changed is backed up when it is closed. The recovery code of a new encrypted file is told on the error
    stream. Raises KnownError where it cannot be opened.
    """
    from app.store.clinic import Clinic
    from app.store.opening import PassphraseNeededError, check_place

    known = at_hand()
    try:
        clinic = Clinic.open(place, create, credentials=known, plain=plain)
    except PassphraseNeededError as needed:
        if not _can_ask():
            raise PassphraseNeededError(
                "The clinic {place} needs a passphrase and there is no terminal to ask at. Set MAILIU_PASSPHRASE "
                "(where it has users also MAILIU_USER) or give --passphrase-file; a new clinic file may also be "
                "--plain.",
                place=place,
            ) from needed
        new = create and check_place(place)
        clinic = Clinic.open(place, create, credentials=ask(known.user, new=new), plain=plain)
    clinic.back_up_automatically(_tell_failure)
    if clinic.recovery:
        print(t("Recovery code: {code}", code=clinic.recovery), file=sys.stderr)  # noqa: T201 - the one time it is shown
        print(t("Print it and keep it apart: with it the file opens when the passphrase is lost."), file=sys.stderr)  # noqa: T201
    return clinic


def _tell_failure(error: KnownError) -> None:
    print(explain(error), file=sys.stderr)  # noqa: T201 - the work itself is done, and goes on


def at_hand() -> Credentials:
    """Without asking. Raises KnownError for a passphrase file that cannot be read."""
    from app.store.opening import Credentials

    if os.environ.get(HANDED_OVER) == "stdin":
        if given._handed is None:
            given._handed = Credentials.of(json.loads(sys.stdin.readline()))
        return given._handed
    user, recovery = given.user or os.environ.get(USER, ""), os.environ.get(RECOVERY, "")
    if given.passphrase_file is not None:
        return Credentials(passphrase=_first_line(given.passphrase_file), user=user, recovery=recovery)
    return Credentials(passphrase=os.environ.get(PASSPHRASE, ""), user=user, recovery=recovery)


def ask(user: str = "", *, new: bool = False) -> Credentials:
    """At the terminal, unseen. new: of a file to be made, so it is asked twice. Raises KnownError where they differ."""
    from app.store.opening import Credentials

    if not new and not user:
        user = _prompt(t("User (empty where the clinic has none): "), hidden=False)
    passphrase = _prompt(t("Passphrase: "))
    if new and _prompt(t("The passphrase again: ")) != passphrase:
        raise KnownError("The two passphrases differ. Nothing was done; begin again.")
    return Credentials(passphrase=passphrase, user=user)


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _prompt(text: str, *, hidden: bool = True) -> str:
    return getpass.getpass(text) if hidden else input(text).strip()


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE)
        return data.decode("utf-8-sig").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise KnownError(
            "The passphrase file {file} cannot be read; its first line is the passphrase.", file=path
        ) from error


def handed(clinic: Clinic) -> dict[str, Any]:
    """For a job in this or another process of ours: its ``access``."""
    return clinic.hand_over().to_json()
