"""What is kept of a visit that is being entered: the form, its pictures, and the version it was made from."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.photos import NewPhoto
from app.domain.visit_form import VisitForm, from_json, to_json


@dataclass(frozen=True, slots=True)
class Draft:
    """version: of the visit that is corrected, 0 for a new one."""

    form: VisitForm
    version: int = 0
    photos: tuple[NewPhoto, ...] = ()

    def to_json(self) -> dict[str, Any]:
        photos = [{"name": one.name, "content": base64.b64encode(one.content).decode()} for one in self.photos]
        return {**to_json(self.form), "version": self.version, "photos": photos}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Draft:
        """Raises KeyError, TypeError, ValueError or KnownError for what ``to_json`` did not write."""
        photos = tuple(NewPhoto(base64.b64decode(one["content"]), one["name"]) for one in content["photos"])
        return cls(from_json(content), int(content["version"]), photos)
