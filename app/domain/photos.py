"""A picture that is to be stored with a visit: of the tongue, so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from app.domain.errors import KnownError

TONGUE = "tongue"
LARGEST = 8 << 20  # bytes
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A picture to be stored. Raises KnownError for bytes that are no PNG or JPEG, or too many."""

    content: bytes
    name: str = ""
    kind: str = TONGUE

    def __post_init__(self) -> None:
        if not self.media_type:
            raise KnownError("{name} is no picture that can be stored; PNG and JPEG can.", name=self.name or "?")
        if len(self.content) > LARGEST:
            raise KnownError(
                "{name} is too large ({size} MB; at most {most} MB).",
                name=self.name or "?",
                size=f"{len(self.content) / (1 << 20):.0f}",
                most=LARGEST >> 20,
            )

    @property
    def media_type(self) -> str:
        return next((kind for start, kind in _BEGINNINGS.items() if self.content.startswith(start)), "")

    def values(self) -> dict[str, Any]:
        """Columns of the row."""
        return {
            "kind": self.kind,
            "name": self.name,
            "media_type": self.media_type,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "content": self.content,
        }
