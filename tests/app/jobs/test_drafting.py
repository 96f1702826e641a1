"""A document becomes a draft in the clinic, by the job that the window starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import KnownError
from app.importing.free_text.reviewing import Review
from app.jobs.drafting import read
from app.jobs.worker import StoppedEarly
from app.store.clinic import Clinic
from tests.app.importing.free_text.test_document import TEXT


class Listener:
    def __init__(self, *, stops: bool = False) -> None:
        self.told: list[str] = []
        self._stops = stops

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        self.told.append(text)

    def cancelled(self) -> bool:
        return self._stops


@pytest.fixture
def place(tmp_path: Path) -> Path:
    Clinic.open(tmp_path / "clinic.db", plain=True).close()
    (tmp_path / "医案.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def start(place: Path, name: str = "医案.txt", *, stops: bool = False) -> dict[str, Any]:
    return read(Listener(stops=stops), db=str(place / "clinic.db"), file=str(place / name))  # pyright: ignore[reportArgumentType]


def test_a_document_is_kept_as_a_draft_and_nothing_is_imported(place: Path):
    told = start(place)
    assert (told["cases"], told["visits"]) == (2, 3)
    with Clinic.open(place / "clinic.db", create=False) as clinic:
        (kept,) = clinic.drafts.list()
        assert (kept.id, kept.name, kept.version) == (told["id"], "医案.txt", 1)
        content, _ = clinic.drafts.get(kept.id)
        assert Review.from_dict(content).draft.text == TEXT
        assert content["size"] == (place / "医案.txt").stat().st_size
        assert clinic.queries.counts()["patients"] == 0


def test_a_file_that_cannot_be_read_leaves_no_draft(place: Path):
    (place / "bad.docx").write_bytes(b"PK\x03\x04 no word document")
    with pytest.raises(KnownError, match=r"bad\.docx"):
        start(place, "bad.docx")
    with pytest.raises(StoppedEarly):
        start(place, stops=True)
    with Clinic.open(place / "clinic.db", create=False) as clinic:
        assert clinic.drafts.list() == []
