"""A patient opened and panned on the timeline beside bare pyqtgraph, and five lanes of a million points."""

from __future__ import annotations

from tests.benchmarks.core_report import Part, at_least
from tests.benchmarks.desk_figures import Options
from tests.benchmarks.desk_timeline import timeline_figures

FRAMES_A_SECOND = 30.0


def run(options: Options) -> Part:
    """The figures of ``desk_timeline``, which measures them, against their goal."""
    del options
    part = Part(figures=dict(timeline_figures()))
    told = part.figures
    part.rows = [
        {"an ordinary patient": "opened", "ms": told["open_ms"], "times bare": told["open_ratio"]},
        {"an ordinary patient": "panned by a step", "ms": told["pan_ms"], "times bare": told["pan_ratio"]},
    ]
    slowest = min(told["fps_pan"], told["fps_zoom"])
    part.notes.append(f"five lanes of a million points: opened in {told['dense_open_s']:.2f} s")
    part.goals.append(at_least("frames a second of them, panning and zooming", slowest, FRAMES_A_SECOND))
    return part
