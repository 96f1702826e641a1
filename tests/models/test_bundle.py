"""A model carried in one file arrives whole, or is refused before anything is written."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from models import bundle
from models.course import Course
from models.errors import ArtifactError
from models.forecaster import LiquidForecaster
from tests.models.cohorts import cohort

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(30)


@pytest.fixture(scope="module")
def home(courses: list[Course], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    small = LiquidForecaster(units=8, hidden=8, members=1, epochs=1, trees=False, device="cpu").fit(courses)
    small.save(folder, "失眠")
    return folder


def _file(home: Path, folder: Path) -> tuple[Path, str]:
    data, digest = bundle.pack(home, "失眠")
    file = folder / f"m{bundle.SUFFIX}"
    file.write_bytes(data)
    return file, digest


def test_what_arrives_forecasts_as_what_was_sent(home: Path, courses: list[Course], tmp_path: Path):
    file, digest = _file(home, tmp_path)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest == bundle.pack(home, "失眠")[1]
    asked = (courses[0], [float(courses[0].times[-1]) + 7])
    with bundle.opened(file, digest.upper()) as found:
        assert found.card["name"] == "失眠"
        found.save(tmp_path / "there", "失眠")
    sent, came = (LiquidForecaster.load(f, "失眠").predict(*asked) for f in (home, tmp_path / "there"))
    np.testing.assert_array_equal(sent.values, came.values)
    assert bundle.pack(tmp_path / "there", "失眠")[1] == digest


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_it_is_the_same_file_wherever_it_is_packed(platform: str, home: Path, monkeypatch: pytest.MonkeyPatch):
    here = bundle.pack(home, "失眠")[1]
    monkeypatch.setattr(zipfile.sys, "platform", platform)  # type: ignore[attr-defined]
    assert bundle.pack(home, "失眠")[1] == here


def test_another_file_than_the_one_expected_is_refused(home: Path, tmp_path: Path):
    file, _ = _file(home, tmp_path)
    with pytest.raises(ArtifactError, match="not the file expected"), bundle.opened(file, "0" * 64):
        pass


HARMS = ("cut", "no zip", "more inside", "twice", "weights", "card", "large card", "nan", "half", "flipped")


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_file_that_is_damaged_or_foreign_is_refused(harm: str, home: Path, tmp_path: Path):
    file, _ = _file(home, tmp_path)
    data = file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    card = json.loads(dict(parts)[bundle.CARD])
    cards = {
        "card": b"[1, 2]",
        "large card": b"[" + b"0," * (5 << 20) + b"0]",
        "nan": json.dumps({**card, "zz": float("nan")}).encode(),
        "half": json.dumps({**card, "zz": "\ud800"}).encode(),
    }
    changed = [(n, cards.get(harm, d) if n == bundle.CARD else d) for n, d in parts]
    if harm == "more inside":
        changed.append(("../evil", b"x"))
    elif harm == "twice":
        changed.append(parts[0])
    elif harm == "weights":
        changed = [(n, d[:-4] + b"abcd" if n == bundle.WEIGHTS else d) for n, d in parts]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in changed:
            archive.writestr(name, part)
    whole = {"cut": data[:-200], "no zip": b"PK not a zip", "flipped": _flipped(data)}.get(harm, out.getvalue())
    file.write_bytes(whole)
    with pytest.raises(ArtifactError, match="is not a model that was exported"), bundle.opened(file):
        pass


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
