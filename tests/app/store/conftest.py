from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.clinic import Clinic


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with Clinic.open(tmp_path / "clinic.db", who="tester") as opened:
        yield opened
