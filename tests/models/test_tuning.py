"""Tuning: the better settings are found; a study is shared, broken off, gone on with, and never tells a password."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
import torch

from models import studies
from models.course import Course
from models.errors import ModelError
from models.forecaster import LiquidForecaster
from models.spaces import SPACE, OneOf, Real, Space, Whole
from models.tuning import Pruning, Tuned, TuningProgress, tune
from tests.app.store import postgres_server
from tests.conftest import ROOT
from tests.models.cohorts import cohort

TINY: dict[str, Any] = {"units": 8, "hidden": 8, "unfolds": 1, "members": 1, "epochs": 4, "plain": True, "trees": False}
RATES = OneOf((1e-7, 3e-2))
WIDE: Space = {
    "learning_rate": Real(1e-3, 1e-1, log=True),
    "cell": OneOf(("ltc", "cfc")),
    "unfolds": Whole(1, 3, cells=("ltc",)),
}
ALWAYS = Pruning(share=0.0, trials=1, epochs=1)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(30)


def _base(**settings: Any) -> LiquidForecaster:
    return LiquidForecaster(**{**TINY, **settings})


def _found(courses: list[Course], trials: int, storage: str | Path | None = None, **options: Any) -> Tuned:
    return tune(courses, trials=trials, storage=storage, **{"space": WIDE, "base": _base(), "pruning": None, **options})


@pytest.mark.parametrize("first", [1e-7, 3e-2])
def test_of_two_learning_rates_the_one_that_learns_is_found(first: float, courses: list[Course]):
    tuned = _found(courses, 4, space={"learning_rate": RATES}, base=_base(learning_rate=first))
    assert tuned.trials[0].settings == {"learning_rate": first}
    assert tuned.settings["learning_rate"] == 3e-2
    assert {t.settings["learning_rate"] for t in tuned.trials} == set(RATES.choices)
    assert tuned.value == min(t.value for t in tuned.trials if t.value is not None)
    assert tuned.forecaster().get_params() == {**_base().get_params(), "learning_rate": 3e-2}
    json.dumps(tuned.to_dict(), allow_nan=False)


def test_the_same_seed_finds_the_same_and_another_seed_something_else(courses: list[Course]):
    def tried(seed: int) -> list[tuple[dict[str, Any], float | None]]:
        return [(t.settings, t.value) for t in _found(courses, 3, seed=seed).trials]

    first = tried(1)
    assert tried(1) == first
    assert tried(2)[1:] != first[1:]


def test_unfolds_are_asked_for_the_cells_that_have_them_only(courses: list[Course]):
    tried = [t.settings for t in _found(courses, 6).trials]
    assert {t["cell"] for t in tried} == {"ltc", "cfc"}
    assert all(("unfolds" in t) == (t["cell"] == "ltc") for t in tried)


def test_held_out_patients_never_enter_a_study(courses: list[Course], monkeypatch: pytest.MonkeyPatch):
    held = {c.patient for c in _held(courses)}
    seen: list[set[str]] = []
    fit = LiquidForecaster.fit

    def watched(self: LiquidForecaster, given: list[Course], **options: Any) -> LiquidForecaster:
        seen.append({c.patient for c in given})
        return fit(self, given, **options)

    monkeypatch.setattr(LiquidForecaster, "fit", watched)
    _found(courses, 1)
    assert held
    assert seen == [{c.patient for c in courses} - held]


def _held(courses: list[Course]) -> list[Course]:
    from models import fitting

    base = _base()
    return fitting.split(courses, None, base.seed, (base.validation_share, base.holdout_share)).holdout


def test_a_trial_that_falls_behind_is_broken_off(courses: list[Course]):
    heard: list[TuningProgress] = []
    base = _base(learning_rate=3e-2, epochs=6)
    tuned = _found(courses, 4, space={"learning_rate": RATES}, base=base, pruning=ALWAYS, progress=heard.append)
    poor = [t for t in tuned.trials if t.settings["learning_rate"] == 1e-7]
    assert poor
    assert all(t.pruned and t.epochs < 6 for t in poor)
    assert not tuned.trials[0].pruned
    assert tuned.settings["learning_rate"] == 3e-2
    assert [t.number for t in tuned.trials] == [0, 1, 2, 3]
    assert {h.trial for h in heard} == {0, 1, 2, 3}
    assert heard[-1].finished == 3
    assert heard[-1].best == pytest.approx(tuned.trials[0].value)


def test_a_trial_that_diverges_is_told_and_the_study_goes_on(courses: list[Course]):
    space = {"learning_rate": OneOf((3e-2, 1e30))}
    tuned = _found(courses, 3, space=space, base=_base(learning_rate=1e30))
    assert tuned.trials[0].pruned
    assert "diverged" in tuned.trials[0].why
    assert len(tuned.trials) == 3


def test_cancelling_leaves_a_study_that_can_be_gone_on_with(courses: list[Course], tmp_path: Path):
    heard: list[TuningProgress] = []
    file = tmp_path / "study {a}?#%.db"
    half = _found(courses, 4, file, progress=heard.append, cancel=lambda: bool(heard) and heard[-1].trial == 1)
    assert [t.number for t in half.trials] == [0]
    assert half.value == half.trials[0].value
    assert half.running == 0
    whole = _found(courses, 4, file)
    assert len(whole.trials) == 4
    assert whole.trials[0] == half.trials[0]
    assert file.exists()


def test_cancelled_before_anything_was_tried_the_settings_are_the_base(courses: list[Course]):
    tuned = _found(courses, 4, cancel=lambda: True)
    assert (tuned.trials, tuned.value, tuned.settings) == ((), None, _base().get_params())


def test_no_trial_is_begun_after_the_time_is_up(courses: list[Course]):
    assert _found(courses, 4, timeout=0.0).trials == ()


def test_a_resumed_study_ends_as_one_of_a_piece(courses: list[Course], tmp_path: Path):
    def told(tuned: Tuned) -> list[tuple[int, dict[str, Any], float | None]]:
        return [(t.number, t.settings, t.value) for t in tuned.trials]

    _found(courses, 2, tmp_path / "study")
    resumed = _found(courses, 5, tmp_path / "study")
    assert told(resumed) == told(_found(courses, 5))
    again = _found(courses, 5, tmp_path / "study")
    assert told(again) == told(resumed)  # nothing left to do


def test_a_study_of_other_patients_or_ranges_is_refused(courses: list[Course], tmp_path: Path):
    _found(courses, 1, tmp_path / "study")
    for changed in ({"courses": courses[1:]}, {"space": {"units": Whole(8, 16)}}, {"base": _base(epochs=5)}):
        with pytest.raises(ModelError, match="give the study another name"):
            _found(**{"courses": courses, "trials": 2, "storage": tmp_path / "study", **changed})
    assert len(_found(courses[1:], 1, tmp_path / "study", study="another").trials) == 1


def work(storage: str, trials: int) -> None:
    """What a worker process does."""
    torch.set_num_threads(1)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    _found(cohort(30), trials, storage)


def _worker(code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", f"from tests.models import test_tuning as t; {code}"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE, stderr=PIPE)


def _shared_by_two(courses: list[Course], storage: str, trials: int) -> None:
    workers = [_worker(f"t.work({storage!r}, {trials})") for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        _, errors = worker.communicate("go\n", timeout=120)
        assert (worker.returncode, errors) == (0, "")
    heard: list[TuningProgress] = []
    tuned = _found(courses, trials, storage, progress=heard.append)
    numbers = [t.number for t in tuned.trials]
    assert len(numbers) == len(set(numbers)) == trials
    assert not heard  # nothing was left to do
    assert tuned.running == 0
    alone = {t.number: t for t in _found(courses, 2).trials}  # which process takes a trial changes no draw
    assert all(t.settings == alone[t.number].settings for t in tuned.trials if t.number in alone)


def test_two_processes_share_a_study_in_a_file(courses: list[Course], tmp_path: Path):
    _shared_by_two(courses, str(tmp_path / "study.db"), 7)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a running PostgreSQL with {name} for the database."""
    try:
        started = postgres_server.running()
        address = started.__enter__()
    except (subprocess.CalledProcessError, OSError) as error:
        pytest.skip(f"no PostgreSQL server can be started here: {error}")
    yield address
    started.__exit__(None, None, None)


def test_two_processes_share_a_study_in_a_database(courses: list[Course], server: str):
    _shared_by_two(courses, server.format(name="postgres"), 7)
    with pytest.raises(ModelError, match="no study can be kept in the database nowhere"):
        _found(courses, 1, server.format(name="nowhere"))


def dying(storage: str) -> None:
    """What a worker does that is killed in its second trial."""
    torch.set_num_threads(1)
    studies.HEARTBEAT, studies.GRACE = 1, 2

    def heard(told: TuningProgress) -> None:
        if told.trial == 1:
            print(json.dumps(told.settings), flush=True)  # noqa: T201
            time.sleep(60)

    _found(cohort(30), 3, storage, progress=heard)


def test_the_trial_of_a_killed_process_is_begun_again(
    courses: list[Course], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    worker = _worker(f"t.dying({str(tmp_path / 'study')!r})")
    assert worker.stdout is not None
    settings = json.loads(worker.stdout.readline())
    worker.kill()
    worker.communicate()
    monkeypatch.setattr(studies, "HEARTBEAT", 1)
    monkeypatch.setattr(studies, "GRACE", 2)
    time.sleep(3.5)
    tuned = _found(courses, 3, tmp_path / "study")
    assert [t.number for t in tuned.trials] == [0, 2, 3]
    assert tuned.trials[1].settings == settings


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ("postgresql://me:geheim@localhost:1/none", "no study can be kept in the database none at localhost:1"),
        ("postgresql://me:ge/he?im@localhost:1/none", "no study can be kept"),
        ("postgresql://me:geheim@localhost:port/none", "a file, or a database as postgresql"),
        ("postgresql://me:geheim@", "a file, or a database as postgresql://user@host/database"),
        ("mysql://me:geheim@localhost/none", "a file, or a database as"),
        ("/nowhere/study.db", "a file in a folder that exists"),
        ("/tmp", "a file in a folder that exists"),
    ],
)
def test_a_storage_that_cannot_be_used_is_refused_in_plain_words(storage: str, words: str, courses: list[Course]):
    with pytest.raises(ModelError, match=words) as refused:
        _found(courses, 1, storage)
    told = "".join(traceback.format_exception(refused.value))
    assert not any(secret in str(refused.value) for secret in ("geheim", "ge/he", "he?im"))
    assert "geheim" not in told.replace(repr(storage), "")


def test_a_file_that_is_no_study_is_refused(courses: list[Course], tmp_path: Path):
    (tmp_path / "letter").write_text("dear colleague " * 100)
    with pytest.raises(ModelError, match="file is not a database"):
        _found(courses, 1, tmp_path / "letter")


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "the space is empty"),
        ({"legs": Whole(2, 6)}, "unknown setting 'legs'"),
        ({"squared": Real(0.0, 1.0)}, "squared cannot be tuned: it is part of the loss"),
        ({"seed": Whole(0, 9)}, "seed cannot be tuned: a lucky seed"),
        ({"units": (8, 64)}, "units in the space must be Real, Whole or OneOf"),
        ({"dropout": Real(0.5, 0.1)}, "dropout in the space cannot be drawn from"),
        ({"learning_rate": Real(0.0, 0.1, log=True)}, "learning_rate in the space cannot be drawn from"),
        ({"hidden": Whole(0, 0)}, "hidden must be at least 1"),
    ],
)
def test_a_space_that_cannot_work_is_refused_with_the_reason(space: Any, words: str, courses: list[Course]):
    with pytest.raises(ModelError, match=words):
        _found(courses, 1, space=space)


def test_the_defaults_lie_in_the_space_that_is_tried_without_another():
    settings = LiquidForecaster().get_params()
    assert all(choice.holds(settings[name]) for name, choice in SPACE.items())
