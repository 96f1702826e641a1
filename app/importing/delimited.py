"""CSV and its relatives: the separator is found by trying, a broken record is refused alone and the rest still read."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from app.domain.errors import KnownError
from app.i18n import t
from app.importing.limits import MAX_CELL_CHARACTERS
from app.importing.tables import Row, Table, clean_headers
from app.importing.text_file import Lines, TextFile

DELIMITERS = (",", "\t", ";", "|")
_LOOK_LINES = 40
_RESCANS = 20  # times the file may be read again, in all, to recover from open quotation marks


def read_delimited(text: TextFile, format_: str) -> Table:
    """Raises KnownError where there is no header."""
    file, lines = text.file, text.lines  # line ends inside quotation marks are kept
    delimiter = sniff(lines, prefer="\t" if format_ == "tsv" else ",")
    start, header = _header(lines, delimiter, file)
    headers, notes = clean_headers(header, file)

    def open_rows() -> Iterator[Row]:
        records = _records(lines, delimiter, width=len(header))
        return (row for row in records if row.number > start and (row.problem or not _is_empty(row)))

    return Table(
        file=file,
        headers=headers,
        open_rows=open_rows,
        format=format_,
        encoding=text.encoding,
        guessed=text.guessed,
        delimiter=delimiter,
        length=len(lines) - start,
        notes=notes,
    )


def sniff(lines: Sequence[str], prefer: str = ",") -> str:
    """The separator under which most of the first records have the same number (over one) of cells."""
    head = [line for line in lines[:_LOOK_LINES] if line.strip()]
    best, best_score = prefer, (0.0, 0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row.cells) for row in _records(head, delimiter) if not row.problem)
        if not widths:
            continue
        width, votes = max(widths.items(), key=lambda entry: (entry[1], entry[0]))
        if width > 1:
            score = (votes / widths.total(), int(delimiter == prefer), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _header(lines: Sequence[str], delimiter: str, file: str) -> tuple[int, list[str]]:
    for row in _records(lines, delimiter):
        if row.problem:
            raise KnownError(
                "File {file}, row {row}: the header {problem}.", file=file, row=row.number, problem=row.problem
            )
        if not _is_empty(row):
            return row.number, list(row.cells)
    raise KnownError("File {file} is empty.", file=file)


def _is_empty(row: Row) -> bool:
    return not "".join(row.cells).strip()


def _records(lines: Sequence[str], delimiter: str, width: int | None = None) -> Iterator[Row]:
    """Records numbered from 1 as a spreadsheet would; one with broken quotation marks comes with its problem.

    A stray quotation mark swallows the lines after it. A record over several lines that ends in an error, or with
    another number of cells than the header, is therefore refused as its first line alone, and reading goes on with
    the second.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS + 1)
    budget = _RESCANS * len(lines) + 1000
    number = begun = 0
    reader = csv.reader(_after(lines, begun), delimiter=delimiter, strict=True)
    while True:
        opened, problem, cells = begun + reader.line_num, "", []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = t("quotation marks are misplaced, or one is never closed ({why})", why=str(error))
        number += 1
        spanned = begun + reader.line_num - opened
        if spanned > 1 and (problem or (width is not None and len(cells) != width)):
            problem = problem or t("a quotation mark is opened here and closed {n} lines below", n=spanned - 1)
            budget -= spanned
            if budget < 0:
                yield Row(
                    number, [lines[opened].rstrip("\n")], t("too many open quotation marks: stopped reading here")
                )
                return
            begun = opened + 1
            reader = csv.reader(_after(lines, begun), delimiter=delimiter, strict=True)
        yield Row(number, [lines[opened].rstrip("\n")] if problem else cells, problem)


def _after(lines: Sequence[str], at: int) -> Iterator[str]:
    """The lines from number ``at`` on."""
    return lines.after(at) if isinstance(lines, Lines) else itertools.islice(lines, at, None)
