"""The text of a document: Word (.docx) in the order of its page, plain text and Markdown in their encoding.

Everything found later is told by its place in this text. Lines end in one line feed, cells of a table row are parted
by tabs, and nothing outside the document (pictures, linked files) is touched.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.importing.encoding import decode
from app.importing.limits import check_size, check_zip

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

MAX_CHARACTERS = 20_000_000
TEXT_SUFFIXES = (".txt", ".md", ".markdown", ".text")
WORD_SUFFIXES = (".docx",)
# what the readers of zip and of its parts raise on broken bytes
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, AttributeError, IndexError, TypeError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class Source:
    """kind: "docx" or "text"; encoding: of a text file, with ``guessed`` as in ``encoding.Decoded``."""

    file: str
    kind: str
    text: str
    encoding: str = ""
    guessed: bool = False


def is_free_text(path: Path) -> bool:
    """Is this a file that ``read_source`` reads, by its name?"""
    return path.suffix.lower() in (*TEXT_SUFFIXES, *WORD_SUFFIXES)


def read_source(path: Path, encoding: str | None = None) -> Source:
    """encoding: of a text file; None tries byte order mark, UTF-8, GB 18030. Raises KnownError with what to do."""
    path = Path(path)
    check_size(path)
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise KnownError("File {file} is an old Word document: save it as .docx and import that.", file=path.name)
    if head.startswith(b"PK"):
        source = Source(path.name, "docx", "\n".join(_word_lines(path)))
    else:
        decoded = decode(path.read_bytes(), path.name, encoding)
        text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")
        source = Source(path.name, "text", text, decoded.encoding, decoded.guessed)
    if len(source.text) > MAX_CHARACTERS:
        raise KnownError(
            "File {file} holds more than {n} million characters: split it and import the parts.",
            file=path.name,
            n=MAX_CHARACTERS // 10**6,
        )
    if not source.text.strip():
        raise KnownError("File {file} holds no text.", file=path.name)
    return source


def _word_lines(path: Path) -> list[str]:
    """Paragraphs and table rows of the body in document order."""
    check_zip(path)
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        with zipfile.ZipFile(path) as archive:
            if "word/document.xml" not in archive.namelist():
                raise KnownError("File {file} is no Word document: save it as .docx and import that.", file=path.name)
        return list(_lines(docx.Document(str(path))))
    except (OpcError, LxmlError, *_BROKEN) as error:
        raise KnownError(
            "Word document {file} is damaged ({why}): open it in Word and save it again.",
            file=path.name,
            why=str(error)[:120],
        ) from error


def _lines(holder: Document | _Cell) -> Iterator[str]:
    from docx.table import Table

    for block in holder.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
        else:
            yield from _written(block._p).split("\n")


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        seen: list[Any] = []
        for cell in row.cells:
            if any(cell._tc is other for other in seen):  # a merged cell is listed once for each column it spans
                continue
            seen.append(cell._tc)
            cells.append(" ".join(line for line in _lines(cell) if line.strip()))
        yield "\t".join(cells)


def _written(paragraph: Any) -> str:
    """The words of a paragraph, inserted ones of tracked changes with them, deleted ones without."""
    parts: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{_WORD}t":
            word = node.text or ""
        elif node.tag in _BREAKS and node.getparent() is not None and node.getparent().tag == f"{_WORD}r":
            word = _BREAKS[node.tag]
        else:
            continue
        if not any(above.tag in (f"{_WORD}del", _FALLBACK) for above in node.iterancestors()):
            parts.append(word)
    return "".join(parts)
