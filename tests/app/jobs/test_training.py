"""A training survives being killed, ends where it would have ended, and tells what it is worth."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app.importing.run import import_files
from app.jobs.training import describe, train
from app.store.clinic import Clinic

ROOT = Path(__file__).resolve().parents[3]
EPOCHS = 30
TONGUES = ("舌淡", "舌淡红", "舌红", "舌绛", "舌紫")


class Quiet:
    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None:
        """No one is listening."""

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """Ten patients whose tongue signs are all seen equally often, so that only their names can order them."""
    rows = [
        f"P{p:02d},2024-01-{1 + 3 * v:02d},{5 - v if p % 2 else 3},{TONGUES[(p + v) % 5]}"
        for p in range(10)
        for v in range(5)
    ]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["病历号,就诊日期,失眠,舌象", *rows]) + "\n", encoding="utf-8")
    with Clinic.open(tmp_path / "c.db", plain=True) as opened:
        import_files([table], opened)
    return tmp_path / "c.db"


def _weights(clinic: Path, name: str) -> str:
    (file,) = (clinic.parent / "c.models").glob(f"{name}-*.safetensors")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_training_killed_and_resumed_by_another_process_gives_the_same_weights(clinic: Path):
    order: dict[str, Any] = {"db": str(clinic), "epochs": EPOCHS, "threads": 1}
    checkpoint = clinic.parent / "c.models" / "m.checkpoint"
    words = [sys.executable, "-m", "app", "train", "--db", str(clinic), "--name", "m", "--epochs", str(EPOCHS)]
    environment = {**os.environ, "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"}  # sets have another order there
    child = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not checkpoint.exists() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    child.kill()
    child.wait()
    assert checkpoint.exists()
    train(Quiet(), name="m", resume=True, **order)
    train(Quiet(), name="whole", **order)
    assert _weights(clinic, "m") == _weights(clinic, "whole")
    assert not checkpoint.exists()


def test_a_model_is_told_beside_the_last_value_and_the_best_simple_model():
    score = {"model": 0.6, "last_value": 0.8, "mixed_model": 0.59, "patients": 24, "beats_last_value": True}
    lines = describe({"name": "m", "training": {"patients": 112, "visits": 868}, "score": score})
    assert [figure in " ".join(lines) for figure in ("0.600", "0.800", "0.590", "24")] == [True] * 4
    assert "网络并不优于它。" in lines
