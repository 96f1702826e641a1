"""Lanes as a person arranges them: order, hidden, pinned, options; kept as plain JSON."""

from __future__ import annotations

import json

import pytest

from app.ui.plots.layout import PULSE_AXES, STEPS, LaneLayout

LANES = ("scores", "effect", "pulse", "tongue", "notes")


def test_by_default_all_lanes_but_the_spare_ones_are_shown_in_their_order():
    assert LaneLayout().shown(LANES) == ["scores", "pulse", "tongue", "notes"]


def test_a_lane_put_elsewhere_moves_the_ones_between():
    layout = LaneLayout().put(LANES, "notes", "pulse")
    assert layout.shown(LANES) == ["scores", "notes", "pulse", "tongue"]
    assert layout.put(LANES, "scores", "tongue").shown(LANES) == ["notes", "pulse", "tongue", "scores"]


def test_pinned_lanes_come_first_in_their_own_order():
    layout = LaneLayout().with_pinned("tongue", True).with_pinned("notes", True)
    assert layout.shown(LANES) == ["tongue", "notes", "scores", "pulse"]
    assert layout.with_pinned("tongue", False).shown(LANES) == ["notes", "scores", "pulse", "tongue"]


def test_hiding_and_showing_again_keeps_the_place():
    layout = LaneLayout().put(LANES, "notes", "scores")
    assert layout.with_hidden("notes", True).with_hidden("notes", False) == layout


def test_a_lane_the_layout_does_not_know_stands_where_it_does_by_default():
    kept = LaneLayout(order=("notes", "scores"), hidden=frozenset())
    assert kept.arranged(LANES) == ["notes", "scores", "effect", "pulse", "tongue"]


def test_a_layout_comes_back_from_json_as_it_was():
    layout = LaneLayout(
        ("notes", "scores"), frozenset(("pulse",)), frozenset(("notes",)), frozenset((STEPS, PULSE_AXES))
    )
    assert LaneLayout.of_json(json.loads(json.dumps(layout.to_json()))) == layout
    assert LaneLayout.of_json({}) == LaneLayout()


@pytest.mark.parametrize("found", [None, 3, [], {"order": "scores"}, {"hidden": [1]}, {"pinned": {"a": 1}}])
def test_what_is_no_layout_is_none(found: object):
    assert LaneLayout.of_json(found) is None


def test_options_nobody_knows_are_dropped_or_refused():
    layout = LaneLayout.of_json({"options": ["steps", "sparkles"]})
    assert layout is not None and layout.options == {STEPS}
    with pytest.raises(ValueError, match="sparkles"):
        layout.with_option("sparkles", True)
