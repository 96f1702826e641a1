"""A draft under review: the corrections so far, and what the document says with them. The store keeps it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import KnownError
from app.domain.records import Case
from app.importing.free_text.correcting import Correction, apply
from app.importing.free_text.document import count
from app.importing.free_text.draft import Draft
from app.importing.report import ImportReport

BOUNDARIES = ("cut", "join", "move")


class Review:
    """draft: as it was read; corrections: in the order they were made; current: the draft with them."""

    def __init__(self, draft: Draft, corrections: tuple[Correction, ...] = ()) -> None:
        self.draft = draft
        self.corrections = corrections
        self.current = apply(draft, corrections)

    def correct(self, one: Correction) -> None:
        """Raises KnownError for a correction that fits nothing here; then nothing changes."""
        if one.do in BOUNDARIES:  # they come before all others
            self.current = apply(self.draft, (*self.corrections, one))
        else:
            self.current = apply(self.current, (one,))
        self.corrections = (*self.corrections, one)

    def take_back(self) -> None:
        """The last correction; nothing where there is none."""
        self.corrections = self.corrections[:-1]
        self.current = apply(self.draft, self.corrections)

    def cases(self) -> tuple[list[Case], ImportReport]:
        """What is to be imported, and the report of it."""
        report = ImportReport()
        count(self.current, report)
        return self.current.accept((), report), report

    def to_dict(self) -> dict[str, Any]:
        return {"draft": self.draft.to_dict(), "corrections": [one.to_dict() for one in self.corrections]}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Review:
        """The inverse of ``to_dict``, also through JSON. Raises KnownError where the data are broken."""
        if not isinstance(data.get("draft"), dict) or not isinstance(data.get("corrections"), list):
            raise KnownError("The draft is damaged ({why}): read the file again.", why="draft, corrections")
        corrections = tuple(Correction.from_dict(one) for one in data["corrections"])
        return Review(Draft.from_dict(data["draft"]), corrections)
