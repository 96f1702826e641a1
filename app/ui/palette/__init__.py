"""The command palette: type a few letters, in whichever script, and give a command or go to a patient."""

from app.ui.palette.finder import Finder

__all__ = ["Finder"]
