"""Where things lie: the shipped resources and the user's own folders."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from app.domain.errors import KnownError

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
CLINIC = "clinic.db"


def data_place() -> Path:
    """Where the user's data folder lies or would lie."""
    return Path(platformdirs.user_data_dir("Mailiu", appauthor=False))


def data_folder() -> Path:
    """The user's data folder, made with mode 0700 where it is missing. Raises KnownError where it cannot be."""
    folder = data_place()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            "The folder {folder} for the user's data cannot be made: {reason}. Check the variable HOME, or name the "
            "clinic file with --db.",
            folder=folder,
            reason=error.strerror or str(error),
        ) from error
    return folder


def default_clinic() -> Path:
    return data_folder() / CLINIC
