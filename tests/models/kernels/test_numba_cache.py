"""A kernel kept on disk is used again only as long as nothing it is built of has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.kernels import numba_cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sources: outer is built of middle, and middle of inner."""
    monkeypatch.setattr(numba_cache, "_FOLDER", tmp_path)
    (tmp_path / "outer.py").write_text("import numba\nfrom models.kernels.middle import add\n")
    (tmp_path / "middle.py").write_text("from models.kernels.inner import load\n")
    (tmp_path / "inner.py").write_text("from models.kernels.middle import one\n")
    (tmp_path / "apart.py").write_text("")
    return tmp_path


def _stamp() -> str:
    numba_cache._source.cache_clear()
    numba_cache._stamp.cache_clear()
    return numba_cache._stamp("outer")


@pytest.mark.parametrize("name", ["outer", "middle", "inner"])
def test_a_change_of_any_source_a_kernel_is_built_of_outdates_it(name: str, folder: Path):
    before = _stamp()
    path = folder / f"{name}.py"
    text = path.read_text()
    path.write_text(text + "ROWS = 5\n")
    assert _stamp() != before
    path.write_text(text)
    assert _stamp() == before


def test_a_change_elsewhere_does_not(folder: Path):
    before = _stamp()
    (folder / "apart.py").write_text("ROWS = 5\n")
    assert _stamp() == before


def test_a_kernel_bears_the_stamp_of_its_sources():
    from models.kernels import numba_turn

    kept = numba_turn.pack._cache._cache_file
    assert kept._source_stamp == numba_cache._stamp("numba_turn")
