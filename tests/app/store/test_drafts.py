"""Drafts of free text wait in the clinic; two people at one draft lose nothing."""

from __future__ import annotations

import pytest

from app.domain.errors import KnownError
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError


def test_a_draft_is_kept_saved_listed_and_dropped(clinic: Clinic):
    first = clinic.drafts.keep("甲.docx", "a" * 64, {"draft": {"text": "失眠"}, "corrections": []})
    second = clinic.drafts.keep("乙.docx", "b" * 64, {"draft": {}, "corrections": []})
    assert [one.id for one in clinic.drafts.list()] == [second, first]
    assert clinic.drafts.save(first, {"draft": {"text": "失眠"}, "corrections": [1]}, version=1) == 2
    assert clinic.drafts.get(first) == ({"draft": {"text": "失眠"}, "corrections": [1]}, 2)
    clinic.drafts.drop(second)
    assert [one.name for one in clinic.drafts.list()] == ["甲.docx"]
    assert [entry.action for entry in clinic.audit.entries(limit=3)] == ["remove", "add", "add"]


def test_who_saves_upon_an_older_version_is_told(clinic: Clinic):
    key = clinic.drafts.keep("甲.docx", "a" * 64, {"corrections": []})
    clinic.drafts.save(key, {"corrections": [1]}, version=1)
    with pytest.raises(ConflictError, match="someone else"):
        clinic.drafts.save(key, {"corrections": [2]}, version=1)
    assert clinic.drafts.get(key) == ({"corrections": [1]}, 2)


def test_a_draft_that_is_gone_is_told_of(clinic: Clinic):
    for act in (clinic.drafts.get, clinic.drafts.drop):
        with pytest.raises(KnownError, match="no draft"):
            act(7)
