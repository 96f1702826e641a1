"""The comparison of solvers runs, on a small problem."""

from pathlib import Path

import pytest

from models.wiring import AutoNCP
from tests.benchmarks import core_solvers
from tests.benchmarks.core_report import Options


def test_every_rule_of_the_family_is_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(core_solvers, "WIRINGS", {"AutoNCP 8": AutoNCP(8, 2)})
    monkeypatch.setattr(core_solvers, "STEPS", 400)
    monkeypatch.setattr(core_solvers, "DATA", tmp_path)
    part = core_solvers.run(Options("reference", True, 1, None))
    assert {"exponential", "exponential_midpoint", "exponential_tangent"} <= set(core_solvers.FAMILY)
    assert len(part.rows) == len(core_solvers.TIMES) * len(core_solvers.BUDGETS)
    finest = part.figures["AutoNCP 8"]["exponential_tangent"]["48"]
    coarsest = part.figures["AutoNCP 8"]["exponential_tangent"]["6"]
    assert all(fine < coarse for fine, coarse in zip(finest, coarsest, strict=True))
