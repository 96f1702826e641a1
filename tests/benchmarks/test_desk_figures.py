"""The arithmetic of the desk's benchmark."""

from __future__ import annotations

import pytest

from tests.benchmarks import desk
from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options, percentile, slope


def test_the_slope_is_what_each_value_adds() -> None:
    assert slope([5.0, 7.0, 9.0, 11.0]) == pytest.approx(2.0)


def test_the_slope_of_what_goes_up_and_down_about_a_level_is_nothing() -> None:
    assert slope([1.0, 2.0, 2.0, 1.0]) == pytest.approx(0.0)


def test_the_warm_up_says_nothing_about_the_slope() -> None:
    assert slope([900.0, -40.0, 1.0, 4.0, 7.0], warm_up=2) == pytest.approx(3.0)


def test_one_value_has_no_slope() -> None:
    with pytest.raises(ValueError, match="two values"):
        slope([1.0, 2.0], warm_up=1)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert [percentile(hundred, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 50.0, 99.0, 100.0]


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="a value"):
        percentile([], 0.5)


def test_a_missed_goal_is_printed_and_told_by_the_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Slow:
        @staticmethod
        def run(options: Options) -> Part:
            part = Part(rows=[{"start": "ours", "times bare": 3.5}])
            part.goals.append(at_most("times a bare window", 3.5, options.starts / 2))
            return part

    monkeypatch.setattr(desk, "import_module", lambda name: Slow)
    result = desk.run(["start"], Options(starts=4))
    assert not result["met"]
    assert "MISSED times a bare window: 3.50 (<= 2)" in capsys.readouterr().out


def test_parts_run_in_one_order_whatever_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    class Quick:
        @staticmethod
        def run(options: Options) -> Part:
            return Part()

    def load(name: str) -> type[Quick]:
        ran.append(name)
        return Quick

    monkeypatch.setattr(desk, "import_module", load)
    assert desk.run(["save", "start"], Options())["met"]
    assert ran == [desk.PARTS["start"], desk.PARTS["save"]]
