"""What a hurried or a hostile hand does to the command line: one clear message, nothing lost, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import i18n
from app.cli import run
from app.domain.errors import KnownError
from app.usage import in_words

ROOT = Path(__file__).resolve().parents[3]
LONG = "patient,date,item,value\nP1,2024-01-01,失眠,4\nP1,2024-01-15,失眠,2\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "long.csv"
    path.write_text(LONG, encoding="utf-8")
    return path


@pytest.fixture
def clinic(tmp_path: Path, table: Path) -> Path:
    db = tmp_path / "clinic.db"
    assert run(["import", "--plain", str(table), "--db", str(db)]) == 0
    return db


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The message of a call that is refused with code 1."""
    assert run(words) == 1
    told = capsys.readouterr().err.strip()
    assert "Traceback" not in told and "程序错误" not in told and "\n" not in told
    return told


@pytest.mark.parametrize("option", ["--report", "--save-mapping"])
def test_a_report_never_takes_the_place_of_the_clinic_or_the_table(option: str, clinic: Path, table: Path, capsys):
    before = clinic.read_bytes()
    for target in (clinic, table):
        told = refused(["import", "--plain", str(table), "--db", str(clinic), option, str(target)], capsys)
        assert target.name in told
    assert clinic.read_bytes() == before and table.read_text(encoding="utf-8") == LONG


def test_a_forecast_never_takes_the_place_of_the_clinic_even_through_a_link(clinic: Path, tmp_path: Path, capsys):
    link = tmp_path / "out.json"
    link.symlink_to(clinic)
    words = ["forecast", "--db", str(clinic), "--model", "m", "--patient", "P1", "--json", str(link)]
    assert "out.json" in refused(words, capsys)


def test_a_refused_import_leaves_no_new_clinic_file(tmp_path: Path, capsys):
    db = tmp_path / "new.db"
    refused(["import", "--plain", str(tmp_path / "none.csv"), "--db", str(db)], capsys)
    (tmp_path / "empty.csv").touch()
    refused(["import", "--plain", str(tmp_path / "empty.csv"), "--db", str(db)], capsys)
    assert not db.exists()


def test_a_dry_run_tells_of_a_foreign_clinic_file_and_changes_nothing(table: Path, capsys):
    refused(["import", "--plain", str(table), "--db", str(table), "--dry-run"], capsys)
    assert run(["import", "--plain", str(table), "--db", str(table.with_name("new.db")), "--dry-run"]) == 0
    assert [path.name for path in table.parent.iterdir()] == ["long.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_or_a_device_is_refused_instead_of_waited_for(table: Path, clinic: Path, capsys):
    pipe = table.with_name("pipe")
    os.mkfifo(pipe)
    refused(["import", "--plain", str(pipe), "--db", str(clinic)], capsys)
    refused(["import", "--plain", "/dev/zero", "--db", str(clinic)], capsys)
    refused(["import", "--plain", str(table), "--db", str(pipe)], capsys)
    refused(["import", "--plain", str(table), "--db", str(clinic), "--mapping", str(pipe)], capsys)


def test_what_was_stored_is_told_even_where_the_report_cannot_be_written(clinic: Path, table: Path, capsys):
    assert run(["import", "--plain", str(table), "--db", str(clinic), "--report", str(clinic.parent)]) == 1
    said = capsys.readouterr()
    assert "已保存" in said.out and "文件夹" in said.err


@pytest.mark.parametrize("name", ["", "../x", "a:b", "con", "模" * 70, "x" * 100, " m ", "a\nb", "m.", "a\udcff"])
def test_a_name_no_file_can_bear_is_refused_before_the_training(name: str, clinic: Path, capsys):
    assert "模型名" in refused(["train", "--db", str(clinic), "--name", name, "--epochs", "1"], capsys)


def test_the_language_counts_however_it_is_written(clinic: Path, capsys):
    assert run(["info", "--db", str(clinic.with_name("none.db")), "--language=en"]) == 1
    assert "There is no clinic file" in capsys.readouterr().err
    i18n.set_language("zh")
    assert run(["--language=fr", "info"]) == 2


@pytest.mark.parametrize(
    "words",
    [["demo", "--patients", "3"], ["train", "--db", "x", "--name", "n", "--epochs", "x"], ["info", "more"]],
)
def test_usage_errors_hold_no_english_sentence(words: list[str], capsys):
    assert run(words) == 2
    told = capsys.readouterr().err
    assert "Input" not in told and "Got" not in told


def test_an_unknown_choice_is_told_with_the_known_ones():
    assert in_words("Invalid value for '--kind': Value error, 'foo' is not one of 'auto', 'long'.") == (
        "--kind 的值有误：“foo”不在可选值之列：'auto', 'long'。"
    )


def test_reasons_of_the_system_are_told_in_the_users_language():
    error = KnownError("Cannot write {path}: {reason}. Choose another folder.", path="a", reason="Permission denied")
    assert i18n.explain(error) == "无法写入 a：没有权限。请换一个文件夹。"
    with i18n.speaking("en"):
        assert "Permission denied" in i18n.explain(error)


def test_a_patient_number_that_is_no_text_is_refused(clinic: Path, capsys):
    words = ["report", "--db", str(clinic), "--patient", "a\udcff", "--out", str(clinic.with_name("r.html"))]
    assert run(words) == 2
    assert "程序错误" not in capsys.readouterr().err


def test_a_file_whose_name_is_no_text_is_imported(tmp_path: Path, table: Path):
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/w\xff.csv")
    try:
        Path(odd).write_text(LONG, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only names that are text")
    report = tmp_path / "report.json"
    assert run(["import", "--plain", odd, "--db", str(tmp_path / "c.db"), "--report", str(report)]) == 0
    assert json.loads(report.read_text(encoding="utf-8"))["files"][0]["name"] == "w\\udcff.csv"


def test_values_cannot_steer_the_terminal(tmp_path: Path, capsys):
    path = tmp_path / "w.csv"
    path.write_text("patient,date,item,value\nP1,2024-01-01,体重,\x1b[2J9\n", encoding="utf-8")
    assert run(["import", "--plain", str(path), "--db", str(tmp_path / "c.db"), "--dry-run"]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="only there a window can lack a screen")
def test_without_a_screen_the_window_says_so():
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    words = [sys.executable, "-m", "app"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1 and "屏幕" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="shell redirection")
def test_a_closed_output_is_no_bug():
    words = f'"{sys.executable}" -m app imprt >&-'
    done = subprocess.run(words, shell=True, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_info_makes_no_folder(clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    before = sorted(tmp_path.iterdir())
    assert run(["info", "--db", str(clinic)]) == 0
    assert sorted(tmp_path.iterdir()) == before
