"""Opening and making clinics away from the window's thread: imports, key derivation and upgrades take a second or two.

Nothing here touches a widget; ``app.ui.entry`` shows what comes of it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import KnownError

if TYPE_CHECKING:
    from app.store.clinic import Clinic, Credentials

NEEDED = ("app.store.clinic", "alembic.command", "alembic.script")


@dataclass(frozen=True, slots=True)
class Given:
    """What a person typed at the gate. remember: let this computer open the clinic by itself from now on."""

    user: str = ""
    passphrase: str = ""
    recovery: str = ""
    remember: bool = False

    def credentials(self) -> Credentials:
        from app.store.clinic import Credentials

        return Credentials(passphrase=self.passphrase, user=self.user, recovery=self.recovery)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a clinic asks of whoever comes. name: to call it by; recovery: its printed code opens it, too."""

    name: str
    users: bool = False
    passphrase: bool = True
    recovery: bool = False
    keyring: bool = False


def warm_up() -> None:
    """Import and read what the first patient on screen needs."""
    for module in NEEDED:
        importlib.import_module(module)
    from app.domain.herbs import herbs
    from app.domain.vocabulary import core

    core()
    herbs()


def open_clinic(place: str, given: Given | None = None) -> Clinic:
    """given: None at the first try, with what the environment holds. Raises KnownError as ``Clinic.open`` does."""
    warm_up()
    from app import access
    from app.store.clinic import Clinic

    clinic = Clinic.open(place, create=False, credentials=access.at_hand() if given is None else given.credentials())
    if given is not None and given.remember:
        try:
            clinic.rekeying.remember()
        except BaseException:
            clinic.close()
            raise
    return clinic


def make_clinic(path: Path, passphrase: str, *, plain: bool) -> Clinic:
    """A new clinic file; ``recovery`` of it is to be shown once. Raises KnownError, also where a file lies there."""
    warm_up()
    from app.store.clinic import Clinic, Credentials
    from app.store.opening import check_place

    if not check_place(path):
        raise KnownError("There is a file {file} already. Choose another name, or open that one.", file=path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            "The folder {folder} cannot be made ({reason}).", folder=path.parent, reason=error.strerror or str(error)
        ) from error
    return Clinic.open(path, credentials=Credentials(passphrase=passphrase), plain=plain)


def wanted(place: str) -> Wanted:
    """What a clinic that did not open without a word asks for. Raises KnownError for a damaged key file."""
    from app.store import keys, postgres

    if postgres.is_url(place):
        return Wanted(place.rpartition("/")[2], users=True)
    path = Path(place)
    header = keys.read_header(path)
    if header is None:  # a plain file asks only where it has users
        return Wanted(path.stem, users=True)
    slots = [slot for entry in header.entries for slot in entry.slots]
    users = any(slot.user for slot in slots)
    recovery = not users and any(slot.kind == keys.RECOVERY for slot in slots)
    return Wanted(path.stem, users=users, recovery=recovery, keyring=not users and has_keyring())


def has_keyring() -> bool:
    """Whether this computer keeps secrets for programs. Asks the desktop, so not in the window's thread."""
    import keyring

    return float(keyring.get_keyring().priority) > 0


def asks_for_a_key(error: BaseException) -> bool:
    """No passphrase was given, or not the right one."""
    from app.store.keys import WrongKeyError
    from app.store.opening import PassphraseNeededError

    return isinstance(error, PassphraseNeededError | WrongKeyError)
