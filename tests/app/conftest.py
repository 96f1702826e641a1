from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.same_tables import same_tables


@pytest.fixture(scope="session", autouse=True)
def quick_tables() -> Iterator[None]:
    """New clinic files are made without Alembic; that they have the tables it makes is the subject of one test."""
    with same_tables():
        yield
