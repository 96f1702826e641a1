"""Case histories told in free text (Word, plain text): read, split, coded, reviewed side by side with the original."""

from app.importing.free_text.coding import KINDS, Finding, code_visit
from app.importing.free_text.correcting import Correction
from app.importing.free_text.document import draft_of, read_document
from app.importing.free_text.draft import Draft, DraftCase, DraftVisit
from app.importing.free_text.reading import Source, is_free_text, read_source

__all__ = [
    "KINDS", "Correction", "Draft", "DraftCase", "DraftVisit", "Finding", "Source", "code_visit", "draft_of",
    "is_free_text", "read_document", "read_source",
]  # fmt: skip
