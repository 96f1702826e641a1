"""Files beside the database are old or new, never half: written aside, flushed to the disk, then renamed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError


def flush_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, so that a new name is still there after a power loss."""
    if os.name == "posix":  # Windows has no handle on folders; NTFS journals its entries
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; takes its place when the block ends well, vanishes when it does not.

    A link is followed: what it points to is replaced, the link stays. Raises KnownError where the folder cannot be
    written, or ``path`` is a folder, a device or a pipe, which a rename would replace by a file.
    """
    path = Path(os.path.realpath(path))
    try:
        check_regular(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_aside(path.stem), suffix=path.suffix, dir=path.parent)
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
        flush_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` to write to, of mode 0700; takes its name when the block ends well, else vanishes.

    Raises KnownError where anything lies there already, but for an empty folder, or it cannot be written.
    """
    folder = Path(os.path.realpath(folder))
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise KnownError("{path} is there already. Name a new folder; nothing was written over.", path=folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=_aside(folder.name), dir=folder.parent))
    except OSError as error:
        raise KnownError(
            "Cannot write {path}: {reason}. Choose another folder.", path=folder, reason=error.strerror
        ) from error
    try:
        yield aside
        flush_folder(aside)
        if folder.is_dir():
            folder.rmdir()  # empty, as was seen above
        aside.rename(folder)
        flush_folder(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def unfinished(path: Path) -> set[Path]:
    """What lies beside ``path`` under a name that ``replacing`` or ``new_folder`` writes under until it is whole."""
    path = Path(os.path.realpath(path))
    folder = rf"{re.escape(_aside(path.name))}\w{{8}}"
    file = rf"{re.escape(_aside(path.stem))}\w{{8}}{re.escape(path.suffix)}"
    with contextlib.suppress(OSError):
        return {one for one in path.parent.iterdir() if re.fullmatch(f"{folder}|{file}", one.name)}
    return set()


def sweep(path: Path, before: Collection[Path]) -> None:
    """Take away what a writer of ``path`` left that was killed. before: what was ``unfinished`` when it began."""
    for one in unfinished(path).difference(before):
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)


def _aside(name: str) -> str:
    return f".{name[:40]}-"


def check_regular(path: Path) -> None:
    """Raises KnownError for a folder, a device or a pipe; a path where nothing lies yet is fine."""
    if path.is_dir():
        raise KnownError("{path} is a folder; give the name of a file.", path=path)
    if path.exists() and not path.is_file():
        raise KnownError("{path} is a device or a pipe; give the name of a file.", path=path)


def keep_apart(out: Path | None, inputs: Iterable[Path | None]) -> None:
    """Raises KnownError where a file to write is one of the files just read, or lies in one of the folders: it would
    be lost."""
    given = [one for one in inputs if one is not None]
    if out is not None and any(_same(out, one) or _inside(out, one) for one in given):
        raise KnownError("{path} is one of the files read here and would be lost; give another name.", path=out)


def _inside(one: Path, folder: Path) -> bool:
    return folder.is_dir() and Path(os.path.realpath(one)).is_relative_to(os.path.realpath(folder))


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other) or (
        one.exists() and other.exists() and one.samefile(other)  # hard links, and names that differ only in case
    )


def write_json(path: Path, data: Any) -> None:
    """Strict JSON (no NaN), UTF-8, atomically."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    with replacing(path) as aside:
        aside.write_text(text + "\n", encoding="utf-8")
