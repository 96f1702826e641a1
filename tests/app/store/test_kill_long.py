"""1,200 kills: imports, backups, encryptions and new keys, 300 of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.again import assert_still_hold

KILLS = 300  # of each of the four


@pytest.mark.long
@pytest.mark.promise("R1")
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize(
    ("file", "kinds"), [("tests/app/importing/test_kill.py", 1), ("tests/app/store/test_safety_kill.py", 3)]
)
def test_hundreds_of_kills_lose_nothing_acknowledged(
    file: str, kinds: int, record_property: Callable[[str, object], None]
):
    assert_still_hold([file], MAILIU_KILLS=str(KILLS))
    record_property(f"{file.split('/')[2]}: lost or partial", f"0 of {kinds * KILLS}")
