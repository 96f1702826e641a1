"""The command line: every capability without a window, and exit codes that tell what happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli import run
from app.cli.modelling import days_ahead

ROOT = Path(__file__).resolve().parents[3]
WIDE = "病历号,姓名,性别,年龄,就诊日期,失眠,脉象,处方\n"


def table(folder: Path, patients: int = 16, visits: int = 5) -> Path:
    """A small clinic as a wide CSV: sleep gets better under the formula."""
    rows = []
    for p in range(patients):
        for v in range(visits):
            score = max(0, 6 - 2 * ((v + p % 2) // 2))
            day = f"2024-03-{1 + v * 6:02d}"
            rows.append(f"A{p:03d},患者{p},女,{40 + p},{day},{score},弦细,酸枣仁{10 + v}g 川芎6g")
    path = folder / "clinic.csv"
    path.write_text(WIDE + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_times_ahead_are_days_or_weeks():
    assert days_ahead("+7d, +30d,2w,+7d") == [7.0, 14.0, 30.0]


@pytest.mark.parametrize(
    "words",
    [
        ["forecast", "--db", "x", "--model", "m", "--patient", "p", "--at", "soon"],
        ["train", "--db", "x"],
        ["fly"],
        ["info", "--bogus"],
        ["train", "--db", "x", "--name", "n", "--epochs", "0"],
        ["--language", "fr", "info"],
    ],
)
def test_wrong_usage_is_told_in_one_line_with_code_2(words, capsys):
    assert run(words) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("用法有误") and "\n" not in told


def test_a_missing_clinic_file_is_refused_without_a_traceback(tmp_path, capsys):
    assert run(["info", "--db", str(tmp_path / "none.db")]) == 1
    told = capsys.readouterr().err
    assert "none.db" in told and "Traceback" not in told
    assert not (tmp_path / "none.db").exists()


def test_debug_shows_the_traceback(tmp_path, capsys):
    assert run(["info", "--debug", "--db", str(tmp_path / "none.db")]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_refusal_is_told_in_english_where_english_is_chosen(tmp_path, capsys):
    run(["info", "--db", str(tmp_path / "none.db"), "--language", "en"])
    assert "no clinic file" in capsys.readouterr().err


def test_a_dry_run_writes_a_report_and_no_clinic(tmp_path):
    words = ["import", "--plain", str(table(tmp_path)), "--db", str(tmp_path / "a.db"), "--dry-run"]
    assert run([*words, "--report", str(tmp_path / "r.json")]) == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (report["patients"], report["visits"], report["rows_refused"]) == (16, 80, 0)
    assert not (tmp_path / "a.db").exists()


def test_a_saved_mapping_is_used_again(tmp_path):
    file, mapping = table(tmp_path), tmp_path / "m.json"
    run(["import", "--plain", str(file), "--db", str(tmp_path / "a.db"), "--save-mapping", str(mapping)])
    saved = json.loads(mapping.read_text(encoding="utf-8"))
    assert saved["columns"]["病历号"] == "patient"
    assert run(["import", "--plain", str(file), "--db", str(tmp_path / "b.db"), "--mapping", str(mapping)]) == 0


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    assert run(["import", "--plain", str(tmp_path / "no.csv"), "--db", str(tmp_path / "a.db")]) == 1
    assert "no.csv" in capsys.readouterr().err


def test_a_file_of_which_no_row_is_taken_is_a_refusal(tmp_path, capsys):
    file = tmp_path / "bad.csv"
    file.write_text("病历号,就诊日期,失眠\nA1,昨天,6\n", encoding="utf-8")
    assert run(["import", "--plain", str(file), "--db", str(tmp_path / "a.db")]) == 1
    assert "昨天" in capsys.readouterr().out


def test_from_a_file_to_a_forecast_and_a_report(tmp_path, capsys):
    db = str(tmp_path / "a.db")
    assert run(["import", "--plain", str(table(tmp_path)), "--db", db]) == 0
    assert run(["train", "--db", db, "--name", "失眠", "--epochs", "4", "--device", "cpu"]) == 0
    assert (
        run(["forecast", "--db", db, "--model", "失眠", "--patient", "A003", "--json", str(tmp_path / "f.json")]) == 0
    )
    found = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert (found["model"], found["patient"], found["at"]) == ("失眠", "A003", [7.0, 30.0])
    sleep = found["variables"]["sym.insomnia"]
    assert sleep["quantiles"]["0.05"][0] <= sleep["median"][0] <= sleep["quantiles"]["0.95"][0]
    assert {"patients", "visits", "span", "score"} <= found["basis"].keys()
    assert {"model", "last_value"} <= found["basis"]["score"].keys()

    capsys.readouterr()
    assert run(["info", "--db", db, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["patients"], counts["visits"], counts["prescription_items"], counts["models"]) == (16, 80, 160, 1)

    assert run(["report", "--db", db, "--patient", "A003", "--out", str(tmp_path / "r.html")]) == 0
    assert "患者3" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert run(["report", "--db", db, "--patient", "A003", "--out", str(tmp_path / "r.doc")]) == 1
    assert run(["forecast", "--db", db, "--model", "无", "--patient", "A003"]) == 1
    assert run(["forecast", "--db", db, "--model", "失眠", "--patient", "无"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_stops_training_and_keeps_the_best_so_far(tmp_path):
    db = str(tmp_path / "a.db")
    run(["import", "--plain", str(table(tmp_path)), "--db", db])
    words = [sys.executable, "-m", "app", "train", "--db", db, "--name", "m", "--epochs", "100000"]
    child = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    checkpoints = tmp_path / "a.models"
    until = time.monotonic() + 90
    while not any(checkpoints.glob("m.checkpoint*")) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    out, _ = child.communicate(timeout=90)
    assert child.returncode == 0
    assert "已保存" in out
    assert run(["forecast", "--db", db, "--model", "m", "--patient", "A001"]) == 0


def test_the_demo_writes_its_pictures_and_figures(tmp_path):
    words = [sys.executable, "-m", "app", "demo", "--headless", str(tmp_path / "out"), "--patients", "24"]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=240)
    for name in ("timeline.png", "trajectory.png", "forecast.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
    found = json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["counts"]["patients"] == 24
    assert found["patient"] == summary["patient"] and found["variables"]
