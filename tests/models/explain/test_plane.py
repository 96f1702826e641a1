"""States on a plane: the directions in which they differ most."""

from __future__ import annotations

import numpy as np
import pytest

from models.errors import ModelError
from models.explain import plane


def cloud(seed: int = 0) -> np.ndarray:
    """Long in one direction, less long in a second, thin in all others, about a point that is not the origin."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    return 3.0 + rng.normal(size=(400, 5)) * [5.0, 2.0, 0.1, 0.1, 0.1] @ turned


def test_it_shows_most_of_what_there_is_and_its_middle_is_the_origin():
    states = cloud()
    found = plane(states)
    assert found.share.sum() > 0.99
    assert found.share[0] > found.share[1]
    places = found.place(states)
    np.testing.assert_allclose(places.mean(0), 0.0, atol=1e-9)
    np.testing.assert_allclose(places.std(0), [5.0, 2.0], rtol=0.15)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-9)


def test_it_is_never_mirrored_whichever_way_round_the_states_come():
    states = cloud()
    np.testing.assert_allclose(plane(states).axes, plane(states[::-1]).axes, atol=1e-8)


def test_states_that_are_all_the_same_lie_on_one_spot():
    found = plane(np.ones((4, 3)))
    assert found.share.tolist() == [0.0, 0.0]
    assert not found.place(np.ones(3)).any()


@pytest.mark.parametrize("shape", [(2, 5), (9, 1)])
def test_too_little_to_draw_is_refused(shape: tuple[int, int]):
    with pytest.raises(ModelError, match="3 states of 2 neurons"):
        plane(np.zeros(shape))
