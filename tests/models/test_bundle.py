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
    path, card = bundle.unpack(file, tmp_path / "there", sha256=digest.upper())
    assert path.name == "失眠.json"
    assert card["name"] == "失眠"
    asked = (courses[0], [float(courses[0].times[-1]) + 7])
    sent, came = (LiquidForecaster.load(f, "失眠").predict(*asked) for f in (home, tmp_path / "there"))
    np.testing.assert_array_equal(sent.values, came.values)
    assert bundle.pack(tmp_path / "there", "失眠")[1] == digest


def test_it_may_be_called_otherwise_but_not_as_one_that_is_there(home: Path, tmp_path: Path):
    file, _ = _file(home, tmp_path)
    bundle.unpack(file, tmp_path / "there")
    with pytest.raises(ArtifactError, match="there is a model '失眠' already"):
        bundle.unpack(file, tmp_path / "there")
    assert bundle.unpack(file, tmp_path / "there", "other")[0].name == "other.json"
    with pytest.raises(ArtifactError, match="cannot name a model"):
        bundle.unpack(file, tmp_path / "there", "../other")


def test_another_file_than_the_one_expected_is_refused(home: Path, tmp_path: Path):
    file, _ = _file(home, tmp_path)
    with pytest.raises(ArtifactError, match="not the file expected"):
        bundle.unpack(file, tmp_path / "there", sha256="0" * 64)
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("harm", ["cut", "no zip", "more inside", "weights", "card", "name", "flipped"])
def test_a_file_that_is_damaged_or_foreign_leaves_nothing_behind(harm: str, home: Path, tmp_path: Path):
    file, _ = _file(home, tmp_path)
    data = file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    card = json.loads(parts[bundle.CARD])
    if harm == "more inside":
        parts["../evil"] = b"x"
    elif harm == "weights":
        parts[bundle.WEIGHTS] = parts[bundle.WEIGHTS][:-4] + b"abcd"
    elif harm == "card":
        parts[bundle.CARD] = b"[1, 2]"
    elif harm == "name":
        parts[bundle.CARD] = json.dumps({**card, "name": "../evil"}).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    whole = out.getvalue()
    whole = {"cut": data[:-200], "no zip": b"PK not a zip", "flipped": _flipped(data)}.get(harm, whole)
    file.write_bytes(whole)
    with pytest.raises(ArtifactError):
        bundle.unpack(file, tmp_path / "there")
    assert not (tmp_path / "there").exists()
    assert not (tmp_path / "evil.json").exists()


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
