"""Nothing readable at rest: what the window, its workers and its settings leave when the program is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.store.clinic import Clinic, Credentials
from tests.app.store.test_at_rest import ASCII_MARK, MARK, PASSPHRASE, found, marked
from tests.conftest import ROOT

pytestmark = [pytest.mark.promise("R17"), pytest.mark.skipif(os.name != "posix", reason="SIGKILL")]


def test_a_killed_window_leaves_no_marker_in_any_file(tmp_path: Path):
    own, table = tmp_path / "own", tmp_path / "table.csv"
    (own / "tmp").mkdir(parents=True)
    with Clinic.open(own / "clinic.db", credentials=Credentials(PASSPHRASE)) as clinic:
        clinic.imports.commit([marked(number) for number in range(4)])
    rows = [f"新{ASCII_MARK}{n},{MARK}{n},2024-03-0{1 + n},{n},{MARK}说" for n in range(5)]
    table.write_text("\n".join(["病历号,姓名,就诊日期,失眠,备注", *rows]), encoding="utf-8")
    places = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    environment = {**os.environ, **dict.fromkeys(places, str(own / "home")), "TMPDIR": str(own / "tmp")}
    (own / "home").mkdir(mode=0o700)
    child = subprocess.run(
        [sys.executable, "-m", "tests.ui.at_rest_child", str(own / "clinic.db"), str(table)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert MARK not in child.stdout + child.stderr
    assert list((own / "home").rglob("settings.json"))
    assert found(own) == []
    with Clinic.open(own / "clinic.db", create=False, credentials=Credentials(PASSPHRASE)) as clinic:
        assert clinic.queries.counts()["patients"] == 9  # the records are there all the same
