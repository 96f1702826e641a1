"""Bytes to text. Chinese Excel writes GBK, everybody else UTF-8: byte order mark, then strict UTF-8, then GB 18030.

UTF-8 is tried strictly first because its bytes often decode as GB 18030 too, silently and wrongly.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.errors import KnownError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_SHARE = 0.01  # NULs among the first characters above which a file is no text
LOOK = 4096  # characters looked at to tell a text from something else


@dataclass(frozen=True, slots=True)
class Decoded:
    """guessed: nothing in the bytes proves the encoding, so it should be shown beside a preview."""

    text: str
    encoding: str
    guessed: bool


def decode(data: bytes, file: str, encoding: str | None = None) -> Decoded:
    """Raises KnownError where no encoding fits, or the one asked for does not."""
    decoded = _as_asked(data, file, encoding) if encoding else _as_found(data, file)
    check_text(decoded.text[:LOOK], file)
    return decoded


def check_text(head: str, file: str) -> None:
    """Raises KnownError where the first characters are none of a text."""
    if head.count("\x00") > _BINARY_SHARE * len(head):
        raise KnownError("File {file} is not a text table. Expected CSV, Excel, ODS or JSON.", file=file)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text file, each decoded on its own by ``codec``. encoding: of the file; guessed: as in Decoded."""

    raw: list[bytes]
    codec: str
    encoding: str
    guessed: bool

    def texts(self) -> Iterator[tuple[int, str, int]]:
        """Row from 1, text, and the byte from 1 that is not of the encoding (0: none; else the text is escaped)."""
        for row, line in enumerate(self.raw, start=1):
            try:
                yield row, line.decode(self.codec), 0
            except UnicodeDecodeError as error:
                yield row, line.decode("ascii", "backslashreplace"), error.start + 1


def split_lines(data: bytes, file: str, encoding: str | None = None) -> Lines:
    """As ``decode``, but a few broken lines do not cost the others: most lines decide, and these are told of alone.

    Raises KnownError as ``decode`` does.
    """
    codec = encoding or "utf-8"
    if _ends_lines_in_one_byte(codec):
        lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
        foreign = [line for line in lines if not line.isascii()]
        broken = sum(_strictly(line, codec) is None for line in foreign)
        marked = not encoding and data.startswith(codecs.BOM_UTF8)
        if marked or 2 * broken < max(len(foreign), 1):
            return Lines(lines, codec, codecs.lookup(codec).name, guessed=False)
    found = decode(data, file, encoding)
    return Lines([line.encode() for line in found.text.split("\n")], "utf-8", found.encoding, found.guessed)


def _ends_lines_in_one_byte(codec: str) -> bool:
    """Can a file be cut into lines before it is decoded? Not in UTF-16, nor where the codec is none of text."""
    try:
        return b"\n".decode(codec) == "\n"
    except (LookupError, ValueError):
        return False


def _as_asked(data: bytes, file: str, encoding: str) -> Decoded:
    mark, name = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", ""))
    try:
        wanted = codecs.lookup(encoding).name
        if name and wanted.replace("-", "").startswith(name.replace("-", "")[:5]):
            data = data[len(mark) :]
        return Decoded(data.decode(encoding), wanted, guessed=False)
    except (LookupError, ValueError) as error:
        raise KnownError(
            "File {file} cannot be read as {encoding}. Try utf-8, gb18030 or big5.", file=file, encoding=encoding
        ) from error


def _as_found(data: bytes, file: str) -> Decoded:
    for mark, name in MARKS:
        if data.startswith(mark) and (text := _strictly(data[len(mark) :], name)) is not None:
            return Decoded(text, name, guessed=False)
    if (text := _strictly(data, "utf-8")) is not None:
        return Decoded(text, "utf-8", guessed=False)
    if (text := _strictly(data, "gb18030")) is not None:
        return Decoded(text, "gb18030", guessed=True)
    raise KnownError(
        "File {file} is neither UTF-8 nor GB 18030 text. Give its encoding, for example big5 or shift_jis.", file=file
    )


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
