"""Keys of an encrypted clinic file: one random data key, wrapped once for each way of opening it.

The header lies beside the file (``clinic.db.key``, JSON, mode 0600). The data key (256 bits) is the raw key of
SQLCipher and never stands in a file unwrapped; each slot wraps it by AES-256-GCM under a key that Argon2id makes of
a passphrase or of the printed recovery code, or that the system's keyring keeps. So a new passphrase rewrites the
header alone. While a new *data* key is brought in, the header holds both, each with the salt (the first 16 bytes) of
the database file it belongs to: whichever file lies there after a crash can be opened.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.errors import KnownError
from app.files import write_json
from app.store.names import name_key

FORMAT = "mailiu-key-1"
KEY_BYTES = 32
SALT_BYTES = 16  # of a SQLCipher file, and of Argon2id
PASSPHRASE, RECOVERY, KEYRING = "passphrase", "recovery", "keyring"
MIN_PASSPHRASE = 8  # characters
KDF = {"name": "argon2id", "time": 3, "memory_kib": 65536, "lanes": 4}
_LIMITS = {"time": 20, "memory_kib": 1 << 20, "lanes": 16}  # a header must not ask for more than a computer has
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread
_MISREAD = str.maketrans("ILO", "110")
RECOVERY_BYTES = 20
KEYRING_SERVICE = "Mailiu"
NO_KEY = "plain"  # id of the entry that stands for a file not encrypted yet


class WrongKeyError(KnownError):
    """The passphrase, name or code opens none of the slots."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One wrapped copy of a data key. user: ``tag`` of whose passphrase it is, "" for that of the file itself."""

    kind: str
    user: str
    kdf: dict[str, Any]
    salt: bytes
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A data key by its slots. file_salt: first bytes of the database file it opens, b"" while there is no file yet."""

    id: str
    file_salt: bytes
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What ``clinic.db.key`` says."""

    entries: tuple[KeyEntry, ...] = field(default=())

    def entry_for(self, file_salt: bytes) -> KeyEntry:
        """The entry of the file that begins with ``file_salt``; a file still empty has the only one."""
        for entry in self.entries:
            if entry.file_salt == file_salt:
                return entry
        blank = [entry for entry in self.entries if not entry.file_salt]
        return (blank or list(self.entries))[-1]

    @property
    def expects_plain(self) -> bool:
        """The file may not be encrypted yet: that was cut short, or is going on."""
        return self.entries[0].id == NO_KEY


def exchange_part(database: Path) -> Path:
    """Where the copy under a new key is made; see ``app.store.rekeying``."""
    return database.with_name(database.name + ".rekey")


def header_path(database: Path) -> Path:
    return database.with_name(database.name + ".key")


def file_salt(database: Path) -> bytes:
    """What a database file begins with: of an encrypted one the salt, which tells files of one clinic apart.

    Not of a file that is open in this process: closing it here would drop SQLite's locks on it (POSIX); see
    ``app.store.copies.salt_of``.
    """
    with database.open("rb") as stream:
        return stream.read(SALT_BYTES)


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def new_recovery_code() -> str:
    """160 random bits in groups of four, for printing: "7Q4M-…"."""
    number = int.from_bytes(secrets.token_bytes(RECOVERY_BYTES), "big")
    letters = ""
    for _ in range(RECOVERY_BYTES * 8 // 5):
        number, rest = divmod(number, 32)
        letters += _ALPHABET[rest]
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def plain_code(code: str) -> str:
    """A recovery code as it counts: capitals, I and L read as 1, O as 0, without what is no letter or digit."""
    return "".join(c for c in code.upper().translate(_MISREAD) if c in _ALPHABET)


def check_passphrase(passphrase: str) -> None:
    """Raises KnownError for one that is too short."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise KnownError("A passphrase needs at least {n} characters.", n=MIN_PASSPHRASE)


def new_entry(slots: list[Slot]) -> KeyEntry:
    return KeyEntry(secrets.token_hex(4), b"", tuple(slots))


def tag(user: str) -> str:
    """What stands in a header for a user's name, which nobody shall read there."""
    return hashlib.sha256(f"{FORMAT}|{name_key(user)}".encode()).hexdigest()[:32] if user else ""


def wrap(data_key: bytes, kind: str, secret: str, user: str = "") -> Slot:
    """A slot that ``secret`` opens."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(12)
    key = _derive(_secret_bytes(kind, secret), salt, KDF)
    return Slot(kind, tag(user), dict(KDF), salt, nonce, AESGCM(key).encrypt(nonce, data_key, _about(kind, tag(user))))


def unwrap(entry: KeyEntry, kind: str, secret: str, user: str = "") -> bytes:
    """The data key. Raises WrongKeyError where ``secret`` opens no slot of this kind and user."""
    for slot in entry.slots:
        if slot.kind == kind and slot.user == tag(user):
            key = _derive(_secret_bytes(kind, secret), slot.salt, slot.kdf)
            try:
                return AESGCM(key).decrypt(slot.nonce, slot.wrapped, _about(kind, slot.user))
            except InvalidTag:
                continue
    raise WrongKeyError("The name or the passphrase is wrong.")


def with_slot(header: Header, slot: Slot) -> Header:
    """The header with ``slot`` in place of any of the same kind and user, in its newest entry."""
    *before, last = header.entries
    kept = (old for old in last.slots if (old.kind, old.user) != (slot.kind, slot.user))
    return Header((*before, replace(last, slots=(*kept, slot))))


def without_slot(header: Header, kind: str, user: str = "") -> Header:
    """Raises KnownError where nothing but the recovery code would be left to open the file with."""
    entries = tuple(
        replace(entry, slots=tuple(s for s in entry.slots if (s.kind, s.user) != (kind, tag(user))))
        for entry in header.entries
    )
    if any(all(slot.kind == RECOVERY for slot in entry.slots) for entry in entries):
        raise KnownError("This is the only passphrase of the clinic file. Set another one first.")
    return Header(entries)


def write_header(database: Path, header: Header) -> None:
    """Old or new, never half; readable by its owner only."""
    path = header_path(database)
    write_json(
        path,
        {
            "format": FORMAT,
            "keys": [
                {"id": entry.id, "file_salt": _text(entry.file_salt), "slots": [_slot_json(s) for s in entry.slots]}
                for entry in header.entries
            ],
        },
    )


def read_header(database: Path) -> Header | None:
    """None where there is no header, as beside a plain file. Raises KnownError for one that is damaged."""
    path = header_path(database)
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KnownError("File {file} cannot be read ({reason}).", file=path, reason=error.strerror or "?") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    try:
        if found["format"] != FORMAT or not found["keys"]:
            raise _damaged(path)
        return Header(tuple(_entry(one) for one in found["keys"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


def remember(data_key: bytes, entry: KeyEntry) -> Slot:
    """A slot whose secret the system's keyring keeps, so that this computer opens the file by itself.

    Raises KnownError where the computer has no keyring.
    """
    secret = secrets.token_hex(KEY_BYTES)
    _with_keyring(lambda keyring: keyring.set_password(KEYRING_SERVICE, entry.id, secret))
    return wrap(data_key, KEYRING, secret)


def remembered(entry: KeyEntry) -> bytes | None:
    """The data key as the keyring of this computer gives it.

    None where there is no keyring, it keeps nothing for this file, or the secret of a time before: another computer
    remembers the file now.
    """
    if all(slot.kind != KEYRING for slot in entry.slots):
        return None
    try:
        secret = _with_keyring(lambda keyring: keyring.get_password(KEYRING_SERVICE, entry.id))
        return None if secret is None else unwrap(entry, KEYRING, secret)
    except KnownError:  # WrongKeyError is one
        return None


def _with_keyring(ask: Callable[[Any], Any]) -> Any:
    import keyring
    from keyring.errors import KeyringError

    try:
        return ask(keyring)
    except KeyringError as error:
        raise KnownError("This computer has no keyring to keep the key in; type the passphrase instead.") from error


def _secret_bytes(kind: str, secret: str) -> bytes:
    return (plain_code(secret) if kind == RECOVERY else secret).encode("utf-8", "surrogatepass")


def _derive(secret: bytes, salt: bytes, kdf: dict[str, Any]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(secret, salt, kdf["time"], kdf["memory_kib"], kdf["lanes"], hash_len=KEY_BYTES, type=Type.ID)


def _about(kind: str, user: str) -> bytes:
    """Bound to the wrapped key, so that a slot cannot be passed off as another user's."""
    return "|".join((FORMAT, kind, user)).encode()


def _slot_json(slot: Slot) -> dict[str, Any]:
    return {
        "kind": slot.kind,
        "user": slot.user,
        "kdf": slot.kdf,
        "salt": _text(slot.salt),
        "nonce": _text(slot.nonce),
        "wrapped": _text(slot.wrapped),
    }


def _entry(found: dict[str, Any]) -> KeyEntry:
    slots = []
    for one in found["slots"]:
        kdf = one["kdf"]
        known = kdf["name"] == KDF["name"] and all(type(kdf[name]) is int for name in _LIMITS)
        if not known or any(not 1 <= kdf[name] <= most for name, most in _LIMITS.items()):
            raise ValueError("unknown key derivation")
        if kdf["memory_kib"] < 8 * kdf["lanes"]:
            raise ValueError("too little memory for the lanes")
        slots.append(
            Slot(
                str(one["kind"]),
                str(one["user"]),
                kdf,
                _bytes(one["salt"]),
                _bytes(one["nonce"]),
                _bytes(one["wrapped"]),
            )
        )
    return KeyEntry(str(found["id"]), _bytes(found["file_salt"]), tuple(slots))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _damaged(path: Path) -> KnownError:
    return KnownError(
        "The key file {file} is damaged. Put the copy from a backup in its place; without it the clinic file cannot be "
        "opened.",
        file=path,
    )
