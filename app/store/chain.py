"""The chain of the audit log: each entry's hash covers the entry and the hash before it.

HMAC-SHA-256 under a key of the clinic file. In an encrypted file nobody without the file's key can make such a hash;
in a plain one the key lies beside the entries, so the chain shows every change made with an ordinary database tool,
not one by somebody who reckons the whole chain anew. Backups keep the head of the chain at their time, see
``app.store.backup``, which shows that too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

START = "0" * 64  # what stands before the first entry
FIELDS = ("id", "at", "who", "action", "entity", "entity_id", "detail")


def new_key() -> str:
    """64 hexadecimal digits."""
    return secrets.token_hex(32)


def hash_of(key: str, before: str, entry: Mapping[str, Any]) -> str:
    """Hash of an entry (its FIELDS; at: in UTC, aware or not) that follows the hash ``before``."""
    at: dt.datetime = entry["at"]
    if at.tzinfo is not None:
        at = at.astimezone(dt.UTC).replace(tzinfo=None)
    content = [at.isoformat(timespec="microseconds") if name == "at" else entry[name] for name in FIELDS]
    text = json.dumps([before, *content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(bytes.fromhex(key), text.encode("utf-8"), hashlib.sha256).hexdigest()
