"""What helps whoever mends a fault: versions, platform, the last error, the last lines of the log; no patient in it."""

from __future__ import annotations

import logging
import platform
from collections import deque
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.scrubbing import Scrubber

PACKAGES = ("mailiu", "PySide6-Essentials", "pyqtgraph", "numpy", "torch", "pandas", "SQLAlchemy", "safetensors")
LINES = 50
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogTail(logging.Handler):
    """Keeps the last LINES lines of the log in memory, and nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter(FORMAT, "%H:%M:%S"))
        self._lines: deque[str] = deque(maxlen=LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.extend(self.format(record).splitlines())

    def lines(self) -> list[str]:
        return list(self._lines)

    def clear(self) -> None:
        """What was logged may name what is now locked."""
        self._lines.clear()


def versions() -> str:
    """Versions and platform. Imports none of the packages it names."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    for name in PACKAGES:
        try:
            lines.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{name}: not installed")
    return "\n".join(lines)


def told(error: str, log: list[str], scrubber: Scrubber) -> str:
    """versions(), then the last error and the log without what names a patient or this computer's user."""
    parts = [versions()]
    for title, text in (("Last error", error), ("Log", "\n".join(log))):
        if text.strip():
            lines = (scrubber.scrub(line) for line in text.replace(str(Path.home()), "~").splitlines())
            parts.append(f"-- {title}\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"
