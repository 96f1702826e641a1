"""A kernel kept on disk is used again only as long as nothing it is built of has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.kernels import numba_cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library: outer is built of middle, that of inner, and that of numbers and limits, which are no kernels."""
    monkeypatch.setattr(numba_cache, "_ROOT", tmp_path)
    root = tmp_path / "models"
    (root / "kernels").mkdir(parents=True)
    (root / "cells").mkdir()
    for name, text in (
        ("__init__", "from models.apart import all\n"),
        ("apart", ""),
        ("limits", "LARGEST = 3\n"),
        ("cells/__init__", ""),
        ("cells/numbers", "import models.limits\nBIAS = 1.0\n"),
        ("kernels/__init__", "from models import apart\n"),
        ("kernels/outer", "import numba\nfrom models.kernels.middle import (\n    add,\n)\n"),
        ("kernels/middle", "from models.kernels import inner\n"),
        ("kernels/inner", "from models.kernels.middle import one\nfrom models.cells.numbers import BIAS\n"),
    ):
        (root / f"{name}.py").write_text(text)
    return root


def _stamp() -> str:
    numba_cache._source.cache_clear()
    numba_cache._stamp.cache_clear()
    return numba_cache._stamp("models.kernels.outer")


@pytest.mark.parametrize("name", ["kernels/outer", "kernels/middle", "kernels/inner", "cells/numbers", "limits"])
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


@pytest.mark.parametrize("module", ["numba_ltc", "numba_cfc", "numba_gru_d", "numba_mixed"])
def test_no_change_of_a_cell_makes_its_kernel_compile_again(module: str):
    assert all(name.startswith("models.kernels.") for name in numba_cache._built_of(f"models.kernels.{module}"))


def test_a_kernel_bears_the_stamp_of_its_sources():
    from models.kernels import numba_turn

    kept = numba_turn.pack._cache._cache_file
    assert kept._source_stamp == numba_cache._stamp("models.kernels.numba_turn")
