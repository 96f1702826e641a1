"""Where things lie: the shipped resources and the user's own folders."""

from __future__ import annotations

from pathlib import Path

import platformdirs

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def data_folder() -> Path:
    """The user's data folder, made with mode 0700 where it is missing."""
    folder = Path(platformdirs.user_data_dir("Mailiu", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def default_clinic() -> Path:
    return data_folder() / "clinic.db"
