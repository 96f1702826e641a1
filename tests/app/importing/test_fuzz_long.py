"""The fuzz tests of this room with twenty times their examples: over 10,000 of the tables, and as many of FHIR."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.again import assert_still_hold

pytestmark = pytest.mark.promise("R8")

TIMES = 20
FILES = sorted(path.name for path in Path(__file__).parent.glob("test*fuzz*.py") if path.name != Path(__file__).name)


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("file", FILES)
def test_twenty_times_the_examples_hold_as_well(file: str, record_property: Callable[[str, object], None]):
    assert_still_hold([f"tests/app/importing/{file}"], MAILIU_FUZZ=str(TIMES))
    record_property(f"{file}, times the suite's examples", TIMES)
