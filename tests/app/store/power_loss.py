"""A disk that can lose its power: what SQLite writes, and the states a cut may leave.

``Disk`` is an apsw VFS over the real file system that keeps a list of every write, cut and sync. ``states`` draws from
it what may lie on the platter after a loss of power: everything up to a file's last sync, and of what was written since
any choice of 512-byte sectors, in no order. A deletion may be undone until the next sync of any file, which takes the
folder along as journalling file systems do. ``acknowledge`` marks the moment a commit was reported done.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The file ends here from now on."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Delete:
    file: str


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    commits: int


Entry = Write | Cut | Delete | Sync | Acknowledged


@dataclass(slots=True)
class _File:
    """kept: what no loss of power takes; pending: what is not synced yet; going: deleted, but not for good."""

    kept: bytearray = field(default_factory=bytearray)
    pending: list[Write | Cut] = field(default_factory=list)
    going: bool = False


class Disk(apsw.VFS):
    """Files by name, without their folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.log: list[Entry] = []
        super().__init__(name, "")

    def acknowledge(self, commits: int) -> None:
        self.log.append(Acknowledged(commits))

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _Recorded(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.log.append(Delete(Path(filename).name))


class _Recorded(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._log = disk.log
        full = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(full).name if full else ""
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._log.append(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._log.append(Cut(self._name, newsize))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._log.append(Sync(self._name))


def states(log: Sequence[Entry], count: int, rng: random.Random) -> Iterator[tuple[int, int, Mapping[str, bytes]]]:
    """``count`` states, by the place in the log where the power goes: commits acknowledged by then, commits that may
    have been on their way, and the content of every file."""
    last = max(entry.commits for entry in log if isinstance(entry, Acknowledged))
    files: dict[str, _File] = {}
    acknowledged = place = 0
    for moment in sorted(rng.randrange(1, len(log) + 1) for _ in range(count)):
        for entry in log[place:moment]:
            if isinstance(entry, Acknowledged):
                acknowledged = entry.commits
            else:
                _take(files, entry)
        place = moment
        survival = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        found = {
            name: bytes(_after_loss(file, survival, rng))
            for name, file in files.items()
            if not (file.going and rng.random() < survival)
        }
        yield acknowledged, min(acknowledged + 1, last), found


def _take(files: dict[str, _File], entry: Write | Cut | Delete | Sync) -> None:
    file = files.setdefault(entry.file, _File())
    if isinstance(entry, Delete):
        file.going = True
    elif isinstance(entry, Sync):
        for name in [name for name, other in files.items() if other.going]:
            del files[name]
        for change in file.pending:
            _apply(file.kept, change)
        file.pending.clear()
    else:
        if file.going:  # made anew under the name of the one before
            file = files[entry.file] = _File()
        file.pending.append(entry)


def _after_loss(file: _File, survival: float, rng: random.Random) -> bytearray:
    content = bytearray(file.kept)
    for change in file.pending:
        if isinstance(change, Cut):
            if rng.random() < survival:
                _apply(content, change)
            continue
        start = change.offset
        end = start + len(change.data)
        while start < end:
            stop = min(end, (start // SECTOR + 1) * SECTOR)
            if rng.random() < survival:
                _apply(content, Write(change.file, start, change.data[start - change.offset : stop - change.offset]))
            start = stop
    return content


def _apply(content: bytearray, change: Write | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.size :]
        return
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data
