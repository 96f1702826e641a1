"""Files beside the database are old or new, never half: written aside, flushed to the disk, then renamed."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError


def _flush_folder(folder: Path) -> None:
    """The new name reaches the disk as well; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; takes its place when the block ends well, vanishes when it does not.

    Raises KnownError where the folder cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise KnownError("{path} is a folder; give the name of a file.", path=path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise KnownError(
            "Cannot write {path}: {reason}. Choose another folder.", path=path, reason=error.strerror
        ) from error
    aside = Path(name)
    try:
        yield aside
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
        _flush_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, data: Any) -> None:
    """Strict JSON (no NaN), UTF-8, atomically."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    with replacing(path) as aside:
        aside.write_text(text + "\n", encoding="utf-8")
