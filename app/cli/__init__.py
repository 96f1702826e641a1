"""The command line: every capability of the window, reachable without one. Each verb calls what the window calls."""

from app.cli.main import run

__all__ = ["run"]
