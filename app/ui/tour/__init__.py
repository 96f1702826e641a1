"""The first-run tour: a few callouts beside the real widgets, which stay usable meanwhile."""

from app.ui.tour.tour import Stop, Tour

__all__ = ["Stop", "Tour"]
