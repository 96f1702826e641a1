"""A text file read block by block: its encoding decided on a first pass, its lines at hand without all of its text.

Blocks end where lines end, so each is decoded alone. That is right for encodings in which the byte of a line end is
nothing else; a file in another (UTF-16) is decoded whole and kept as UTF-8.
"""

from __future__ import annotations

import bisect
import codecs
import io
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, overload

from app.domain.errors import KnownError
from app.importing.encoding import LOOK, MARKS, Decoded, check_text, decode

_BLOCK = 1 << 18  # bytes
_CUT_AT_LINES = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "ascii", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp950", "shift_jis", "cp932"),
        *("euc_jp", "euc_kr", "cp949", "latin-1", "cp1252"),
    )
)


class _Block(NamedTuple):
    offset: int  # bytes
    size: int  # bytes
    line: int  # of the file, from 0, its first


@dataclass(frozen=True, slots=True)
class TextFile:
    """encoding, guessed: as in ``Decoded``. ``lines`` ends a line at LF, CR or both; ``rows`` at LF alone."""

    file: str
    encoding: str
    guessed: bool
    lines: Lines

    def rows(self) -> Iterator[str]:
        """Lines as JSON lines are cut: at LF alone, without it."""
        rest = ""
        for text in self.lines.texts():
            *whole, rest = (rest + text).split("\n")
            yield from whole
        yield rest

    def read(self) -> str:
        """The whole text."""
        return "".join(self.lines.texts())


def open_text(path: Path, encoding: str | None = None, between: Callable[[], None] = lambda: None) -> TextFile:
    """encoding: None tries byte order mark, UTF-8, GB 18030. between: called after every block; may raise to stop.

    Raises KnownError as ``encoding.decode`` does.
    """
    for codec, skip, guessed in _candidates(path, encoding):
        if (lines := _scan(path, codec, skip, between)) is not None:
            check_text(lines.head(LOOK), path.name)
            return TextFile(path.name, codecs.lookup(codec).name, guessed, lines)
    decoded = decode(path.read_bytes(), path.name, encoding)
    return TextFile(path.name, decoded.encoding, decoded.guessed, _kept(decoded))


def _candidates(path: Path, encoding: str | None) -> Iterator[tuple[str, int, bool]]:
    """(codec, bytes of the mark, is it a guess) of the encodings that can be read in blocks."""
    with path.open("rb") as stream:
        head = stream.read(4)
    mark, name = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", ""))
    if encoding is None:
        if name == "utf-8":
            yield "utf-8", len(mark), False
        if name in ("", "utf-8"):
            yield "utf-8", 0, False
            yield "gb18030", 0, True
        return
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        return
    if codec in _CUT_AT_LINES:
        yield codec, len(mark) if name == codec == "utf-8" else 0, False


def _scan(path: Path, codec: str, skip: int, between: Callable[[], None]) -> Lines | None:
    """None where the file is not of that encoding."""
    blocks: list[_Block] = []
    offset, line = skip, 0
    with path.open("rb") as stream:
        stamp = _stamp(stream)
        stream.seek(skip)
        while data := _block(stream):
            try:
                data.decode(codec)
            except UnicodeDecodeError:
                return None
            blocks.append(_Block(offset, len(data), line))
            offset += len(data)
            line += _count(data)
            between()
    return Lines(path, codec, stamp, blocks, line)


def _block(stream: IO[bytes]) -> bytes:
    """The next lines of the file, about ``_BLOCK`` bytes; b"" at its end."""
    parts: list[bytes] = []
    while part := stream.read(_BLOCK):
        parts.append(part)
        # a CR that is the last byte may have its LF in the next part
        end = part.rfind(b"\n") + 1 or part.rfind(b"\r", 0, len(part) - 1) + 1
        if end and len(part) == _BLOCK:
            stream.seek(end - len(part), io.SEEK_CUR)
            parts[-1] = part[:end]
            break
    return b"".join(parts)


def _count(data: bytes) -> int:
    ends = data.count(b"\n")
    if b"\r" in data:
        ends += data.count(b"\r") - data.count(b"\r\n")
    return ends + (not data.endswith((b"\n", b"\r")))


def _stamp(stream: IO[bytes]) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns


def _kept(decoded: Decoded) -> Lines:
    data = decoded.text.encode("utf-8", "surrogatepass")
    blocks: list[_Block] = []
    offset = line = 0
    stream = io.BytesIO(data)
    while part := _block(stream):
        blocks.append(_Block(offset, len(part), line))
        offset += len(part)
        line += _count(part)
    return Lines(data, "utf-8", (0, 0), blocks, line)


class Lines(Sequence[str]):
    """Lines with LF at their ends (CR and CR LF become LF), numbered from 0; the block read last is kept."""

    def __init__(
        self, source: Path | bytes, codec: str, stamp: tuple[int, int], blocks: list[_Block], count: int
    ) -> None:
        self._source = source
        self._codec = codec
        self._stamp = stamp
        self._blocks = blocks
        self._count = count
        self._first, self._end = 0, 0
        self._at_hand: list[str] = []

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(self._count))]
        if not self._first <= at < self._end:
            if not 0 <= at < self._count:
                raise IndexError(at)
            self._take(bisect.bisect_right(self._blocks, at, key=lambda block: block.line) - 1)
        return self._at_hand[at - self._first]

    def __iter__(self) -> Iterator[str]:
        return self.after(0)

    def after(self, at: int) -> Iterator[str]:
        """The lines from number ``at`` on."""
        number = max(bisect.bisect_right(self._blocks, at, key=lambda block: block.line) - 1, 0)
        blocks = map(self._split, self._blocks[number:])
        skipped = at - self._blocks[number].line if self._blocks else 0
        return itertools.islice(itertools.chain.from_iterable(blocks), skipped, None)

    def texts(self) -> Iterator[str]:
        """The text block by block, line ends as they are in the file."""
        for block in self._blocks:
            yield self._text(block)

    def head(self, characters: int) -> str:
        """The text's beginning."""
        found = ""
        for text in self.texts():
            found += text
            if len(found) >= characters:
                break
        return found[:characters]

    def _take(self, number: int) -> None:
        block = self._blocks[number]
        self._at_hand = self._split(block)
        self._first, self._end = block.line, block.line + len(self._at_hand)

    def _split(self, block: _Block) -> list[str]:
        return io.StringIO(self._text(block), newline=None).readlines()

    def _text(self, block: _Block) -> str:
        if isinstance(self._source, bytes):
            return self._source[block.offset : block.offset + block.size].decode(self._codec, "surrogatepass")
        try:
            with self._source.open("rb") as stream:
                if _stamp(stream) == self._stamp:
                    stream.seek(block.offset)
                    return stream.read(block.size).decode(self._codec)
        except OSError as error:
            why = error.strerror or "?"
            raise KnownError("File {file} cannot be read: {why}.", file=str(self._source), why=why) from error
        raise KnownError(
            "File {file} was changed while it was read. Wait until it is written, then import it again.",
            file=self._source.name,
        )
