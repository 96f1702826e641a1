"""A draft under review: the corrections so far, and what the document says with them. The store keeps it meanwhile."""

from __future__ import annotations

import copy
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
    """draft: as it was read; corrections: in the order they were made; current: the draft with them.

    size: of the original file in bytes
    lost: corrections that fit nothing any more. A visit whose boundary was moved is coded with the vocabulary of the
    day, so that one may name what the vocabulary of another day does not find.
    """

    def __init__(self, draft: Draft, corrections: tuple[Correction, ...] = (), *, size: int = 0) -> None:
        self.draft, self.size = draft, size
        self.corrections: tuple[Correction, ...] = ()
        self.lost: tuple[Correction, ...] = ()
        self.current = draft
        for one in sorted(corrections, key=lambda one: one.do not in BOUNDARIES):
            try:
                self.correct(one)
            except KnownError:
                self.lost = (*self.lost, one)
        if not self.lost:
            self.corrections = corrections

    def correct(self, one: Correction) -> None:
        """Raises KnownError for a correction that fits nothing here; then nothing changes."""
        if one.do in BOUNDARIES and not all(done.do in BOUNDARIES for done in self.corrections):
            self.current = apply(self.draft, (*self.corrections, one))  # they come before all others
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

    def copy(self) -> Review:
        """As it stands now, while this one is corrected further."""
        return copy.copy(self)  # drafts and corrections never change, they are replaced

    def to_dict(self) -> dict[str, Any]:
        corrections = [one.to_dict() for one in self.corrections]
        return {"draft": self.draft.to_dict(), "corrections": corrections, "size": self.size}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Review:
        """The inverse of ``to_dict``, also through JSON. Raises KnownError where the data are broken."""
        if not isinstance(data.get("draft"), dict) or not isinstance(data.get("corrections"), list):
            raise KnownError("The draft is damaged ({why}): read the file again.", why="draft, corrections")
        corrections = tuple(Correction.from_dict(one) for one in data["corrections"])
        return Review(Draft.from_dict(data["draft"]), corrections, size=int(data.get("size", 0)))
