"""From records to what the lanes draw: plain functions without Qt."""

from app.ui.plots.reading.case import read

__all__ = ["read"]
