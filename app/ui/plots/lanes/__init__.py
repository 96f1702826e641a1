"""Lanes of the timeline, one a file, and their order: it is the same for every patient."""

from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.lanes.effect import EffectLane
from app.ui.plots.lanes.events import EventsLane
from app.ui.plots.lanes.labs import LabsLane
from app.ui.plots.lanes.notes import NotesLane
from app.ui.plots.lanes.pulse import PulseLane
from app.ui.plots.lanes.remedies import RemediesLane
from app.ui.plots.lanes.scores import ScoresLane
from app.ui.plots.lanes.syndrome import SyndromeLane
from app.ui.plots.lanes.tongue import TongueLane

__all__ = ["Frame", "Lane", "all_lanes"]


def all_lanes() -> tuple[Lane, ...]:
    return (
        ScoresLane(),
        EffectLane(),
        LabsLane(),
        PulseLane(),
        TongueLane(),
        SyndromeLane(),
        RemediesLane(),
        EventsLane(),
        NotesLane(),
    )
